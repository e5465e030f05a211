"""``lstm-ascii explain``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.render.explain import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = 'Example: lstm-ascii explain "The cat that chased the mouse was hungry." --cell rnn,lstm,gru'

Sentence = Annotated[
    list[str] | None,
    typer.Argument(metavar="SENTENCE", show_default=False, help="In quotes or not; - reads standard input."),
]
Word = Annotated[str, typer.Option("--word", metavar="W", help="Draw the cell at this word, by number or text.")]
Views = Annotated[str, options.sections(SECTIONS)]
Contrasted = Annotated[
    str,
    typer.Option(
        "--contrast",
        metavar="A:B",
        show_default=False,
        help="The choice to look into, the right word first, as was:were.",
    ),
]
Answered = Annotated[
    str,
    typer.Option(
        "--answer",
        metavar="K",
        show_default=False,
        help="Of a network that names no next word: the output to look into, by its label or its number from 0.",
    ),
]
FollowedUnit = Annotated[
    int | None, typer.Option("--unit", metavar="K", help="Follow one unit along the words, from 0.")
]


@options.answers
def explain(
    sentence: Sentence = None,
    cell: options.Cells = None,
    word: Word = "",
    view: Views = "",
    unit: FollowedUnit = None,
    contrast: Contrasted = "",
    answer: Answered = "",
    layer: options.Layer = None,
    direction: options.Direction = "",
    *,
    source: Source,
    output: Output,
) -> None:
    """Show what happens in the cell, word by word, and how far the error reaches."""
    text = _standard_input() if sentence == ["-"] else " ".join(sentence or ())

    from lstm_ascii.render.explain.page import explain_page
    from lstm_ascii.reports.explain.report import explain_report

    views = options.chosen(SECTIONS, view)
    cells = options.cells_of(cell)
    with watching(output) as watch:
        report = explain_report(text, cells, word or None, unit, contrast, source, layer, direction, watch, answer)
    output.show(report, lambda shown, limit: explain_page(shown, views, limit))


def _standard_input() -> str:
    """Read standard input; a byte order mark is no part of it, and stray bytes are kept to be shown."""
    if sys.stdin is None:
        raise LstmAsciiError("there is no standard input to read a sentence from")
    return sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape")
