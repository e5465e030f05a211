"""``lstm-ascii derive``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = 'Example: lstm-ascii derive forget --sentence "The cat was hungry." --word cat --unit 0'

Topics = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TOPIC]...",
        show_default=False,
        help="Of forget, input, candidate, output, cell, hidden, bptt, rnn; by default all.",
    ),
]
Sentence = Annotated[
    str, typer.Option("--sentence", metavar="TEXT", show_default=False, help="Expand it into numbers on these words.")
]
Word = Annotated[
    str | None, typer.Option("--word", metavar="W", help="At this word, by number or text; by default as in explain.")
]
Unit = Annotated[
    int | None, typer.Option("--unit", metavar="K", help="Of this unit, from 0; by default the one that counts most.")
]


VIEWS = ("steps", "curve", "numbers")
Views = Annotated[str, options.sections(VIEWS)]


@options.answers
def derive(
    topics: Topics = None,
    sentence: Sentence = "",
    word: Word = None,
    unit: Unit = None,
    view: Views = "",
    *,
    source: Source,
    output: Output,
) -> None:
    """Derive the gates and the way back step by step; with a sentence, one unit's arithmetic in numbers."""
    from lstm_ascii.render.derive import derive_page
    from lstm_ascii.reports.derive import derive_report

    chosen, views = tuple(topic.lower() for topic in topics or ()), options.chosen(VIEWS, view)
    with watching(output):
        report = derive_report(chosen, sentence, word, unit, source)
    output.show(report, lambda shown, limit: derive_page(shown, limit, views))
