"""``lstm-ascii gradcheck``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = "Examples: lstm-ascii gradcheck --cell lstm; lstm-ascii gradcheck model.safetensors"
FAILED = 1

File = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE]",
        help="A network of your own: .pt, .safetensors, .npz, .onnx, .keras, .h5; by default those shipped.",
    ),
]
Sentence = Annotated[
    str, typer.Option("--sentence", metavar="TEXT", show_default=False, help="Take the gradients on these words.")
]


@options.answers
def gradcheck(
    model: File = None,
    sentence: Sentence = "",
    cell: options.Cells = None,
    *,
    source: Source,
    output: Output,
) -> None:
    """Show that the gradients are right, on this machine and network; exit code 1 where they are not."""
    from lstm_ascii.render.gradcheck import gradcheck_page
    from lstm_ascii.reports.gradcheck import gradcheck_report

    del model  # the source has it
    with watching(output) as watch:
        report = gradcheck_report(sentence, options.cells_of(cell), source, watch)
    output.show(report, lambda shown, _: gradcheck_page(shown))
    if not report.passed:
        raise typer.Exit(FAILED)
