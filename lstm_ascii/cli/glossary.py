"""``lstm-ascii glossary``."""

from __future__ import annotations

from typing import Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output

EXAMPLE = "Examples: lstm-ascii glossary; lstm-ascii glossary forget; lstm-ascii glossary cell state"

Word = Annotated[
    list[str] | None,
    typer.Argument(metavar="[WORD]", help="A term, a part of its name or a close spelling; by default all."),
]


@options.answers
def glossary(word: Word = None, *, output: Output) -> None:
    """Explain the terms: each with its symbol, its range, one sentence and a command that shows it."""
    from lstm_ascii.render.glossary import glossary_page
    from lstm_ascii.reports.glossary import glossary_report

    output.show(glossary_report(" ".join(word or ())), lambda shown, _: glossary_page(shown))
