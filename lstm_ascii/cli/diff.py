"""``lstm-ascii diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.spelling import message_of
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = 'Example: lstm-ascii diff before.safetensors after.safetensors "The cat was hungry." --fail-on warning'
FAILED = 1

First = Annotated[
    str, typer.Argument(metavar="A", help="A network: .pt, .safetensors, .npz, .onnx, .keras, .h5; or lstm, gru, rnn.")
]
Second = Annotated[str, typer.Argument(metavar="B", help="Another one, such as a later checkpoint of its training.")]
Read = Annotated[
    str, typer.Argument(metavar="[SENTENCE]", show_default=False, help="That both read: where do they first part?")
]
FailOn = Annotated[
    str,
    typer.Option(
        "--fail-on",
        metavar="WHAT",
        show_default=False,
        help="Exit code 1 where B has findings of doctor's that A hasn't, from this severity on: error, warning, note; "
        "or for any difference: difference.",
    ),
]


@options.answers_of_series
def diff(
    model: First,
    other: Second,
    sentence: Read = "",
    fail_on: FailOn = "",
    *,
    source: Source,
    output: Output,
) -> None:
    """Compare two networks: what moved, what is wrong with one of them only, where their behaviour first parts."""
    from lstm_ascii.render.diff import diff_page
    from lstm_ascii.reports.diff.report import FAILS_ON, beside, diff_report

    if fail_on and fail_on not in FAILS_ON:
        raise UsageError(f"--fail-on: expected {', '.join(FAILS_ON)}, got {fail_on}")
    if not other:
        raise UsageError("B: its name is empty; name a file of weights")
    del model  # the source has it
    with watching(output) as watch:
        report = diff_report(source, beside(source, other), sentence, message_of, watch)
    output.show(report, diff_page)
    if fail_on and report.fails(fail_on):
        raise typer.Exit(FAILED)
