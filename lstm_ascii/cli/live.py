"""Rich's live display on standard error, which a Ctrl-C never interrupts halfway through start or end."""

from __future__ import annotations

import rich.live
from rich.console import Console, RenderableType

from lstm_ascii.interrupts import interrupted_after
from lstm_ascii.render.glyphs import PureAscii


class Live(rich.live.Live):
    """A live display that gives the terminal back, at whichever moment it is interrupted.

    Rich hides the cursor before it has noted what to undo.
    """

    def __init__(self, console: Console, only_ascii: bool) -> None:
        """Take where to show it; it moves when it is told to, and goes away in the end."""
        super().__init__(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._only_ascii = only_ascii

    def show(self, picture: RenderableType) -> None:
        """Draw a picture in the place of the last one."""
        self.update(PureAscii(picture) if self._only_ascii else picture, refresh=True)

    def start(self, refresh: bool = False) -> None:
        """Begin; an interrupt that came meanwhile ends it at once."""
        try:
            with interrupted_after():
                super().start(refresh)
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self) -> None:
        """End, and show the cursor again."""
        with interrupted_after():
            super().stop()
