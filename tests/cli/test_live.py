"""A display that moves gives the terminal back, at whichever moment it is interrupted."""

from __future__ import annotations

import signal
from io import StringIO

import pytest
from rich.console import Console

from lstm_ascii.cli.live import Live
from lstm_ascii.interrupts import interrupted_after

SHOWN, HIDDEN = "\x1b[?25h", "\x1b[?25l"


def display(interrupted_at: str) -> tuple[Live, StringIO]:
    """Return a display, and its stream, that is interrupted as soon as a method of its console is called."""
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, width=40, _environ={})
    method = getattr(console, interrupted_at)

    def interrupted(*given: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return method(*given)

    setattr(console, interrupted_at, interrupted)
    return Live(console, only_ascii=False), stream


@pytest.mark.parametrize("moment", ["show_cursor", "push_render_hook", "pop_render_hook", "set_live"])
def test_the_cursor_comes_back_whenever_it_is_interrupted(moment: str) -> None:
    live, stream = display(moment)
    with pytest.raises(KeyboardInterrupt), live:
        pass
    assert stream.getvalue().count(HIDDEN) == stream.getvalue().count(SHOWN) == 1
    assert stream.getvalue().rindex(SHOWN) > stream.getvalue().rindex(HIDDEN)
    live.stop()  # a second time does no harm


def test_an_interrupt_waits_for_the_end_of_a_block() -> None:
    done = []

    def block() -> None:
        with interrupted_after():
            signal.raise_signal(signal.SIGINT)
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        block()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_that_nobody_listens_to_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupted_after():
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
