"""Whether two values of an ONNX graph are computed in the same way, such as the states of two unrolled steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lstm_ascii.checkpoints.formats.onnx_cells import NotPlainError
from lstm_ascii.checkpoints.formats.onnx_constants import Node
from lstm_ascii.checkpoints.formats.onnx_dependencies import Operations


def matched(
    operations: Operations, own: tuple[str, str], other: tuple[str, str], borders: Collection[str]
) -> dict[str, str]:
    """Walk back through two steps in parallel, and return the value of the other step for each value of this one.

    Args:
        operations: of the graph.
        own: the state before and after one step.
        other: the same of the other step.
        borders: values of the one step at which the walk ends, beside the state before it.

    Raises:
        NotPlainError: the steps differ.
    """
    found: dict[str, str] = {}
    waiting = [(own[1], other[1])]
    while waiting:
        one, two = waiting.pop()
        if not operations.same(found.setdefault(one, two), two):
            raise NotPlainError
        if one == own[0]:
            if not operations.same(operations.root(two), operations.root(other[0])):
                raise NotPlainError
            continue
        if one in borders:
            continue
        below = made_of(operations, one, two)
        waiting += [(name, value) for name, value in below if found.get(name) != value]
    return found


def made_of(operations: Operations, one: str, two: str) -> list[tuple[str, str]]:
    """Return the inputs that two values are computed from, in pairs, without constants.

    Raises:
        NotPlainError: they are not computed in the same way.
    """
    first, second = operations.maker(one), operations.maker(two)
    if first is None or second is None or not _do_the_same(first, second):
        raise NotPlainError
    if first.outputs.index(one) != second.outputs.index(two):
        raise NotPlainError
    pairs = []
    for name, value in zip(first.inputs, second.inputs, strict=True):
        if name and not operations.constant(name):
            pairs.append((name, value))
        elif not operations.same(name, value):
            raise NotPlainError
    return pairs


def _do_the_same(one: Node, other: Node) -> bool:
    """Tell whether two operations compute the same of their inputs."""
    settings = [{key: str(value) for key, value in node.attributes.items()} for node in (one, other)]
    return (
        one.kind == other.kind
        and len(one.inputs) == len(other.inputs)
        and len(one.outputs) == len(other.outputs)
        and settings[0] == settings[1]
    )


def made_alike(operations: Operations, like: str, after: str) -> Iterator[str]:
    """Yield the values that are computed by an operation like that of ``like``, and depend on ``after``."""
    first, start = operations.maker(like), operations.makers.get(after)
    if first is None or start is None:
        return
    output = first.outputs.index(like)
    for node in operations.nodes[start + 1 :]:
        if _do_the_same(first, node) and operations.depends(node.outputs[0], start):
            yield node.outputs[output]
