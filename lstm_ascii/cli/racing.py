"""The memory race while it runs: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lstm_ascii.cli.output import Output

if TYPE_CHECKING:
    from lstm_ascii.training.recall_race import Outcome, Watch


@contextmanager
def racing(output: Output) -> Iterator[Watch]:
    """Show on standard error how far the race is."""
    console = output.live_console()
    if console is None:
        yield _Log().watch
        return
    from lstm_ascii.cli.live import Live
    from lstm_ascii.render.recall.live import RaceBars

    with Live(console, output.only_ascii(console.file)) as live:
        yield lambda outcomes: live.show(RaceBars(tuple(outcomes)))


class _Log:
    """Writes a line to standard error when all seeds of a network have ended at a gap."""

    def __init__(self) -> None:
        self._told = 0

    def watch(self, outcomes: Sequence[Outcome]) -> None:
        """Write what is new, always in the same order: by gap, then by network."""
        from lstm_ascii.render.recall.live import log_lines

        lines = list(log_lines(outcomes))
        for line in lines[self._told :]:
            if sys.stderr is not None:
                sys.stderr.write(f"lstm-ascii: {line}\n")
                sys.stderr.flush()
        self._told = len(lines)
