"""The notebook of the guide: its page is its source. ``python -m tests.notebook`` writes it anew."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.readme import GUIDE, text_of

PAGE, NOTEBOOK = GUIDE / "notebook.md", GUIDE / "notebook.ipynb"
CODE = re.compile(r"```python\n(.*?)```\n?", re.DOTALL)


def cells(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the source of each cell of a page: ``markdown`` or ``code``."""
    for place, part in enumerate(CODE.split(text)):
        if part.strip():
            yield "code" if place % 2 else "markdown", part.strip()


def notebook(text: str) -> str:
    """Return a page as a notebook, without outputs."""
    made = []
    for number, (kind, source) in enumerate(cells(text)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell |= {"execution_count": None, "outputs": []} if kind == "code" else {}
        made.append(cell | {"source": source.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    ) + "\n"  # fmt: skip


def shown(text: str) -> Iterator[Any]:
    """Run the cells as a kernel does, and yield the value with which each of them ends, if it has one."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for kind, source in cells(text):
        if kind != "code":
            continue
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, PAGE.name, "exec"), names)  # noqa: S102  # a page of the project's own
        if isinstance(last, ast.Expr):
            yield eval(compile(ast.Expression(last.value), PAGE.name, "eval"), names)  # noqa: S307


if __name__ == "__main__":
    NOTEBOOK.write_text(notebook(text_of(PAGE)), encoding="utf-8")
