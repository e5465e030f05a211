"""``lstm-ascii recall``."""

from __future__ import annotations

from typing import Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import racing
from lstm_ascii.errors import UsageError

EXAMPLE = (
    "Examples: lstm-ascii recall; lstm-ascii recall --cell lstm --forget-bias 0,1,3,chrono; "
    "lstm-ascii recall --gaps 50,100,200 --forget-bias chrono --cell lstm --seeds 5"
)

Gaps = Annotated[
    str, typer.Option("--gaps", metavar="N,N", help="Words between the first word and the question, with commas.")
]
ForgetBias = Annotated[
    str | None,
    typer.Option(
        "--forget-bias",
        metavar="X,X",
        show_default=False,
        help="One LSTM each: numbers added to the forget gate; chrono: set for the gap at hand; by default 0,1,chrono.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The first seed, of the weights and the sequences.")]
Seeds = Annotated[int, typer.Option("--seeds", metavar="N", help="Train each network from so many seeds.")]
Steps = Annotated[int, typer.Option("--steps", metavar="N", help="Batches of 32 sequences, at most.")]
EveryGap = Annotated[
    bool, typer.Option("--every-gap", help="Try the longer gaps, too, where a shorter one wasn't learnt.")
]


@options.answers
@options.spread
def recall(
    gaps: Gaps = "5,10,15,20,50,100",
    cell: options.PlainCells = None,
    forget_bias: ForgetBias = None,
    seed: Seed = 0,
    seeds: Seeds = 3,
    steps: Steps = 1000,
    every_gap: EveryGap = False,
    *,
    output: Output,
) -> None:
    """Race for the longest memory: networks learn, in front of you, to name the first word after a gap.

    Each sequence is one of eight names, then so many words that say nothing, then the question. A gap is learnt when
    99 % of the answers are right. Ctrl-C shows what is known so far.
    """
    from lstm_ascii.render.recall.page import recall_page
    from lstm_ascii.reports.recall import FORGET_BIASES, plan_race, recall_report, report_of_outcomes
    from lstm_ascii.training.recall_race import RaceInterrupted

    cells = options.cells_of(cell)
    if forget_bias is not None and cells and "lstm" not in cells:
        raise UsageError(f"--forget-bias: is for the LSTM; add lstm to --cell {','.join(cells)}")
    biases = FORGET_BIASES if forget_bias is None else _biases(forget_bias)
    race = plan_race(cells, _numbers(gaps), biases, seed, seeds, steps, every_gap)
    try:
        with racing(output) as watch:
            report = recall_report(race, watch)
    except RaceInterrupted as interrupted:
        output.show(report_of_outcomes(race, interrupted.outcomes), lambda shown, _: recall_page(shown))
        raise
    output.show(report, lambda shown, _: recall_page(shown))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in options.listed(text))
    except ValueError:
        raise UsageError(f"--gaps: expected whole numbers with commas, as 5,10,20, got {text}") from None


def _biases(text: str) -> tuple[float | str, ...]:
    """Read forget biases: numbers, or a name."""
    found: list[float | str] = []
    for part in options.listed(text):
        try:
            found.append(float(part))
        except ValueError:
            found.append(part)
    if not found:
        raise UsageError("--forget-bias: name at least one number, or chrono")
    return tuple(found)
