"""Mutants of the engine: one operator, function or number of the cells' equations changed at a time."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Iterator

from lstm_ascii.cells import Cell

EQUATIONS = {"forward", "backward", "_factors", "_written_factors", "_squashing", "_slope"}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.MatMult: None, ast.Div: ast.Mult}
FUNCTIONS = {"tanh": "sin", "multiply": "add", "add": "subtract", "subtract": "add", "maximum": "minimum"}


def mutants(made: type[Cell]) -> Iterator[tuple[str, type[Cell]]]:
    """Yield every mutant of a cell's class, with what was changed and in which line of its module."""
    module = sys.modules[made.__module__]
    tree = ast.parse(inspect.getsource(module))
    inside = _equations(tree)
    spots = [k for k, node in enumerate(ast.walk(tree)) if id(node) in inside and _mutate(copy.deepcopy(node))]
    for spot in spots:
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed))[spot]
        label = _mutate(node)
        namespace = {"__name__": made.__module__}
        exec(compile(ast.fix_missing_locations(changed), made.__name__, "exec"), namespace)  # noqa: S102 - our own module
        yield f"line {getattr(node, 'lineno', 0)}: {label}", namespace[made.__name__]  # type: ignore[misc]


def _equations(tree: ast.Module) -> set[int]:
    """Return the identities of all nodes that belong to an equation, and not to an index or a shape."""
    methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in EQUATIONS]
    parts = [part for method in methods for part in ast.walk(method)]
    indices = [index.slice for index in parts if isinstance(index, ast.Subscript)]
    return {id(part) for part in parts} - {id(part) for index in indices for part in ast.walk(index)}


def _mutate(node: ast.AST) -> str:
    """Change ``node`` in place and say how; nothing where there is nothing to change."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and OPERATORS.get(type(node.op)):
        before, node.op = type(node.op).__name__, OPERATORS[type(node.op)]()  # type: ignore[misc]
        return f"{before} becomes {type(node.op).__name__}"
    if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
        before, node.attr = node.attr, FUNCTIONS[node.attr]
        return f"{before} becomes {node.attr}"
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        node.value += 0.25
        return f"{node.value - 0.25} becomes {node.value}"
    return ""
