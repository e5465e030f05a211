"""``lstm-ascii compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import racing
from lstm_ascii.render.compare import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = (
    "Examples: lstm-ascii compare; lstm-ascii compare --view claims; lstm-ascii compare --no-time --seed 3; "
    "lstm-ascii compare --view agreement,gates --model mine.safetensors; "
    "lstm-ascii compare --model forecaster.onnx --input series.csv"
)

Views = Annotated[str, options.sections(SECTIONS)]
Sentence = Annotated[
    str, typer.Option("--sentence", metavar="TEXT", show_default=False, help="Measure the gates along these words.")
]
NoTime = Annotated[
    bool, typer.Option("--no-time", help="Leave out the times, the only figures that differ from run to run.")
]
Hidden = Annotated[
    int | None,
    typer.Option(
        "--hidden",
        metavar="H",
        help="Units where sizes, times and random networks are compared (32; beside --input as many as yours has).",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of all random numbers.")]
Seeds = Annotated[int, typer.Option("--seeds", metavar="N", help="Of the memory race.")]
Again = Annotated[bool, typer.Option("--again", help="Measure on this machine, also what stands ready.")]
Steps = Annotated[int, typer.Option("--steps", metavar="N", help="Of the memory race, at most.")]


@options.answers_without("forget_bias")
def compare(
    view: Views = "",
    cell: options.Cells = None,
    sentence: Sentence = "",
    no_time: NoTime = False,
    hidden: Hidden = None,
    seed: Seed = 0,
    seeds: Seeds = 3,
    steps: Steps = 1000,
    again: Again = False,
    *,
    source: Source,
    output: Output,
) -> None:
    """Measure an RNN, an LSTM and a GRU side by side, and hold it against what lectures say of them.

    Parameters, the time of a step, the memory span (a race), agreement over fresh sentences, gradients and gates. What
    was measured when the networks were made stands ready; other questions, and --again, are measured on this machine,
    in front of you. With --input a network of your own stands beside random ones that read the same series.
    """
    from lstm_ascii.render.compare.page import compare_page
    from lstm_ascii.reports.compare.comparison import Comparison, compare_report
    from lstm_ascii.reports.compare.measured import ready

    views = options.chosen(SECTIONS, view)
    asked = Comparison(
        options.cells_of(cell), views, source, sentence, hidden, seed=seed, seeds=seeds, steps=steps, timed=not no_time
    )
    report = None if again else ready(asked)
    if report is None:
        with racing(output) as watch:
            report = compare_report(asked, watch)
    output.show(report, lambda shown, _: compare_page(shown, views))
    if report.recall and report.recall.interrupted:
        raise KeyboardInterrupt
