"""The head of a network in a file of bare tensors, and what must be assumed about it.

A graph says all of it. Bare tensors say shapes only: a chain of dense layers is followed by sizes and prefixes, but the
functions between them, and what is done with the steps, are the reader's to say (``--head last,relu,sigmoid``); what is
assumed in their place is named wherever the answer is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from lstm_ascii.answer import LINEAR, POOLINGS, Answer, Dense, Squash
from lstm_ascii.cells import Array
from lstm_ascii.cells.activations import ActivationError
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Head, Hints, Stack, in_double
from lstm_ascii.errors import FileError, ShapeError, UsageError, argument
from lstm_ascii.records import dataclass

MOST_LAYERS = 16  # dense layers one above the other
MOST_NAMED = 4
HIDDEN = "relu"  # assumed of a layer that has another above it


@dataclass(frozen=True, eq=False)
class Link:
    """A matrix that may be a dense layer: it makes ``rows`` numbers of ``width``."""

    name: str
    rows: int
    width: int
    bias: str
    load: Callable[[], Array]

    def __str__(self) -> str:
        """Name it with its shape."""
        return f"{shown(self.name)} ({self.rows}, {self.width})"


def followed(
    contents: FileContents, stack: Stack, links: Sequence[Link], hints: Hints
) -> tuple[Head | None, tuple[str, ...]]:
    """Return the chain of dense layers behind a stack of a file of bare tensors, and what to say of it.

    Args:
        contents: of the file.
        stack: whose outputs the first of them reads.
        links: the matrices that may belong to it, embeddings and other networks' left out.
        hints: what the reader says by hand.

    Raises:
        FileError: there is no such matrix as the reader names.
        UsageError: the reader says another number of functions than there are layers, or one that is not known.
    """
    start = hints.roles.get("head")
    paths = [path for path in _paths(links, stack.output_size) if start in (None, path[0].name)]
    if not paths:
        if start is not None:
            fitting = ", ".join(str(link) for link in links if link.width == stack.output_size) or "none"
            asked = f"{argument('roles')} head={shown(start)}"
            raise FileError(f"{contents.path}: {asked}: no matrix reads the layers' outputs so; there is {fitting}")
        _refuse_functions(contents, hints)
        return None, ()
    longest = [path for path in paths if len(path) == max(map(len, paths))]
    ordered = [path for path in longest if [_natural(link.name) for link in path] == sorted(
        _natural(link.name) for link in path)]  # fmt: skip
    best = ordered if len(ordered) == 1 else longest
    if len(best) > 1:
        _refuse_functions(contents, hints)
        names = ", ".join(dict.fromkeys(str(path[0]) for path in best[:MOST_NAMED]))
        return None, (f"no answer: {names} could each read the outputs; --map head=NAME says which",)
    return _built(contents, stack, best[0], hints)


def _paths(links: Sequence[Link], width: int) -> Iterator[tuple[Link, ...]]:
    """Yield the chains that begin with a width, each to its end: a layer's rows are the next one's columns."""
    waiting: list[tuple[Link, ...]] = [(link,) for link in links if link.width == width]
    for path in waiting:  # which grows
        longer = [(*path, link) for link in links if link.width == path[-1].rows and link not in path]
        if not longer or len(path) == MOST_LAYERS or len(waiting) > MOST_LAYERS**2:
            yield path
        else:
            waiting.extend(longer)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts ``fc2`` before ``fc10``."""
    return [(int(digits or 0), text) for text, digits in re.findall(r"(\D*)(\d*)", name)][:-1]


def _built(
    contents: FileContents, stack: Stack, path: Sequence[Link], hints: Hints
) -> tuple[Head | None, tuple[str, ...]]:
    """Return the head of a chain that was found."""
    names = [(link.name, link.bias) for link in path]
    pooling, squashes, assumed = _said(stack, path, hints)
    layers = []
    for link, (_, bias), squash in zip(path, names, squashes, strict=True):
        weight = in_double(link.load())
        values = np.zeros(link.rows) if not bias else in_double(contents.tensors[bias]).reshape(-1)
        layers.append(Dense(weight, values, squash))
    chain = ", then ".join(map(str, path))
    answer = Answer(pooling, tuple(layers), split=split_of(stack), assumed=assumed)
    notes = [f"{chain} taken for the answer, by sizes and names"] if len(path) > 1 or assumed else []
    return Head(answer, tuple(names)), (*notes, *assumed)


