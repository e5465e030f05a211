"""The library entry: the reports of the commands, which draw themselves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from numbers import Integral, Real
from os import PathLike, fspath
from types import NoneType
from typing import TYPE_CHECKING, Any

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import UsageError, require, require_names
from lstm_ascii.live.look import look as look
from lstm_ascii.live.results import Look as Look
from lstm_ascii.live.watch import Watch as Watch
from lstm_ascii.live.watch import watch as watch
from lstm_ascii.records import dataclass
from lstm_ascii.render.compare.page import compare_page
from lstm_ascii.render.diff import diff_page
from lstm_ascii.render.doctor import doctor_page
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.gradients.page import gradients_page
from lstm_ascii.render.inspect import inspect_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.compare.report import CompareReport
from lstm_ascii.reports.diff.report import DiffReport, diff_report
from lstm_ascii.reports.doctor.report import DoctorReport, doctor_report
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.reports.gradients.levers import Levers as Levers
from lstm_ascii.reports.gradients.report import GradientsReport, gradients_report
from lstm_ascii.reports.inspect import InspectReport, inspect_report
from lstm_ascii.sources import Source, open_networks

if TYPE_CHECKING:
    from lstm_ascii.cells import Array
    from lstm_ascii.network import Network

_TEXT, _WHOLE = (str, "a text"), ((Integral, NoneType), "a whole number")
_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "sentence": _TEXT, "word": ((str, Integral, NoneType), "a text or a whole number"), "unit": _WHOLE,
    "contrast": _TEXT, "layer": _WHOLE, "direction": _TEXT, "answer": _TEXT, "text": _TEXT,
}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Explanation(Drawn, ExplainReport):
    """An :class:`ExplainReport` that draws itself."""

    __slots__ = ("_asked",)  # no field: what was asked is no figure

    def page(self) -> Page:
        """Return the page of ``lstm-ascii explain``."""
        return explain_page(self)

    def arrays(self) -> dict[str, Array]:
        """Return all that the networks computed by the names that ``--export`` has: ``lstm/layer1.forward.f``."""
        from lstm_ascii.reports.explain.arrays import run_arrays

        asked = getattr(self, "_asked", None)
        return super().arrays() if asked is None else run_arrays(*asked)

    def __repr__(self) -> str:
        """Say what was explained."""
        return f"<Explanation of {self.sentence!r} by {', '.join(network.cell for network in self.networks)}>"


def explain(
    sentence: str = "",
    *,
    cells: Sequence[str] = (),
    word: str | int | None = None,
    unit: int | None = None,
    contrast: str = "",
    source: Source | Model | str | PathLike[str] | None = None,
    layer: int | None = None,
    direction: str = "",
    answer: str = "",
) -> Explanation:
    """Run networks over a sentence and return what they do, as plain numbers that draw themselves.

    Args:
        sentence: any text with at least one word; empty where ``source`` has an ``input`` in its place.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        word: the word to draw the cell at, by number (from 1) or text; by default the one
            that counts most in the choice, else where most is written and wiped.
        unit: a unit to follow along the words, from 0; by default the one that carries the number.
        contrast: the choice to look into, as ``was:were``; by default the last verb against its twin.
        source: where the networks come from: a :class:`Source`, the path of a file of weights, or what
            :func:`open_model` returned.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.
        answer: which output to look into, of a network that names no next word: its label, or its number from 0.

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell, unit, layer, direction, contrast or answer,
            or a parameter is of another type.
        FileError: a file of ``source`` can't be read.

    >>> from lstm_ascii import explain
    >>> report = explain("The cat that chased the mice was hungry.", cells=("lstm",))
    >>> report.main.choice.right
    'was'
    >>> report.arrays()["layer1.forward.f"].shape  # words and units
    (9, 32)
    """
    _check_types(sentence=sentence, word=word, unit=unit, contrast=contrast, layer=layer, direction=direction,
                 answer=answer)  # fmt: skip
    require_names("cells", cells)
    focus, opened = None if word is None else str(word), source_of(source)
    report = explain_report(sentence, cells, focus, unit, contrast, opened, layer, direction, answer=answer)
    made = Explanation(**vars(report))
    object.__setattr__(made, "_asked", (sentence, cells, contrast, opened, answer, focus or ""))
    return made


@dataclass(frozen=True, repr=False)
class Gradients(Drawn, GradientsReport):
    """A :class:`GradientsReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii gradients``."""
        return gradients_page(self)

    def __repr__(self) -> str:
        """Say that it is the gradients."""
        return "<Gradients>"


def gradients(
    levers: Levers | None = None, *, explode: bool = False, clip: float | None = None, spectrum: bool = False
) -> Gradients:
    """Measure how a gradient travels back through random networks, and return it as numbers that draw themselves.

    Args:
        levers: which networks, and over how many steps: ``Levers(steps=100, forget_biases=(0.0, "chrono"))``.
        explode: two RNNs, one that vanishes against one that explodes, in place of the kinds of cells.
        clip: the length that the gradient of the weights is clipped to; ``None`` for no clipping.
        spectrum: all Lyapunov exponents, not only the largest.

    Raises:
        UsageError: a lever has no such value, or a parameter is of another type.

    >>> from lstm_ascii import Levers, gradients
    >>> report = gradients(Levers(steps=20, cells=("rnn",)))
    >>> [network.cell for network in report.networks]
    ['RNN']
    """
    require("levers", levers, (Levers, NoneType), "Levers")
    require("explode", explode, bool, "True or False")
    require("clip", clip, (Real, NoneType), "a number")
    require("spectrum", spectrum, bool, "True or False")
    return Gradients(**vars(gradients_report(levers or Levers(), explode, clip, spectrum)))


@dataclass(frozen=True, repr=False)
class Diagnosis(Drawn, DoctorReport):
    """A :class:`DoctorReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii doctor``."""
        return doctor_page(self)

    def __repr__(self) -> str:
        """Say what was found."""
        found = ", ".join(f"{finding.severity}: {finding.rule}" for finding in self.findings)
        return f"<Diagnosis of {self.model}: {found or 'nothing by these limits'}>"


def doctor(source: Source | Model | str | PathLike[str], text: str = "") -> Diagnosis:
    """Say what is wrong with a network: by its weights and, with a text, by what its units do.

    Args:
        source: the path of a file of weights, a :class:`Source`, or what :func:`open_model` returned.
        text: a sentence, or the name of a file of text of any size; without it only the weights are looked at.

    Raises:
        UsageError: a parameter is of another type.
        FileError: a file can't be read.

    >>> from lstm_ascii import doctor
    >>> from lstm_ascii.sources import WEIGHTS
    >>> [layer.cell for layer in doctor(WEIGHTS / "lstm.safetensors").layers]
    ['LSTM']
    """
    _check_types(text=text)
    return Diagnosis(**vars(doctor_report(_of_a_file(source), text)))


@dataclass(frozen=True, repr=False)
class Difference(Drawn, DiffReport):
    """A :class:`DiffReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii diff``."""
        return diff_page(self)

    def __repr__(self) -> str:
        """Say what was compared."""
        return f"<Difference of {self.first.model} and {self.second.model}{': none' if self.same else ''}>"


def diff(
    first: Source | Model | str | PathLike[str], second: Source | Model | str | PathLike[str], sentence: str = ""
) -> Difference:
    """Compare two networks: what moved, what is wrong with one of them only, where their behaviour first parts.

    Args:
        first: the path of a file of weights, a :class:`Source`, or what :func:`open_model` returned.
        second: the same of the other, such as a later checkpoint of its training.
        sentence: that both read; an ``input`` of both sources takes its place.

    Raises:
        UsageError: a parameter is of another type.
        FileError: a file can't be read.

    >>> from lstm_ascii import diff
    >>> from lstm_ascii.sources import WEIGHTS
    >>> diff(WEIGHTS / "rnn.safetensors", WEIGHTS / "rnn.safetensors").same
    True
    """
    _check_types(sentence=sentence)
    return Difference(**vars(diff_report(_of_a_file(first), _of_a_file(second), sentence)))


@dataclass(frozen=True, repr=False)
class Compared(Drawn, CompareReport):
    """A :class:`CompareReport` that draws itself."""

    def page(self) -> Page:
        """Return the page of ``lstm-ascii compare``."""
        return compare_page(self)

    def __repr__(self) -> str:
        """Say what was compared."""
        return f"<Compared: {', '.join(self.cells)}>"


def compare(
    cells: Sequence[str] = (),
    *,
    views: Sequence[str] = (),
    source: Source | Model | str | PathLike[str] | None = None,
    sentence: str = "",
    hidden: int | None = None,
    seed: int = 0,
    seeds: int = 3,
    steps: int = 1000,
    timed: bool = True,
    again: bool = False,
) -> Compared:
    """Measure an RNN, an LSTM and a GRU side by side, and hold it against what lectures say of them.

    Args:
        cells: which: ``rnn``, ``lstm``, ``gru``; by default all.
        views: sections: ``claims``, ``problems``, ``size``, ``time``, ``span``, ``agreement``, ``gradient``, ``gates``;
            by default all.
        source: of a network of your own, to stand beside them; with an ``input``, beside random ones.
        sentence: along which the gates are measured; by default fresh sentences.
        hidden: H where sizes, times and random networks are compared; by default 32, or beside a series as many as the
            network of ``source`` has.
        seed: of the random networks, the race and the fresh sentences.
        seeds: of the memory race.
        steps: of the memory race, at most.
        timed: whether the time of a step is measured.
        again: measure also what stands ready from when the networks were made.

    Raises:
        UsageError: there is no such cell or section, or a parameter is of another type.
        FileError: a file can't be read.

    >>> from lstm_ascii import compare
    >>> [size.cell for size in compare(views=("size",)).sizes]
    ['RNN', 'LSTM', 'GRU']
    """
    from lstm_ascii.reports.compare.comparison import Comparison, compare_report
    from lstm_ascii.reports.compare.measured import ready

    require_names("cells", cells)
    require_names("views", views)
    _check_types(sentence=sentence)
    require("hidden", hidden, (Integral, NoneType), "a whole number")
    for name, value in (("seed", seed), ("seeds", seeds), ("steps", steps)):
        require(name, value, Integral, "a whole number")
    opened = source_of(source) or Source()
    asked = Comparison(tuple(cells), tuple(views), opened, sentence, hidden, seed=seed, seeds=seeds, steps=steps,
                       timed=timed)  # fmt: skip
    report = (None if again else ready(asked)) or compare_report(asked, lambda _: None)
    if report.recall and report.recall.interrupted:
        raise KeyboardInterrupt
    return Compared(**vars(report))


class Model(Drawn):
    """A file of weights that is opened: what is in it, and the network itself.

    Attributes:
        source: which it is, for :func:`explain` and the others.
        facts: what is in it, as ``lstm-ascii inspect`` shows it.
    """

    def __init__(self, source: Source) -> None:
        """Look into the file.

        Raises:
            FileError: it can't be read.
        """
        self.source = source
        self.facts: InspectReport = inspect_report(source)

    @cached_property
    def network(self) -> Network:
        """The network, which our engine runs.

        Raises:
            FileError: it can't be read rightly, or there is none.
        """
        return open_networks((), (), self.source)[0]

    def report(self) -> InspectReport:
        """Return what is in it."""
        return self.facts

    def page(self) -> Page:
        """Return the page of ``lstm-ascii inspect``."""
        return inspect_page(self.facts)

    def __repr__(self) -> str:
        """Say what is in it."""
        cells = ", ".join(f"{cell.cell} of {cell.units}" for cell in self.facts.cells)
        return f"<Model {self.facts.file}: {cells or 'no network that can be read'}>"


def open_model(path: str | PathLike[str], **said: Any) -> Model:
    """Open a file of weights, of whatever framework: as data, nothing in it is run.

    Args:
        path: a ``.pt``, ``.safetensors``, ``.npz``, ``.onnx``, ``.keras`` or ``.h5``.
        said: what the file doesn't say itself, by the names of :class:`Source`: ``vocabulary="words.txt"``.

    Raises:
        UsageError: :class:`Source` has no such parameter, or takes no such value.
        FileError: the file can't be read.

    >>> from lstm_ascii import explain, open_model
    >>> from lstm_ascii.sources import WEIGHTS
    >>> model = open_model(WEIGHTS / "gru.safetensors")
    >>> model.network.layers[0][0].cell.hidden_size
    32
    >>> explain("The cat was hungry.", source=model).main.cell
    'GRU'
    """
    return Model(_of_a_file(path, **said))


def source_of(given: object, **said: Any) -> Source | None:
    """Return the source that a parameter names.

    Raises:
        UsageError: it names none.
    """
    if given is None or isinstance(given, Source):
        return given
    if isinstance(given, Model):
        return given.source
    if given == "":
        raise UsageError("expected the path of a file, got an empty text", "source")
    if isinstance(given, str | PathLike):
        unknown = sorted(said.keys() - vars(Source()).keys() | said.keys() & {"model"})
        if unknown:
            raise UsageError(f"there is no such parameter; there are {', '.join(vars(Source()))}", unknown[0])
        return Source(model=fspath(given), **said)
    kind = type(given).__name__
    live = any(base.__module__.partition(".")[0] in ("torch", "keras") for base in type(given).__mro__)
    hint = "; look(model, batch) looks into a live model" if live else ""
    raise UsageError(f"expected a Source, the path of a file, or what open_model returned, got {kind}{hint}", "source")


def _of_a_file(given: object, **said: Any) -> Source:
    """Return the source of a file of weights.

    Raises:
        UsageError: it names none.
    """
    source = source_of(given, **said)
    if source is None or not source.model:
        raise UsageError("expected the path of a file of weights", "source")
    return source


def _check_types(**parameters: object) -> None:
    """Refuse values of parameters that are no texts and no whole numbers."""
    for name, value in parameters.items():
        kinds, expected = _TYPES[name]
        require(name, value, kinds, expected)
