"""The library entry: the reports of the commands, which draw themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from numbers import Integral, Real
from types import NoneType

from rich.console import Console, ConsoleOptions, RenderResult
from rich.theme import Theme

from lstm_ascii.errors import require, require_names
from lstm_ascii.render.documents import lines_of, to_fragment
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.gradients.page import gradients_page
from lstm_ascii.render.theme import STYLES
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import GradientsReport, gradients_report
from lstm_ascii.sources import Source

NOTEBOOK_WIDTH = 100
_TEXT, _WHOLE = (str, "a text"), ((Integral, NoneType), "a whole number")
_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "sentence": _TEXT, "word": ((str, Integral, NoneType), "a text or a whole number"), "unit": _WHOLE,
    "contrast": _TEXT, "layer": _WHOLE, "direction": _TEXT, "answer": _TEXT,
}  # fmt: skip


@dataclass(frozen=True)
class Explanation(ExplainReport):
    """An :class:`ExplainReport` that draws itself, with ``rich.print`` and in a notebook."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page with the styles of the command line."""
        with console.use_theme(Theme(STYLES)):
            yield from console.render(explain_page(self), options)

    def _repr_html_(self) -> str:
        """Draw the page for a notebook."""
        return _html(self)


def explain(
    sentence: str,
    *,
    cells: Sequence[str] = (),
    word: str | int | None = None,
    unit: int | None = None,
    contrast: str = "",
    source: Source | None = None,
    layer: int | None = None,
    direction: str = "",
    answer: str = "",
) -> Explanation:
    """Run networks over a sentence and return what they do, as plain numbers that draw themselves.

    Args:
        sentence: any text with at least one word.
        cells: which networks: ``rnn``, ``lstm``, ``gru``; by default all, or the one in the file.
        word: the word to draw the cell at, by number (from 1) or text; by default the one
            that counts most in the choice, else where most is written and wiped.
        unit: a unit to follow along the words, from 0; by default the one that carries the number.
        contrast: the choice to look into, as ``was:were``; by default the last verb against its twin.
        source: where the networks come from.
        layer: which to look into, from 1; by default the last.
        direction: ``forward`` or ``backward``, where a layer has both; by default forward.
        answer: which output to look into, of a network that names no next word: its label, or its number from 0.

    Raises:
        UsageError: there is no word in the sentence, or no such word, cell, unit, layer, direction, contrast or answer,
            or a parameter is of another type.
        FileError: a file of ``source`` can't be read.
    """
    _check_types(sentence=sentence, word=word, unit=unit, contrast=contrast, layer=layer, direction=direction,
                 answer=answer)  # fmt: skip
    require_names("cells", cells)
    require("source", source, (Source, NoneType), "a Source")
    focus = None if word is None else str(word)
    report = explain_report(sentence, cells, focus, unit, contrast, source, layer, direction, answer=answer)
    return Explanation(**vars(report))


@dataclass(frozen=True)
class Gradients(GradientsReport):
    """A :class:`GradientsReport` that draws itself, with ``rich.print`` and in a notebook."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page with the styles of the command line."""
        with console.use_theme(Theme(STYLES)):
            yield from console.render(gradients_page(self), options)

    def _repr_html_(self) -> str:
        """Draw the page for a notebook."""
        return _html(self)


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
    """
    require("levers", levers, (Levers, NoneType), "Levers")
    require("explode", explode, bool, "True or False")
    require("clip", clip, (Real, NoneType), "a number")
    require("spectrum", spectrum, bool, "True or False")
    return Gradients(**vars(gradients_report(levers or Levers(), explode, clip, spectrum)))


def _check_types(**parameters: object) -> None:
    """Refuse values of :func:`explain` that are no texts and no whole numbers."""
    for name, value in parameters.items():
        kinds, expected = _TYPES[name]
        require(name, value, kinds, expected)


def _html(report: Explanation | Gradients) -> str:
    """Draw a report for a notebook."""
    console = Console(file=StringIO(), width=NOTEBOOK_WIDTH, color_system="truecolor", force_terminal=True,
                      force_jupyter=False, highlight=False, _environ={})  # fmt: skip
    return to_fragment(lines_of(report, console))
