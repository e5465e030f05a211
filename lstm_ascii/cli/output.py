"""Where the answer goes: to the terminal, to a pipe, into a file, as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Any

from lstm_ascii.cli import export
from lstm_ascii.cli.writing import writing
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.records import dataclass
from lstm_ascii.reports.as_json import to_json as to_json

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from lstm_ascii.render.parts import Tellable

SMALLEST_WIDTH, DEFAULT_WIDTH = 20, 80
ON_A_SCREEN = 200  # words that a table shows on a terminal; a pipe gets all


@dataclass(frozen=True)
class Output:
    """What the shared options ask for; see :mod:`lstm_ascii.cli.options`."""

    json: bool = False
    tsv: bool = False
    plain: bool = False
    export: str = ""
    force: bool = False
    ascii: bool = False
    width: int = 0
    color: str = "auto"
    no_pager: bool = False

    def __post_init__(self) -> None:
        """Refuse what can't be done before anything is computed."""
        if self.json + self.tsv + self.plain > 1:
            raise UsageError("--json, --tsv and --plain: expected one of them")
        if self.color not in ("auto", "always", "never"):
            raise UsageError(f"--color: expected auto, always or never, got {self.color}")
        if self.width and self.width < SMALLEST_WIDTH:
            raise UsageError(f"--width: expected at least {SMALLEST_WIDTH}, got {self.width}")
        if self.export:
            export.check(self.export, self.force)

    @property
    def takes_all(self) -> bool:
        """Whether the whole report is taken, not only what its picture tells."""
        return self.json

    def show(self, report: Any, draw: Callable[[Any, int | None], Tellable]) -> None:
        """Send a report where it belongs.

        Args:
            report: a dataclass.
            draw: makes the picture of a report; its second argument is the most words to show in a table.
        """
        from lstm_ascii.cli.watching import watching

        if self.export:
            export.check_drawn(self.export)
        with watching(self, "drawing"):
            exported = self._exported(report, draw) if self.export else ""  # first: what can't be exported is refused
            printed = self._printed(report, draw)
        if printed and not self._paged(printed):
            with writing():
                _stdout().write(printed)
        if self.export:
            export.write(self.export, exported, self.force)

    def _paged(self, printed: str) -> bool:
        """Show an answer in a pager, where there is a reader whose terminal is too low for it; tell whether it was."""
        if not _stdout().isatty():
            return False
        from lstm_ascii.cli.paging import shown_in_pager

        return shown_in_pager(printed, self)

    def _printed(self, report: Any, draw: Callable[[Any, int | None], Tellable]) -> str:
        """Return what goes to standard output."""
        if self.json:
            return to_json(report) + "\n"
        if self.tsv:
            return _tables(draw(report, None), self.only_ascii(_stdout()))
        return "" if self.export else self._drawn(report, draw)

    def _drawn(self, report: Any, draw: Callable[[Any, int | None], Tellable]) -> str:
        """Return the picture as standard output takes it."""
        stream = _stdout()
        on_screen = stream.isatty()
        console = _console(stream, self.width or _terminal_width(on_screen), _color_system(self.color, on_screen))
        with writing(), console.capture() as capture:  # Rich writes as the capture ends
            console.print(self._picture(report, draw, ON_A_SCREEN if on_screen else None, self.only_ascii(stream)))
        return capture.get()

    def _picture(
        self, report: Any, draw: Callable[[Any, int | None], Tellable], limit: int | None, only_ascii: bool
    ) -> RenderableType:
        """Return the picture, told plainly where that is asked for, and in pure ASCII where it must be."""
        if not only_ascii:
            return self._told(draw(report, limit))
        from lstm_ascii.render.glyphs import PureAscii, words_in_ascii

        return PureAscii(self._told(draw(words_in_ascii(report), limit)))

    def _told(self, page: Tellable) -> RenderableType:
        """Return the page, or its parts in sentences where that is asked for."""
        if not self.plain:
            return page
        from lstm_ascii.render.parts import Plain

        return Plain(page)

    def only_ascii(self, stream: Any) -> bool:
        """Tell whether only pure ASCII may go to ``stream``."""
        return self.ascii or not (stream.encoding or "ascii").lower().replace("_", "-").startswith("utf")

    def has_color(self) -> bool:
        """Tell whether standard output gets colours, where it is a terminal."""
        return _color_system(self.color, on_screen=True) is not None

    def live_console(self) -> Console | None:
        """Return a console on standard error for what moves, or ``None`` where nothing can move."""
        if not self.can_move():
            return None
        # without a width it follows the terminal when that is resized
        return _console(sys.stderr, None, _color_system(self.color, on_screen=True), live=True)

    def can_move(self) -> bool:
        """Tell whether something can move on standard error."""
        stream = sys.stderr
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"

    def _exported(self, report: Any, draw: Callable[[Any, int | None], Tellable]) -> str:
        """Return what goes into a file: drawn, told, or its tables."""
        if export.ending(self.export) == export.TABLES:
            return _tables(draw(report, None), self.ascii, f"--export {self.export}")
        from lstm_ascii.render import documents

        width = self.width or DEFAULT_WIDTH
        lines = documents.lines_of(
            self._picture(report, draw, None, self.ascii), _console(StringIO(), width, "truecolor")
        )
        if export.ending(self.export) == ".svg":
            return documents.to_svg(lines, width)
        return documents.to_html(lines) if export.ending(self.export) == ".html" else documents.to_text(lines)


