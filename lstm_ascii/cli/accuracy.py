"""``lstm-ascii accuracy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.render.accuracy import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = (
    "Examples: lstm-ascii accuracy reviews.tsv --model sentiment.keras --vocab words.txt --labels negative,positive; "
    "lstm-ascii accuracy test.npz --model forecaster.onnx --failures 5"
)

Table = Annotated[str, typer.Argument(metavar="TABLE", help="A table with tabs or commas, or an .npz; - is a pipe.")]
Views = Annotated[str, options.sections(SECTIONS)]
Columns = Annotated[
    str,
    typer.Option(
        "--columns", metavar="TEXT,LABEL", show_default=False, help="Of that table, by name or number: review,stars."
    ),
]
Failures = Annotated[
    int,
    typer.Option("--failures", metavar="N", help="List N rows that are wrong, with the lines that open them."),
]


@options.answers_without("input", "window", "hidden", "forget_bias", "seed")
@options.spread
def accuracy(
    table: Table, columns: Columns = "", view: Views = "", failures: Failures = 0, *, source: Source, output: Output
) -> None:
    """Measure how often a network of your own is right, on labelled sentences or series.

    A table has a row an example, with tabs or commas: a sentence and its label (a first line may name the columns:
    text, label), or tags, one a word, with blanks between them; or a file with a series, and what is right (file, y);
    or the series' own numbers, step after step, and what is right in the last column. An .npz has X and y, a row an
    example. Of values the error is measured. Rows that can't be read are counted and named.
    """
    from lstm_ascii.render.accuracy.page import accuracy_page
    from lstm_ascii.reports.accuracy.report import accuracy_report

    views = options.chosen(SECTIONS, view)
    with watching(output) as watch:
        report = accuracy_report(table, source, columns, failures, watch)
    output.show(report, lambda shown, limit: accuracy_page(shown, limit, views))
