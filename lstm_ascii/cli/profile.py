"""``lstm-ascii profile``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.render.profile import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = (
    "Examples: lstm-ascii profile lstm novel.txt; lstm-ascii profile model.safetensors 'texts/*.gz' --vocab words.txt; "
    "lstm-ascii profile model.pt s3://bucket/corpus --cluster tcp://10.0.0.1:8786 --resume corpus.profile"
)

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A network: .pt, .safetensors, .npz, .onnx, .keras, .h5; or lstm, gru, rnn."),
]
Corpus = Annotated[
    list[str],
    typer.Argument(
        metavar="CORPUS",
        help="Text of any size: files (also .gz, .zst), folders, patterns, addresses (s3://, https://).",
    ),
]
Views = Annotated[str, options.sections(SECTIONS)]


@options.answers
@options.spread
def profile(
    model: File, corpus: Corpus, view: Views = "", resume: options.Resume = "", *, source: Source, output: Output
) -> None:
    """Say what every unit of a network does over a corpus of any size.

    How its memory and its gates are spread, what it follows (the number of the subject, distance, brackets, frequency,
    position), how long it keeps, where it is highest; which units are dead, and which say the same. The page has the
    units worth looking at; --json and --tsv have all of them.
    """
    from lstm_ascii.render.profile.page import profile_page
    from lstm_ascii.reports.profile.report import profile_report

    del model  # the source has it
    views = options.chosen(SECTIONS, view)
    with watching(output) as watch:
        report = profile_report(source, corpus, watch, resume)
    output.show(report, lambda shown, _: profile_page(shown, views))
