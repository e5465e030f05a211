"""``lstm-ascii doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = "Example: lstm-ascii doctor model.safetensors corpus.txt --vocab words.txt --fail-on warning"
FAILED = 1

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A network: .pt, .safetensors, .npz, .onnx, .keras, .h5; or lstm, gru, rnn."),
]
Heard = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TEXT]",
        show_default=False,
        help="A sentence, or files of text of any size, folders, patterns, addresses.",
    ),
]
FailOn = Annotated[
    str,
    typer.Option(
        "--fail-on", metavar="SEVERITY", show_default=False, help="Exit code 1 from this on: error, warning, note."
    ),
]


@options.answers_of_series
@options.spread
def doctor(model: File, text: Heard = None, fail_on: FailOn = "", *, source: Source, output: Output) -> None:
    """Say what is wrong with a network: by its weights and, with a text, by what its units do."""
    from lstm_ascii.render.doctor import doctor_page
    from lstm_ascii.reports.doctor.findings import SEVERITIES
    from lstm_ascii.reports.doctor.report import doctor_report

    if fail_on and fail_on not in SEVERITIES:
        raise UsageError(f"--fail-on: expected {', '.join(SEVERITIES)}, got {fail_on}")
    del model  # the source has it
    with watching(output) as watch:
        report = doctor_report(source, text or "", watch=watch)
    output.show(report, lambda shown, _: doctor_page(shown))
    if fail_on and report.findings and SEVERITIES.index(report.worst()) <= SEVERITIES.index(fail_on):
        raise typer.Exit(FAILED)
