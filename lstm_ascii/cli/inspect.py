"""``lstm-ascii inspect``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.spelling import message_of
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = "Example: lstm-ascii inspect model.safetensors --vocab words.txt"
FAILED = 1

Verify = Annotated[
    str,
    typer.Option(
        "--verify",
        metavar="FILE",
        show_default=False,
        help="An .npz of ids or x, and output or logits: show how far ours are off; exit code 1 where it is too far.",
    ),
]
File = Annotated[
    str, typer.Argument(metavar="FILE", help="A .pt, .safetensors, .npz, .onnx, .keras or .h5; or lstm, gru, rnn.")
]


@options.answers
def inspect(
    model: File,
    verify: Verify = "",
    feed: options.Feed = "",
    sequence: options.WhichSequence = 0,
    *,
    source: Source,
    output: Output,
) -> None:
    """Show what is in a file of weights: the network, and every tensor with its statistics."""
    del model  # the source has it
    if verify and feed:
        raise UsageError("--verify: compares with stored outputs, --feed with ONNX Runtime's; leave one of them out")
    if sequence and not feed:
        raise UsageError("--sequence: is for a batch that the model reads; name that with --feed FILE")
    if verify or feed:
        _verify(replace(source, feed=feed, sequence=sequence), verify, output)
        return

    from lstm_ascii.render.inspect import inspect_page
    from lstm_ascii.reports.inspect import inspect_report

    with watching(output, "reading") as watch:
        report = inspect_report(source, message_of, watch)
    output.show(report, lambda shown, limit: inspect_page(shown, limit))


def _verify(source: Source, reference: str, output: Output) -> None:
    """Hold the network against what its framework gave, or against ONNX Runtime where the model is fed."""
    from lstm_ascii.render.verify import verify_page
    from lstm_ascii.reports.verify import fed_report, verify_report

    with watching(output):
        report = fed_report(source) if source.feed else verify_report(source, reference)
    output.show(report, lambda shown, _: verify_page(shown))
    if not report.passed:
        raise typer.Exit(FAILED)
