"""Labelled rows from a file, one at a time: sentences or series with the right answer, in a table or as arrays."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from lstm_ascii.answer import VALUES, Answer
from lstm_ascii.cells import Array
from lstm_ascii.errors import FileError, LstmAsciiError, UsageError, argument
from lstm_ascii.language.text import visible
from lstm_ascii.network import Network
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.accuracy.truths import Truth, Truths, quoted
from lstm_ascii.reports.material import Material
from lstm_ascii.reports.scored.lines import Line, Refuse, Unreadable, file_name, lines_of, opened

TEXTS = ("text", "sentence", "review", "words", "tokens", "content", "comment", "tweet", "premise")
FILES = ("file", "path", "input", "filename")
RIGHT = ("label", "labels", "class", "y", "target", "sentiment", "tag", "tags", "category", "value", "right")
INPUT_ARRAYS, RIGHT_ARRAYS = ("X", "x", "inputs", "input", "ids", "data"), ("y", "Y", "labels", "label", "targets")
MOST_STEPS = 100_000
HOW = f"name the two columns with {argument('columns', 'TEXT,LABEL')}"


@dataclass(frozen=True, eq=False)
class Row:
    """A labelled sentence or series, as the network reads it.

    Attributes:
        line: its number in the file, from 1; of arrays the row's.
        truth: what is right.
        material: what is read.
        ids: the rows of the embedding; empty of vectors.
        known: whether all its words are in the vocabulary.
        told: the sentence, or a name for the series.
        opened_by: what ``explain`` takes to read the same.
    """

    line: int
    truth: Truth
    material: Material
    ids: tuple[int, ...]
    known: bool
    told: str
    opened_by: tuple[str, ...]

    def __len__(self) -> int:
        """Return the steps that are read."""
        return len(self.material.words)


@dataclass(frozen=True)
class _Layout:
    """Where a table has what: the places of its columns, and what the first of them holds."""

    what: str  # text, file, numbers
    given: tuple[int, ...]
    right: int
    width: int
    tabs: bool


class LabelledFile:
    """A file of labelled rows that is read once, from its start to its end.

    Attributes:
        name: of the file, safe to print.
        layout: how it is laid out, once reading has begun.
    """

    def __init__(self, path: str, network: Network, columns: str, refuse: Refuse, watch: Watch | None = None) -> None:
        """Take what to read, and for which network.

        Args:
            path: a table in UTF-8 with tabs or commas, or an ``.npz`` file; ``-`` is standard input.
            network: with a head.
            columns: the names or numbers from 1 of the columns with the text and the label, with a comma.
            refuse: called with every row that can't be read.
            watch: called now and then with the name of the work and the share that is done, from 0 to 1.
        """
        if network.head is None:
            raise ValueError("the network has no answer beside next words")
        self.name, self.layout = file_name(path), ""
        self._path, self._network, self._truths = path, network, Truths(network.head)
        self._columns, self._watch = tuple(part.strip() for part in columns.split(",")) if columns else (), watch
        self._refuse, self._first_fault = refuse, ""

    def __iter__(self) -> Iterator[Row]:
        """Yield its rows.

        Raises:
            LstmAsciiError: the file can't be read, or no row of it.
        """
        found = False
        for row in self._of_arrays() if self._path.lower().endswith(".npz") else self._of_table():
            found = True
            yield row
        if not found:
            fault = f"{self._first_fault}{_if_classes(self._network.head)}" if self._first_fault else ""
            raise LstmAsciiError(fault or f"{self.name}: no rows; expected a text and a label in each")

    def _of_table(self) -> Iterator[Row]:
        """Yield the rows of a table."""
        with opened(self._path, "rows") as file:
            lines, layout = lines_of(file, self.name, self._watch, of="rows"), None
            for line in lines:
                if line.fault:
                    self._tell(line.number, line.fault)
                    continue
                layout, header = self._layout_of(line)
                for one in chain(() if header else (line,), lines):
                    yield from self._row(layout, one)

    def _row(self, layout: _Layout, line: Line) -> Iterator[Row]:
        """Yield a line's row, if it can be read."""
        try:
            if line.fault:
                raise line.fault
            cells = _cells(line.text, layout.tabs)
            if len(cells) != layout.width:
                raise Unreadable(f"expected {layout.width} columns", str(len(cells)))
            yield self._read(layout, line.number, [cells[place] for place in layout.given], cells[layout.right])
        except Unreadable as fault:
            self._tell(line.number, fault)

    def _read(self, layout: _Layout, number: int, given: Sequence[str], right: str) -> Row:
        """Return what the cells of a line say."""
        if layout.what == "text":
            text = given[0].strip()
            return self._sentence(number, text, lambda steps: self._truths.read(right, steps))
        if layout.what == "file":
            path = Path(self._path).parent / given[0].strip() if self._path != "-" else Path(given[0].strip())
            return self._series(number, _series_of(path, self._network), right, str(path), ("--input", str(path)))
        width = self._network.embedding.shape[1]
        try:
            values = np.array([float(cell) for cell in given]).reshape(-1, width)
        except ValueError as error:
            raise Unreadable(f"expected numbers, {width} a step, ahead of the right answer") from error
        if not np.isfinite(values).all():
            raise Unreadable("expected finite numbers")
        told = f"{len(values):,} steps"
        return self._series(number, Material(_names(len(values)), values[:, None]), right, told, ())

    def _sentence(self, number: int, text: str, truth: Callable[[int], Truth]) -> Row:
        """Read a sentence in the words of the network."""
        vocabulary = self._network.vocabulary
        try:
            material = Material(tuple(vocabulary.words_of(text)))
        except UsageError as error:
            raise Unreadable("expected a sentence of at least one word", "none") from error
        strange = next((word for word in material.words if not vocabulary.can_read(word)), None)
        if strange is not None:
            raise Unreadable("expected words of the vocabulary, which has no entry for others", quoted(strange))
        right, read = truth(len(material.words)), _without_padding(material, self._network)
        readings = vocabulary.read_sentence(read.words)
        if len(material.words) != len(read.words) and len(right) == len(material.words) > 1:
            raise Unreadable("expected no padding in a sentence with a tag a word")
        shown = f" {text}" if text.startswith("-") else text
        return Row(number, right, read, tuple(one.index for one in readings), all(one.known for one in readings),
                   visible(text), (shown,))  # fmt: skip

    def _series(self, number: int, material: Material, right: str, told: str, opened_by: tuple[str, ...]) -> Row:
        """Read a series."""
        truth = self._truths.read(right, len(material.words))
        return self._row_of(number, material, truth, told, opened_by)

    def _row_of(self, number: int, material: Material, truth: Truth, told: str, opened_by: tuple[str, ...]) -> Row:
        """Return the row of vectors, or of words that an array names."""
        if not 1 <= len(material.words) <= MOST_STEPS:
            raise Unreadable(f"expected 1 to {MOST_STEPS:,} steps", f"{len(material.words):,}")
        read = _without_padding(material, self._network)
        ids = () if read.vectors is not None else tuple(self._network.vocabulary.ids(read.words))
        return Row(number, truth, read, ids, True, visible(told), opened_by)

    def _layout_of(self, line: Line) -> tuple[_Layout, bool]:
        """Tell what the columns are, and whether the first line is their header."""
        tabs = "\t" in line.text
        cells = [cell.strip() for cell in _cells(line.text, tabs)]
        small = [cell.casefold() for cell in cells]
        if self._columns:
            return self._chosen(cells, tabs)
        right = next((place for place, cell in enumerate(small) if cell in RIGHT), None)
        for what, names in (("text", TEXTS), ("file", FILES)):
            given = next((place for place, cell in enumerate(small) if cell in names), None)
            if given is not None and right is not None:
                return self._named(_Layout(what, (given,), right, len(cells), tabs)), True
        vectors = not self._network.has_embedding
        if vectors and right is not None:
            others = tuple(place for place in range(len(cells)) if place != right)
            return self._named(_Layout("numbers", others, right, len(cells), tabs)), True
        if vectors and len(cells) > 1 and all(map(_is_number, cells[:-1])):
            last = len(cells) - 1
            return self._named(_Layout("numbers", tuple(range(last)), last, len(cells), tabs)), False
        if len(cells) == 2:
            given = next((place for place in (0, 1) if self._can_be_right(cells[1 - place], cells[place])), None)
            if given is not None:
                what = "file" if vectors else "text"
                return self._named(_Layout(what, (given,), 1 - given, 2, tabs)), False
        raise UsageError(f"{self.name}: can't tell the text from the label in line {line.number}; {HOW}", "columns")

    def _chosen(self, cells: Sequence[str], tabs: bool) -> tuple[_Layout, bool]:
        """Take the columns that the reader names."""
        if len(self._columns) != 2:
            raise UsageError("expected two columns, the text and the label, with a comma", "columns")
        places = []
        for name in self._columns:
            if name in cells:
                places.append(cells.index(name))
            elif name.isascii() and name.isdigit() and 0 < int(name[:9]) <= len(cells):
                places.append(int(name[:9]) - 1)
            else:
                there = visible(", ".join(cells[:6]))
                raise UsageError(f"{self.name} has no column {quoted(name)}; its first line has {there}", "columns")
        given, right = places
        header = any(name in cells for name in self._columns) or not self._can_be_right(cells[right], cells[given])
        what = "text" if self._network.has_embedding else "file"
        return self._named(_Layout(what, (given,), right, len(cells), tabs)), header

    def _can_be_right(self, cell: str, given: str) -> bool:
        """Tell whether a cell can be what is right of another."""
        try:
            self._truths.read(cell, len(self._network.vocabulary.words_of(given)) if self._network.has_embedding else 1)
        except (Unreadable, UsageError):
            return False
        return True

    def _named(self, layout: _Layout) -> _Layout:
        """Refuse sentences where only vectors are read, and note what the table is."""
        if layout.what == "text" and not self._network.has_embedding:
            raise UsageError(f"{self.name}: the network reads vectors, no sentences; give files or numbers", "model")
        kinds = {"text": "sentences", "file": "series in files of their own", "numbers": "series, a row each"}
        self.layout = kinds[layout.what]
        return layout

    def _of_arrays(self) -> Iterator[Row]:
        """Yield the rows of an ``.npz`` file with inputs and what is right."""
        inputs, right = _arrays(Path(self._path), self.name)
        self.layout = f"arrays of {len(inputs):,} rows"
        width, words = self._network.embedding.shape[1], self._network.vocabulary.words
        for place in range(len(inputs)):
            if self._watch and place % 256 == 0:
                self._watch(f"reading {self.name}", place / len(inputs))
            number, one = place + 1, np.asarray(inputs[place])
            try:
                truth = self._truths.of(np.ravel(right[place]).tolist(), len(one))
                if one.ndim == 1 and one.dtype.kind in "iu" and self._network.has_embedding:
                    if len(one) and not (int(one.min()) >= 0 and int(one.max()) < len(words)):
                        raise Unreadable(f"expected indices from 0 to {len(words) - 1}")
                    material = Material(tuple(words[index] for index in one.tolist()))
                else:
                    vectors = one.reshape(-1, width) if one.ndim == 1 and width == 1 else one
                    if vectors.ndim != 2 or vectors.shape[1] != width:
                        raise Unreadable(f"expected rows of shape (T, {width})", f"{one.shape}")
                    vectors = vectors.astype(np.float64)
                    if not np.isfinite(vectors).all():
                        raise Unreadable("expected finite numbers")
                    material = Material(_names(len(vectors)), vectors[:, None])
                yield self._row_of(number, material, truth, f"row {number:,}", ("--input", f"{self._path}#{number}"))
            except Unreadable as fault:
                self._tell(number, fault)

    def _tell(self, number: int, fault: Unreadable) -> None:
        self._first_fault = self._first_fault or f"{self.name}, line {number}: {fault}"
        self._refuse(number, fault)


