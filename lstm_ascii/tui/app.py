"""The application: it hands keys to the state, asks the walk for its report, and shows the page of it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path

from rich.segment import Segment
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from lstm_ascii.errors import INTERRUPTED, LstmAsciiError
from lstm_ascii.records import dataclass
from lstm_ascii.render.section import Page, Paragraph
from lstm_ascii.render.step.above import keys_page, save_page, small_page
from lstm_ascii.render.step.page import COLUMNS, ROWS, step_page
from lstm_ascii.reports.step.position import Position
from lstm_ascii.reports.step.walk import Walk
from lstm_ascii.tui import state as states
from lstm_ascii.tui.drawing import Lines, Look
from lstm_ascii.tui.state import ACTS, HELP, KEYS, SAVE, SPEEDS, State, end_of_word

LONGEST = 1000  # characters of a sentence that is typed
SERVED, LONGEST_TYPED = "LSTM_ASCII_SERVED", 300  # the variable with the minutes of a visit; its longest sentence
SIGNALED = 128  # and the number of the signal is the exit code


@dataclass(frozen=True)
class Setting:
    """What does not change while the application runs.

    Attributes:
        given: options that say which networks are looked at, for the line that leads to a screen.
        look: how pages are drawn.
        is_served: whether a browser looks at it, whose reader may write no file of this machine.
        longest: characters of a sentence that is typed.
        minutes: after which it ends; 0 for no end.
        told: what the reader should know at the start, beside the first keys.
    """

    given: tuple[str, ...] = ()
    look: Look = field(default_factory=Look)
    is_served: bool = False
    longest: int = LONGEST
    minutes: float = 0.0
    told: str = ""


class Screenful(Widget):
    """Lines that were drawn for it, and what stands at the bottom."""

    DEFAULT_CSS = "Screenful { height: 1fr; }"

    class Resized(Message):
        """The rows or columns are others."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.lines: Lines = []
        self.offset_of_lines = 0

    def on_resize(self) -> None:
        """Ask for lines that fit."""
        self.post_message(self.Resized())

    def show(self, lines: Lines) -> None:
        """Show other lines."""
        self.lines = lines
        self.offset_of_lines = min(self.offset_of_lines, max(0, len(lines) - self.size.height))
        self.refresh()

    def scroll_lines(self, by: int) -> None:
        """Show what is farther down, or up."""
        self.offset_of_lines = max(0, min(self.offset_of_lines + by, len(self.lines) - self.size.height))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one row."""
        row = y + self.offset_of_lines
        line = self.lines[row] if row < len(self.lines) else [Segment("")]
        return Strip(line).adjust_cell_length(self.size.width)


class _Screen(Screen[None], inherit_bindings=False):
    """The screen, without keys of its own: Tab is ours."""


class StepApp(App[int], inherit_bindings=False):
    """The walk through a sentence."""

    CSS = """
    Screen, Screenful, Input { background: ansi_default; color: ansi_default; }
    Input { height: 1; border: none; padding: 0 1; display: none; }
    Input:focus { border: none; background-tint: transparent; }
    """
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None

    def __init__(self, walk: Walk, position: Position, setting: Setting | None = None) -> None:
        """Take what to walk through, and where to begin.

        Raises:
            LstmAsciiError: there is no such place.
        """
        super().__init__(ansi_color=True)
        self.failure: Exception | None = None
        self._walk, self._setting = walk, setting or Setting()
        self.state = State(position, told=self._setting.told or states.WELCOME)
        self._report = walk.report(position)
        self._before_edit = self.state
        self._timer: Timer | None = None
        self._is_ready = False

    def get_default_screen(self) -> Screen[None]:
        """Make the screen."""
        return _Screen(id="_default")

    def compose(self) -> ComposeResult:
        """Make the page, the line of keys and the line to type in."""
        yield Screenful()
        yield Screenful()
        yield Input(max_length=self._setting.longest, compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """Begin; whatever ends the process gives the terminal back first."""
        self.page, self.bottom = self.query(Screenful)
        self.bottom.styles.height = 1
        self.input = self.query_one(Input)
        self._is_ready = True
        if self._setting.minutes:
            self.set_timer(60 * self._setting.minutes, self.exit)
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):  # not on this system, or in this thread
                    loop.add_signal_handler(number, self.exit, SIGNALED + number)
        self.show()

    def on_screenful_resized(self) -> None:
        """Draw for another size."""
        self.show()

    def show(self) -> None:
        """Draw what the state says."""
        if not self._is_ready:
            return
        look, size = self._setting.look, self.size
        self.page.show(look.lines(self._page(size), size.width))
        told = self.state.told or states.line_of_keys()
        line = Paragraph(told, "" if self.state.told else "note")
        self.bottom.show(look.lines(Page(closing=(line,)), size.width)[:1])

    def _page(self, size: Size) -> Page:
        """Return the page for a size."""
        if size.width < COLUMNS or size.height < ROWS:
            return small_page(size.width, size.height)
        if self.state.above == HELP:
            return keys_page([(one.shown, one.does) for one in KEYS])
        if self.state.above == SAVE:
            return save_page(self.command(), not self._setting.is_served)
        report = self._setting.look.words(self._report)
        return step_page(report, size.height, states.EDITING if self.input.display else "")

    def command(self) -> str:
        """Return the line that prints what is on the screen."""
        given = [*self._setting.given, "--still"]
        return self.state.position.command(given)

    def become(self, state: State) -> None:
        """Go to a state; what can't be is told, and the state stays."""
        try:
            self._report = self._walk.report(state.position)
        except LstmAsciiError as error:
            state = replace(self.state, told=str(error), is_playing=False)
        self.state = state
        self._keep_time()
        self.show()

    def _keep_time(self) -> None:
        """Let the clock run while it plays, at its speed."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.state.is_playing:
            self._timer = self.set_timer(1 / SPEEDS[self.state.speed], self.tick)

    def tick(self) -> None:
        """Go on by a word."""
        self.become(states.tick(self.state, self._walk.bounds(self.state.position)))

    def on_key(self, event: events.Key) -> None:
        """Do what a key does."""
        if self.input.display and event.key not in ("escape", "ctrl+c"):
            self._typed_early(event)
            return
        event.prevent_default()
        event.stop()
        state = replace(self.state, told="")
        if event.key == "ctrl+c":
            self.exit(INTERRUPTED)
        elif event.key == "escape" and self.input.display:
            self._end_edit(self._before_edit)
        elif event.key == "ctrl+z":
            self.action_suspend_process()
        elif state.above:
            self._close(event.key)
        elif event.key == "q":
            self.exit(0)
        elif event.key == "e":
            self._edit()
        elif event.key in ("pagedown", "pageup"):
            self.page.scroll_lines(self.page.size.height * (1 if event.key == "pagedown" else -1))
        elif event.key in ACTS:
            self.become(ACTS[event.key](state, self._walk.bounds(state.position)))

    def on_click(self, event: events.Click) -> None:
        """Go to the word that is clicked on."""
        number = event.style.meta.get("word")
        if isinstance(number, int) and not self.state.above:
            self.become(replace(self.state, told="").moved(at=number))

    def _edit(self) -> None:
        """Let the sentence be typed anew, in the place of the line of keys."""
        if not self.state.position.sentence:
            self.become(replace(self.state, told="What is read comes from a file; it can't be edited here."))
            return
        self._before_edit = self.state = replace(self.state, is_playing=False, told="")
        self._keep_time()
        self.input.value = self.state.position.sentence
        self.input.cursor_position = end_of_word(
            self.input.value, self._walk.words(self.state.position)[: self.state.position.at]
        )
        self.bottom.display, self.input.display = False, True
        self.screen.set_focus(self.input)  # at once: what is typed next belongs to it
        self.show()

    def _typed_early(self, event: events.Key) -> None:
        """Take a key for the sentence that was on its way before the line to type in had the focus."""
        if event.is_printable and event.character:
            self.input.insert_text_at_cursor(event.character)
        elif event.key == "enter":
            self._end_edit(self.state)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follow what is typed."""
        if self.input.display and event.value.strip():
            self._follow(event.value)

    def on_input_submitted(self) -> None:
        """Keep what was typed."""
        self._end_edit(self.state)

    def _follow(self, sentence: str) -> None:
        """Read what is typed; a place that is gone becomes the last one."""
        state = states.edited(self.state, sentence)
        try:
            words = self._walk.bounds(state.moved(at=1).position).words
        except LstmAsciiError:
            return
        self.become(state.moved(at=min(state.position.at, words)))

    def _end_edit(self, state: State) -> None:
        """Show the line of keys again."""
        self.screen.set_focus(None)
        self.bottom.display, self.input.display = True, False
        self.become(state)

    def _close(self, key: str) -> None:
        """Leave the page that lies above; on that of saving, write what is asked for."""
        kind = {"t": ".txt", "s": ".svg"}.get(key, "")
        above, self.state = self.state.above, replace(self.state, above="", told="")
        if above == SAVE and kind and not self._setting.is_served:
            lines = self._setting.look.lines(self._page(self.size), self.size.width)
            self.state = replace(self.state, told=_written(lines, self.size.width, kind))
        self.show()

    def _handle_exception(self, error: Exception) -> None:
        """Keep what went wrong for the one who started this, and give the terminal back."""
        self.failure = error
        self.exit(1)


def _written(lines: Lines, width: int, kind: str) -> str:
    """Write the screen into a file, and say where it is, or why it couldn't be."""
    from lstm_ascii.tui.saving import saved

    try:
        return f"Written: {saved(lines, width, kind, Path.cwd())}"
    except OSError as error:
        return f"It can't be written: {error.strerror or error}"


def run_step(walk: Walk, position: Position, setting: Setting, mouse: bool = True) -> int:
    """Run the walk on the terminal.

    Args:
        walk: the networks.
        position: where to begin.
        setting: how it is shown.
        mouse: whether clicks are taken.

    Returns:
        The exit code.

    Raises:
        LstmAsciiError: there is no such place.
    """
    app = StepApp(walk, position, setting)
    code = app.run(mouse=mouse)
    if app.failure is not None:
        raise app.failure
    return code or 0