def fragment_of(picture: RenderableType, output: Output) -> str:
    """Return a picture as a part of a page of HTML, in the width and the letters that are asked for."""
    from lstm_ascii.render import documents
    from lstm_ascii.render.glyphs import PureAscii

    drawn = PureAscii(picture) if output.ascii else picture
    return documents.to_fragment(
        documents.lines_of(drawn, _console(StringIO(), output.width or DEFAULT_WIDTH, "truecolor"))
    )


def _tables(page: Tellable, only_ascii: bool, asked: str = "--tsv") -> str:
    """Return the tables of a page, with tabs; ``asked`` is the option that wants them."""
    from lstm_ascii.render.parts import to_tsv

    parts = page.parts()
    if only_ascii:
        from lstm_ascii.render.glyphs import words_in_ascii

        parts = words_in_ascii(tuple(parts))
    text = to_tsv(parts)
    if not text:
        raise UsageError(f"{asked}: this answer has no table; --json has all of it")
    return text


def _console(stream: Any, width: int | None, color_system: Any, live: bool = False) -> Console:
    """Return a console that takes nothing from the environment."""
    from rich.theme import Theme

    from lstm_ascii.cli.console import Console
    from lstm_ascii.render.theme import STYLES

    return Console(
        file=stream,
        width=width,
        color_system=color_system,
        force_terminal=live or color_system is not None,
        theme=Theme(STYLES),
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def _color_system(wanted: str, on_screen: bool) -> str | None:
    """Decide on colour, and how many colours there are."""
    if wanted == "never" or (wanted == "auto" and not _colored(on_screen)):
        return None
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "truecolor"
    return "256" if "256" in os.environ.get("TERM", "") else "standard"


def _colored(on_screen: bool) -> bool:
    """Decide on colour by the environment.

    The first that says something decides: NO_COLOR (off), FORCE_COLOR (on; off where 0),
    CLICOLOR_FORCE (on unless 0), CLICOLOR (off where 0), and what the stream is. An empty variable says nothing.
    """
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return environment["FORCE_COLOR"] not in ("0", "false")
    if environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return on_screen and environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"


def _terminal_width(on_screen: bool) -> int:
    """Return the columns of the terminal; 80 if there is none or it makes no sense."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 9:
        return max(SMALLEST_WIDTH, int(asked)) if int(asked) else DEFAULT_WIDTH
    if on_screen:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            columns = 0
        if columns:
            return max(SMALLEST_WIDTH, columns)
    return DEFAULT_WIDTH


def _stdout() -> Any:
    """Return standard output, if there is one."""
    if sys.stdout is None:
        raise LstmAsciiError("there is no standard output to write to; use --export FILE")
    return sys.stdout
