"""``lstm-ascii explain``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.errors import LstmAsciiError, UsageError

EXAMPLE = 'Example: lstm-ascii explain "The cat that chased the mouse was hungry." --cell rnn,lstm,gru'

Sentence = Annotated[list[str], typer.Argument(metavar="SENTENCE", help="In quotes or not; - reads standard input.")]
Word = Annotated[str, typer.Option("--word", metavar="W", help="Draw the cell at this word, by number or text.")]
Views = Annotated[
    str,
    typer.Option(
        "--view",
        metavar="NAMES",
        show_default=False,
        help="Sections, with commas: cell, gates, shares, memory, next, decided, unit, split, highway, words.",
    ),
]
Contrasted = Annotated[
    str,
    typer.Option(
        "--contrast",
        metavar="A:B",
        show_default=False,
        help="The choice to look into, the right word first, as was:were.",
    ),
]
FollowedUnit = Annotated[
    int | None, typer.Option("--unit", metavar="K", help="Follow one unit along the words, from 0.")
]


@options.answers
def explain(
    sentence: Sentence,
    cell: options.Cells = None,
    word: Word = "",
    view: Views = "",
    unit: FollowedUnit = None,
    contrast: Contrasted = "",
    model: options.Model = "",
    hidden: options.Hidden = None,
    forget_bias: options.ForgetBias = None,
    seed: options.Seed = None,
    *,
    output: Output,
) -> None:
    """Show what happens in the cell, word by word, and how far the error reaches."""
    text = _standard_input() if sentence == ["-"] else " ".join(sentence)

    from lstm_ascii.render.explain.page import SECTIONS, ExplainPage
    from lstm_ascii.reports.explain import explain_report
    from lstm_ascii.sources import Source

    views = options.listed(view)
    for name in views:
        if name not in SECTIONS:
            raise UsageError(f"--view: expected {', '.join(SECTIONS)}, got {name}")
    source = Source(model, hidden, seed, forget_bias)
    report = explain_report(text, options.cells_of(cell), word or None, unit, contrast, source)
    output.show(report, lambda shown, limit: ExplainPage(shown, views, limit))


def _standard_input() -> str:
    """Read standard input; a byte order mark is no part of it, and stray bytes are kept to be shown."""
    if sys.stdin is None:
        raise LstmAsciiError("there is no standard input to read a sentence from")
    return sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape")
