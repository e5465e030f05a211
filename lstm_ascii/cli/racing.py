"""The memory race while it runs: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import following

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lstm_ascii.training.recall_race import Outcome, Watch


def racing(output: Output) -> AbstractContextManager[Watch]:
    """Show on standard error how far the race is."""
    return following(output, _bars, _Log().watch)


def _bars(outcomes: Sequence[Outcome]) -> RenderableType:
    """Return the picture of a race."""
    from lstm_ascii.render.recall.live import RaceBars

    return RaceBars(tuple(outcomes))


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
