"""The result of ``look``: every recurrent layer of a live model, as arrays, as a page, as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii import files
from lstm_ascii.cells import Array
from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import LstmAsciiError, MissingPartError, UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.live.arrays import arrays_of, carried_through
from lstm_ascii.live.calls import Change, Given, Unrolled
from lstm_ascii.live.cell import OpenedCell, cell_seen, named_arrays, place_of, read_in
from lstm_ascii.live.opened import difference, opened
from lstm_ascii.live.saving import packed_arrays
from lstm_ascii.render.look import look_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.look import SCHEMA_VERSION, CellSeen, LookReport

Again = Callable[[Change], "tuple[Any, float | None]"]
NO_MODEL = "there is no model to run again: that is done with PyTorch models"


class Look(Drawn):
    """The recurrent layers of a model on one input, with all their gates and states.

    ``seen["encoder.rnn"]`` is the forward direction of a module's last layer; ``seen["encoder.rnn", 1, "backward"]`` is
    another direction of another layer. The last part of a module's name is enough if it is unique.

    Attributes:
        model: the name of its class.
        framework: the framework that ran it.
        output: of the model, unchanged.
        answer: the value of the parameter ``answer``; ``None`` without one.
        cells: every direction of every layer, in the order of their first call.
        notes: remarks on the run, as sentences.
    """

    def __init__(
        self,
        model: str,
        framework: str,
        output: Any,
        unrolled: Sequence[Unrolled],
        gradients: Mapping[str, Sequence[Given | None]] | None = None,
        answer: float | None = None,
        again: Again | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Compute gates and states from what was recorded.

        Args:
            model: the name of its class.
            framework: the framework that ran it.
            output: of the model.
            unrolled: the sequences of calls of each layer.
            gradients: of the answer on the outputs of each call, by the name of the layer.
            answer: its value.
            again: runs the model again with a change.
            notes: remarks on the run, as sentences.
        """
        self.model, self.framework, self.output, self.answer, self.notes = model, framework, output, answer, notes
        self._again, self._sequence = again, 0
        self._words: list[list[str]] = []
        self._differences: dict[str, float | None] = {}
        cells: list[OpenedCell] = []
        for one in unrolled:
            passes = [opened(one.layer.layers, call) for call in one.calls]
            found = [
                difference(call, made, one.layer.gives_steps) for call, made in zip(one.calls, passes, strict=True)
            ]
            self._differences[one.name] = None if None in found else max(value for value in found if value is not None)
            given = [] if gradients is None else [gradients[one.layer.name][call.number] for call in one.calls]
            inner = carried_through(one, passes, given)
            places = [(number, way) for number, layer in enumerate(one.layer.layers) for way in range(len(layer))]
            cells += [OpenedCell(self, one, at, arrays_of(one, passes, inner, at)) for at in places]
        self.cells = tuple(cells)

    @property
    def names(self) -> tuple[str, ...]:
        """The modules' names, in the order of their first call."""
        return tuple(dict.fromkeys(cell.name for cell in self.cells))

    @property
    def batch_first(self) -> bool:
        """Whether the batch is the first axis of the first layer's input."""
        return self.cells[0].unrolled.layer.batch_first

    @property
    def difference(self) -> float | None:
        """The largest difference between the outputs of a module and ours; ``None`` if there is nothing to compare."""
        known = [value for value in self._differences.values() if value is not None]
        return max(known) if known else None

    @property
    def agrees(self) -> bool:
        """Whether our outputs are equal to the model's, within its precision; if not, the page is not what it did."""
        return all(seen.agrees is not False for seen in self.report().cells)

    def __getitem__(self, key: str | tuple[str | int, ...]) -> OpenedCell:
        """Return a cell by the name of its module, and optionally its layer (from 1) and its direction.

        Raises:
            UsageError: there is no such cell, or the name is ambiguous.
        """
        name, *rest = key if isinstance(key, tuple) else (key,)
        if not isinstance(name, str):
            raise UsageError(f"expected a name, perhaps with a layer and a direction behind it, got {name!r}", "name")
        whole = [one for one in self.names if one == name] or [one for one in self.names if one.endswith(f".{name}")]
        if len(whole) != 1:
            there = ", ".join(whole or self.names)
            raise UsageError(f"expected {'a longer name, of' if whole else 'one of'} {there}, got {name!r}", "name")
        cells = [cell for cell in self.cells if cell.name == whole[0]]
        layer = next((part for part in rest if isinstance(part, int)), cells[-1].layer)
        ways = [cell for cell in cells if cell.layer == layer]
        if not ways:
            raise UsageError(f"expected 1 to {cells[-1].layer}, got {layer}", "layer")
        direction = next((part for part in rest if isinstance(part, str)), ways[0].direction)
        chosen = [cell for cell in ways if cell.direction == direction]
        if not chosen:
            expected = " or ".join(cell.direction for cell in ways)
            raise UsageError(f"expected {expected}, got {direction!r}", "direction")
        return chosen[0]

    def __iter__(self) -> Iterator[OpenedCell]:
        """Iterate over the cells."""
        return iter(self.cells)

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cells)

    @property
    def sequence(self) -> int:
        """The sequence of the batch that is shown step by step, from 0."""
        return self._sequence

    @sequence.setter
    def sequence(self, number: int) -> None:
        batch = max(cell.x.shape[1] for cell in self.cells)
        if not batch:
            raise UsageError("the layers read no sequence at all; give a batch with one", "inputs")
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 0 <= number < batch:
            raise UsageError(f"expected 0 to {batch - 1}, got {number!r}", "sequence")
        self._sequence = int(number)

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the steps of the sequence that is shown."""
        return self._steps_named(max(len(cell.x) for cell in self.cells))

    @words.setter
    def words(self, words: Sequence[str] | Sequence[Sequence[str]]) -> None:
        """Name the steps: one list for all sequences, or a list for each."""
        if isinstance(words, str) or not isinstance(words, Sequence):
            raise UsageError(f"expected a list of texts, got {type(words).__name__}", "words")
        of_each = [one for one in words if not isinstance(one, str)]
        if not of_each:
            self._words = [[visible(str(one)) for one in words]]
        elif len(of_each) == len(words):
            self._words = [[visible(str(word)) for word in one] for one in of_each]
        else:
            raise UsageError("expected a list of texts, or a list of them for each sequence", "words")

    def _steps_named(self, count: int) -> tuple[str, ...]:
        """Return names for ``count`` steps: the words, then numbers for further steps."""
        listed = self._words
        own = listed[self._sequence] if len(listed) > self._sequence else listed[0] if len(listed) == 1 else []
        fitting = own if len(own) <= count else []  # the steps of a layer with fewer of them are not those words
        return (*fitting, *(f"x{number}" for number in range(len(fitting) + 1, count + 1)))

    def report(self, focus: OpenedCell | None = None) -> LookReport:
        """Return the figures, with one cell step by step: by default the last layer's forward direction."""
        chosen = focus or self[self.cells[-1].name]
        return LookReport(
            SCHEMA_VERSION, self.model, self.framework, self._sequence, tuple(map(self._seen, self.cells)),
            self.cells.index(chosen), self.answer, self.notes,
        )  # fmt: skip

    def page(self) -> Page:
        """Return the page."""
        return look_page(self.report())

    def arrays(self, batch: bool = False) -> dict[str, Array]:
        """Return everything by the names that ``--export`` has: ``layer1.forward.f``, ``words``.

        Where there are several modules their names stand ahead: ``encoder.rnn/layer1.forward.f``.

        Args:
            batch: all sequences, ``(T, B, H)``, with NaN where one has no step; by default the steps of the one that is
                looked at, ``(T, H)``.
        """
        found: dict[str, Array] = {"words": np.array(self.words)}
        for cell in self.cells:
            ahead = f"{cell.name}/" if len(self.names) > 1 else ""
            begins = f"{ahead}layer{cell.layer}.{cell.direction}"
            found |= {
                f"{begins}.{name}": value for name, value in named_arrays(cell, None if batch else self._sequence)
            }
        return found

    def save(self, path: str | PathLike[str], *, batch: bool = False, overwrite: bool = False) -> None:
        """Write :meth:`arrays` to an ``.npz`` or ``.safetensors`` file, atomically.

        Args:
            path: of the file.
            batch: whether to write all sequences, ``(T, B, H)``, or only the one that is shown, ``(T, H)``.
            overwrite: whether an existing file may be replaced.

        Raises:
            UsageError: the name has another ending.
            LstmAsciiError: it can't be written, or exists and ``overwrite`` is false.
        """
        target = Path(path)
        content = packed_arrays(target, self.arrays(batch))
        try:
            files.write(target, [content], overwrite=overwrite)
        except FileExistsError as error:
            raise LstmAsciiError(f"{visible(str(target))} exists; overwrite=True replaces it", "path") from error
        except OSError as error:
            raise LstmAsciiError(f"can't write {visible(str(target))}: {error.strerror}", "path") from error

    def influence(self, name: str = "", baseline: str | Array = "mean") -> Array:
        """Measure the influence of each step on the answer: replace a layer's input there, and run the model again.

        Args:
            name: of the module; by default the first.
            baseline: what replaces the input: the ``mean`` over the sequence's steps, ``zero``, or a vector ``(D,)``.

        Returns:
            The answer less the answer with the step replaced, ``(T,)``; NaN beyond the end of the sequence that is
            shown. All runs use the random numbers of the first one.

        Raises:
            UsageError: ``look`` had no parameter ``answer``, or the baseline is wrong.
            MissingPartError: there is no model to run again.
        """
        if self._again is None:
            raise MissingPartError(NO_MODEL)
        if self.answer is None:
            raise UsageError("influence is on an answer: look(model, batch, answer=lambda output: ...)", "answer")
        cell = self[name or self.names[0], 1]
        steps = cell.x[:, self._sequence]
        read = np.flatnonzero(read_in(cell, self._sequence))
        vector = _baseline(baseline, steps[read])
        found = np.full(len(steps), np.nan)
        for t in read:
            call, step = place_of(cell, int(t))
            change = Change(cell.unrolled.layer.name, call, step, self._sequence, vector)
            changed = self._again(change)[1]
            found[t] = self.answer - (np.nan if changed is None else changed)
        return found

    def changed(self, name: str, step: int, vector: Array) -> Any:
        """Run the model again with one step that a layer reads changed, and return what it gives.

        Args:
            name: of the module.
            step: which, from 0, of the sequence that is examined.
            vector: what it reads there, ``(D,)``.

        Raises:
            UsageError: there is no such step.
            MissingPartError: there is no model to run again.
        """
        if self._again is None:
            raise MissingPartError(NO_MODEL)
        cell = self[name, 1]
        steps = cell.x[:, self._sequence]
        if not 0 <= step < len(steps) or not cell.computed.reads[step, self._sequence]:
            raise UsageError(f"expected a step of the sequence, from 0 to {len(steps) - 1}, got {step}", "step")
        call, within = place_of(cell, step)
        replaced = np.asarray(vector, float)
        if replaced.shape != steps.shape[1:]:
            raise UsageError(f"expected a vector of shape {steps.shape[1:]}, got {replaced.shape}", "vector")
        return self._again(Change(cell.unrolled.layer.name, call, within, self._sequence, replaced))[0]

    def __repr__(self) -> str:
        """Name the model and its layers, and say whether our outputs agree with its own."""
        off = "nothing to compare with" if self.difference is None else f"largest difference {self.difference:.1e}"
        loud = "" if self.agrees else ": NOT what the model did"
        return f"<Look at {self.model}: {', '.join(self.names)}; {off}{loud}>"

    def _seen(self, cell: OpenedCell) -> CellSeen:
        """Return the figures of one cell."""
        words = self._steps_named(len(cell.x))
        return cell_seen(cell, self._differences[cell.name], self.answer is not None, self._sequence, words)


def _baseline(asked: str | Array, steps: Array) -> Array:
    """Return the vector that replaces the input of a step, ``(D,)``."""
    if isinstance(asked, str):
        if asked not in ("mean", "zero"):
            raise UsageError(f"expected mean, zero or a vector, got {asked!r}", "baseline")
        mean: Array = steps.mean(axis=0) if asked == "mean" else np.zeros(steps.shape[1])
        return mean
    vector = np.asarray(asked, float)
    if vector.shape != steps.shape[1:]:
        raise UsageError(f"expected a vector of shape {steps.shape[1:]}, got {vector.shape}", "baseline")
    return vector