def _cells(text: str, tabs: bool) -> list[str]:
    """Split a line; with commas as a table's program writes it, in quotes."""
    if tabs:
        return text.split("\t")
    try:
        return next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration) as error:
        raise Unreadable("expected cells with commas, whose quotes end in their line") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _names(steps: int) -> tuple[str, ...]:
    return tuple(f"x{step}" for step in range(1, steps + 1))


def _if_classes(answer: Answer | None) -> str:
    """Return how values are told to be of classes: many networks are stored without their softmax or sigmoid."""
    if answer is None or answer.kind != VALUES:
        return ""
    function = "softmax" if answer.outputs > 1 else "sigmoid"
    return f"; if the network's answer is of classes, {argument('head')} {function} says so"


def _without_padding(material: Material, network: Network) -> Material:
    """Leave out what the network skips."""
    try:
        return material.without_padding(network)
    except UsageError as error:
        raise Unreadable(str(error)) from error


def _series_of(path: Path, network: Network) -> Material:
    """Read a file that a row names."""
    from lstm_ascii.checkpoints.input_files import read_input

    try:
        given = read_input(path, network)
    except FileError as error:
        raise Unreadable("expected a file with a series that the network reads", visible(str(error))) from error
    return Material(given.words, given.vectors)


def _arrays(path: Path, name: str) -> tuple[Array, Array]:
    """Return the inputs and what is right, of an ``.npz`` file."""
    from lstm_ascii.checkpoints.formats.detect import read_contents

    tensors = read_contents(path).tensors
    found = [next((one for one in names if one in tensors), "") for names in (INPUT_ARRAYS, RIGHT_ARRAYS)]
    if not all(found):
        there = ", ".join(tensors) or "nothing"
        raise FileError(f"{name}: expected arrays X and y, a row an example; there is {visible(there)}")
    inputs, right = (np.asarray(tensors[one]) for one in found)
    if inputs.ndim < 2 or right.ndim < 1 or len(inputs) != len(right):
        raise FileError(f"{name}: expected as many rows in {found[0]} {inputs.shape} as in {found[1]} {right.shape}")
    return inputs, right


def piped(material: Material) -> str:
    """Return what writes a short series into a pipe, as a shell reads it."""
    rows = [] if material.vectors is None else material.vectors[:, 0].tolist()
    return "printf %b " + shlex.quote("".join(",".join(map(repr, row)) + r"\n" for row in rows)) + " | "
