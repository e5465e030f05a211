"""``lstm-ascii agreement``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = "Example: lstm-ascii agreement pairs.tsv --cell rnn,lstm"

Pairs = Annotated[str, typer.Argument(metavar="PAIRS.tsv", help="A file of pairs; - reads standard input.")]


@options.answers_without("input")
def agreement(
    pairs: Pairs,
    cell: options.Cells = None,
    *,
    source: Source,
    output: Output,
) -> None:
    """Measure how often the verb agrees with its subject, on minimal pairs of your own.

    The file has tabs between its columns. Its first line names them: prefix (the words up to the verb), right and
    wrong (the two forms of the verb); and, if you like, kind, and distance (the words between subject and verb) or
    subject (the subject's word, from which the distance is counted).
    """
    from lstm_ascii.render.agreement import agreement_page
    from lstm_ascii.reports.agreement.report import agreement_report

    with watching(output) as watch:
        report = agreement_report(pairs, options.cells_of(cell), source, watch)
    output.show(report, lambda shown, limit: agreement_page(shown, limit))