def _said(stack: Stack, path: Sequence[Link], hints: Hints) -> tuple[str, list[Squash], tuple[str, ...]]:
    """Return what is done with the steps, the functions of the layers, and what was assumed of both."""
    given = list(hints.head)
    pooling = given.pop(0) if given and given[0] in POOLINGS else ""
    if given and len(given) != len(path):
        layers = f"{len(path)} function{'s' * (len(path) > 1)}, one for each of {', '.join(map(str, path))}"
        raise UsageError(f"expected {layers}; got {len(given)}", "head")
    squashes = _squashes(given or [HIDDEN] * (len(path) - 1) + ["none"])
    assumed = []
    if not given:
        between = f"{HIDDEN} between the dense layers, and " if len(path) > 1 else ""
        assumed.append(f"{between}no function after the last, as the file doesn't say")
    if not pooling:
        both = len(stack.layers[-1]) > 1
        assumed.append(f"it reads the last output{' of each direction' if both else ''}, as the file doesn't say")
    pooling = pooling or own_ends(stack)
    last = "softmax" if path[-1].rows > 1 else "sigmoid"
    example = ",".join([pooling, *(given or [*[HIDDEN] * (len(path) - 1), last])])
    text = f"assumed of the answer: {'; '.join(assumed)}; set it with --head, for example --head {example}"
    return pooling, squashes, (text,) if assumed else ()


def own_ends(stack: Stack) -> str:
    """Return the pooling that takes the output of the last layer after the step that each direction reads last."""
    backward = [way.direction.backward for way in stack.layers[-1]]
    return "ends" if len(backward) > 1 else "first" if backward[0] else "last"


def split_of(stack: Stack) -> int:
    """Return where the outputs of the last layer's second direction begin; 0 where it has one."""
    ways = stack.layers[-1]
    return ways[0].direction.cell.output_size if len(ways) > 1 else 0


def ended(head: Head | None, functions: Sequence[str]) -> Head | None:
    """Return the head of a graph with the function behind it that the reader says and the file leaves out.

    Networks are often stored without the softmax or the sigmoid that their loss applied.

    Raises:
        UsageError: the file says it itself, or there is no such function.
    """
    if not functions:
        return head
    if head is None or len(functions) > 1 or functions[0] in POOLINGS:
        raise UsageError("the file says itself what its layers do; give only a function after the last one", "head")
    *below, last = head.answer.layers
    if last.squash.name != LINEAR:
        raise UsageError(f"the file already applies {last.squash} to its answer; leave it out", "head")
    layers = (*below, replace(last, squash=_squashes(functions)[0]))
    return replace(head, answer=replace(head.answer, layers=layers))


def _squashes(names: Sequence[str]) -> list[Squash]:
    """Return functions by name."""
    try:
        return [Squash.named(name) for name in names]
    except ActivationError as error:
        raise UsageError(error.message.removeprefix("activation: "), "head") from error


def _refuse_functions(contents: FileContents, hints: Hints) -> None:
    """Refuse functions of dense layers that were not found."""
    if hints.head:
        raise UsageError(f"{contents.path} has no dense layers behind the recurrent ones; leave it out", "head")


def named(head: Head, labels: Sequence[str]) -> Head:
    """Return a head whose outputs are called so.

    Raises:
        UsageError: there is another number of them.
    """
    try:
        return replace(head, answer=replace(head.answer, labels=tuple(labels)))
    except ShapeError as error:
        may_be_binary = head.answer.outputs == 1 and len(labels) == 2 and head.answer.squash.name == LINEAR
        said = "last,sigmoid" if head.answer.assumed else "sigmoid"
        more = f"; with {argument('head', said)} one output tells two classes apart" if may_be_binary else ""
        raise UsageError(f"{error.message}{more}", "labels") from error
