"""Rich's console, without its handling of broken pipes."""

from __future__ import annotations

import rich.console


class Console(rich.console.Console):
    """A console that lets the caller know when nobody reads any more; Rich would end the program."""

    def on_broken_pipe(self) -> None:
        """Pass the error on to where exit codes are decided."""
        raise BrokenPipeError
