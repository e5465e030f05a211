"""``lstm-ascii train``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import following

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lstm_ascii.training.jobs import Status
    from lstm_ascii.training.workers import Interrupted

EXAMPLE = (
    "Without --corpus the networks learn agreement English, as those that come with the package did. "
    "Examples: lstm-ascii train --steps 500; lstm-ascii train --corpus novel.txt --out novel; "
    'lstm-ascii explain "..." --model novel/lstm.safetensors'
)
LARGE = 20_000_000  # bytes of a text whose words take seconds to count
LINES, GAP = 12, 200  # that a log gets from each network, about; steps between two of them at least

Cells = Annotated[
    str | None,
    typer.Option(
        "--cell",
        metavar="NAMES",
        show_default=False,
        help="Networks, with commas: rnn, lstm, gru, rnn-helped; by default all, and with --corpus the lstm.",
    ),
]
Corpus = Annotated[
    str, typer.Option("--corpus", metavar="FILE", show_default=False, help="Train on your own text, in UTF-8.")
]
Words = Annotated[
    int | None,
    typer.Option(
        "--vocabulary",
        metavar="N",
        help="Know the N most frequent words of --corpus (4000), and read the others by their letters; with "
        "--characters its N most frequent characters (256).",
    ),
]
Characters = Annotated[
    bool, typer.Option("--characters", help="Read --corpus character by character: a model that writes letters.")
]
Out = Annotated[
    str,
    typer.Option(
        "--out",
        metavar="PATH",
        show_default=False,
        help="Save to this folder as lstm.safetensors etc., or one network to a .safetensors file; "
        "by default to lstm-ascii-networks here. What --resume needs lies beside it as .state.",
    ),
]
Resume = Annotated[
    str,
    typer.Option(
        "--resume",
        metavar="PATH",
        show_default=False,
        help="Go on with a training that was stopped, by its folder or one of its files; it saves there unless "
        "--out says otherwise.",
    ),
]
Steps = Annotated[
    int | None,
    typer.Option("--steps", metavar="N", help="Batches; by default the recipe's, for a text by its size 300 to 6000."),
]
Hidden = Annotated[int | None, typer.Option("--hidden", metavar="H", help="Units; by default the recipe's.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Of the first weights and of the texts.")]
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="Train each network from N seeds; they are saved as lstm-seed0 etc."),
]
Watched = Annotated[
    bool,
    typer.Option("--watch", help="Write what the layers do beside each network, as lstm.watch.jsonl, for watch."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite networks, and an --export, that exist.")]


@options.answers
@options.spread
def train(
    cell: Cells = None,
    corpus: Corpus = "",
    vocabulary: Words = None,
    characters: Characters = False,
    steps: Steps = None,
    hidden: Hidden = None,
    seed: Seed = None,
    seeds: Seeds = None,
    out: Out = "",
    resume: Resume = "",
    force: Force = False,
    watch: Watched = False,
    *,
    output: Output,
) -> None:
    """Train the networks again, or one on your own text; Ctrl-C saves what was reached."""
    from lstm_ascii.render.train import train_page
    from lstm_ascii.reports.train import train_report
    from lstm_ascii.training.plan import Wishes, plan
    from lstm_ascii.training.workers import Interrupted

    _announce(corpus)
    cells = options.cells_of(cell)
    jobs = plan(Wishes(cells, corpus, vocabulary, out, resume, steps, hidden, seed, force, characters, seeds))
    try:
        with following(output, _bars, _Log().watch) as tell:
            report = train_report(jobs, tell, watch)
    except Interrupted as interrupted:
        folder = jobs[0].file.parent
        _tell_interrupted(interrupted, str(jobs[0].file if len(jobs) == 1 else folder))
        raise
    output.show(report, lambda shown, _: train_page(shown))


def _announce(corpus: str) -> None:
    """Say on a terminal what takes a while before there is any progress to show."""
    size = os.path.getsize(corpus) if corpus and os.path.isfile(corpus) else 0  # noqa: PTH113, PTH202 - takes any name
    if size >= LARGE and sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"lstm-ascii: counting the words of {size / 1e6:,.0f} MB\n")


def _bars(statuses: Sequence[Status]) -> RenderableType:
    from lstm_ascii.render.train import ProgressBars

    return ProgressBars(tuple(statuses))


class _Log:
    """Writes a line to standard error now and then."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._done: set[str] = set()

    def watch(self, statuses: Sequence[Status]) -> None:
        from lstm_ascii.render.train import status_line

        for status in statuses:
            done = status.stage == "done"
            due = status.point is not None and status.point.step >= self._next.get(status.cell, 1)
            if status.cell in self._done or not (due or done) or sys.stderr is None:
                continue
            sys.stderr.write(f"lstm-ascii: {status_line(status)}\n")
            sys.stderr.flush()
            reached = status.point.step if status.point else status.step
            gap = max(GAP, status.steps // LINES)
            self._next[status.cell] = (reached // gap + 1) * gap
            if done:
                self._done.add(status.cell)


def _tell_interrupted(interrupted: Interrupted, saved: str) -> None:
    """Say what is on disk and how to go on."""
    if sys.stderr is None:
        return
    from lstm_ascii.language.text import visible

    begun = [one for one in interrupted.statuses if one.saved]
    saved_at = ", ".join(f"{one.cell} at step {one.saved:,} of {one.steps:,}" for one in begun)
    told = [f"saved {saved_at}"] if begun else []
    if others := [one.cell for one in interrupted.statuses if not one.saved]:
        told.append(f"{', '.join(others)} {'was' if len(others) == 1 else 'were'} stopped before the first step")
    line = f"interrupted; {'; '.join(told)}. Go on with: lstm-ascii train --resume {quote(saved)}"
    sys.stderr.write(f"lstm-ascii: {visible(line)}\n")
