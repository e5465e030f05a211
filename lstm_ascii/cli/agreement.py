"""``lstm-ascii agreement``."""

from __future__ import annotations

from typing import Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output

EXAMPLE = "Example: lstm-ascii agreement pairs.tsv --cell rnn,lstm"

Pairs = Annotated[str, typer.Argument(metavar="PAIRS.tsv", help="A file of pairs; - reads standard input.")]


@options.answers
def agreement(
    pairs: Pairs,
    cell: options.Cells = None,
    model: options.Model = "",
    hidden: options.Hidden = None,
    forget_bias: options.ForgetBias = None,
    seed: options.Seed = None,
    *,
    output: Output,
) -> None:
    """Measure how often the verb agrees with its subject, on minimal pairs of your own.

    The file has tabs between its columns. Its first line names them: prefix (the words up to the verb), right and
    wrong (the two forms of the verb); and, if you like, kind, and distance (the words between subject and verb) or
    subject (the subject's word, from which the distance is counted).
    """
    from lstm_ascii.render.agreement import AgreementPage
    from lstm_ascii.reports.agreement import agreement_report
    from lstm_ascii.sources import Source

    source = Source(model, hidden, seed, forget_bias)
    report = agreement_report(pairs, options.cells_of(cell), source)
    output.show(report, lambda shown, limit: AgreementPage(shown, limit))
