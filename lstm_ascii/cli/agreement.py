"""``lstm-ascii agreement``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.render.agreement import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = (
    "Examples: lstm-ascii agreement pairs.tsv --cell rnn,lstm; "
    "lstm-ascii agreement distractor_agreement_relational_noun.jsonl --failures 5; "
    "cat *.jsonl | lstm-ascii agreement - --score sentence"
)

Pairs = Annotated[str, typer.Argument(metavar="PAIRS", help="A file of pairs; - reads standard input.")]
Views = Annotated[str, options.sections(SECTIONS)]
Score = Annotated[
    str,
    typer.Option(
        "--score",
        metavar="WAY",
        show_default=False,
        help="prefix or sentence; by default prefix where one word differs.",
        autocompletion=options.any_of("prefix", "sentence"),
    ),
]
Failures = Annotated[
    int,
    typer.Option("--failures", metavar="N", help="List the first N pairs that fail, with the lines that open them."),
]


@options.answers_without("input")
@options.spread
def agreement(
    pairs: Pairs,
    cell: options.Cells = None,
    view: Views = "",
    score: Score = "",
    failures: Failures = 0,
    *,
    source: Source,
    output: Output,
) -> None:
    """Measure how often the verb agrees with its subject, on minimal pairs: your own, or a public test as it is.

    A file of your own has tabs between its columns: prefix (the words up to the verb), right and wrong (the two forms
    of the verb); and, if you like, kind, and distance (the words between subject and verb) or subject (the subject's
    word, from which the distance is counted). Or two whole sentences a line, the right one first. A first line may
    name the columns. BLiMP's .jsonl, the tests of Marvin and Linzen, Lakretz's NA tasks, Gulordava's and Linzen's
    files are read as they are. Rows that can't be read are counted and named.
    """
    from lstm_ascii.render.agreement.page import agreement_page
    from lstm_ascii.reports.agreement.report import agreement_report

    views = options.chosen(SECTIONS, view)
    with watching(output) as watch:
        report = agreement_report(pairs, options.cells_of(cell), source, watch, score, failures)
    output.show(report, lambda shown, limit: agreement_page(shown, limit, views))
