"""The application, driven by Textual's pilot: every key, the mouse, and the screens as text."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

pytest.importorskip("textual")

from textual.events import Key

from lstm_ascii.cli.inprocess import perform
from lstm_ascii.reports.step.position import Position
from lstm_ascii.reports.step.walk import Walk
from lstm_ascii.tui.app import Screenful, Setting, StepApp
from lstm_ascii.tui.drawing import Look
from tests.cli.program import TIMEOUT
from tests.step.by_hand import SENTENCE, WalkByHand

NEWCOMER = "The cat near the dogs was hungry."


def rows(part: Screenful) -> list[str]:
    """Return the rows of a part of the screen."""
    return ["".join(segment.text for segment in part.render_line(y)).rstrip() for y in range(part.size.height)]


def screen(app: StepApp) -> str:
    """Return the screen as text."""
    typed = [f"[{app.input.value}]"] if app.input.display else []
    return "\n".join([*rows(app.page), *(rows(app.bottom) if app.bottom.display else []), *typed]) + "\n"


def driven(app: StepApp, drive: Callable[[Any], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> StepApp:
    """Run an application on a screen of a size, and drive it."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await drive(pilot)

    asyncio.run(run())
    return app


def pressed(app: StepApp, *keys: str, size: tuple[int, int] = (80, 24)) -> str:
    """Return the screen after some keys."""
    seen = []

    async def drive(pilot: Any) -> None:
        await pilot.press(*keys)
        seen.append(screen(app))

    driven(app, drive, size)
    return seen[0]


def by_hand(look: Look | None = None) -> StepApp:
    """Return an application whose reports are written by hand."""
    return StepApp(WalkByHand(), Position(SENTENCE), Setting(look=look or Look()))


SCREENS = {
    "start": (),
    "word": ("right",),
    "swapped": ("right", "s"),
    "back": ("b", "left"),
    "units": ("u",),
    "keys": ("question_mark",),
    "save": ("right", "s", "x"),
    "edit": ("right", "e"),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    assert pressed(by_hand(), *SCREENS[name]) == snapshot


def test_a_large_screen_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert pressed(by_hand(), "right", size=(120, 40)) == snapshot


def test_a_screen_in_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    text = pressed(by_hand(Look(ascii=True)), "right", "s")
    assert text.isascii()
    assert text == snapshot


def test_a_terminal_that_is_too_small_is_told_so() -> None:
    text = pressed(by_hand(), size=(79, 24))
    assert "step needs 80 × 24, this terminal has 79 × 24" in text
    assert "step needs 80 × 24" in pressed(by_hand(), size=(80, 23))


def test_a_newcomer_who_presses_right_sees_the_number_written_carried_and_cleared_and_turns_the_verb() -> None:
    app, seen = StepApp(Walk(), Position(NEWCOMER)), []

    async def drive(pilot: Any) -> None:
        for _ in range(6):
            seen.append(screen(app))
            await pilot.press("right")
        await pilot.press("home", "right", "e", "s", "enter", "right", "right", "right")
        seen.append(screen(app))

    driven(app, drive)
    assert "Press →" in seen[0]
    assert "carries the number of “cat”" in seen[0]
    assert "“cat” writes" in seen[1]
    assert "“the#4” changes nothing" in seen[3]
    assert "LSTM  was = sentence" in seen[4]
    assert "“was” clears" in seen[5]
    assert app.state.position.sentence == NEWCOMER.replace("cat", "cats")
    assert "LSTM  were ≠ sentence" in seen[6]


def test_every_key_does_what_is_told_of_it() -> None:
    app = by_hand()

    async def drive(pilot: Any) -> None:
        async def after(*keys: str) -> Position:
            await pilot.press(*keys)
            return app.state.position

        assert (await after("right")).at == 2
        assert (await after("left")).at == 1
        assert (await after("end")).at == 8
        assert (await after("home")).at == 1
        assert (await after("down")).unit == 2
        assert (await after("up")).unit == 1
        assert (await after("c")).unit is None
        assert (await after("tab")).network == "gru"
        assert (await after("tab")).network == "rnn"
        assert (await after("tab")).network == "lstm"
        assert (await after("l")).layer is None
        assert "one layer" in rows(app.bottom)[0]
        assert (await after("s")).swapped == 1
        assert (await after("s")).swapped == 0
        assert (await after("b")).view == "back"
        assert (await after("b", "u")).view == "units"
        await pilot.press("u", "plus", "plus", "space")
        assert app.state.is_playing
        assert app.state.speed == 3
        await pilot.press("minus", "space")
        assert not app.state.is_playing
        await pilot.press("question_mark")
        assert "THE KEYS" in rows(app.page)[0]
        await pilot.press("question_mark", "x")
        assert "SAVE" in rows(app.page)[0]
        await pilot.press("escape", "z", "pagedown", "pageup")
        assert "THE WORDS" in rows(app.page)[0]
        await pilot.press("q")

    assert driven(app, drive).return_value == 0


def test_ctrl_c_ends_it_as_it_ends_other_commands() -> None:
    app = by_hand()

    async def drive(pilot: Any) -> None:
        await pilot.press("e", "ctrl+c")

    assert driven(app, drive).return_value == 130


def test_it_plays_by_itself_to_the_end() -> None:
    app = by_hand()

    async def drive(pilot: Any) -> None:
        await pilot.press("space")
        for word in range(2, 9):
            app.tick()
            assert app.state.position.at == word

    assert not driven(app, drive).state.is_playing


def test_a_click_goes_to_the_word() -> None:
    app = by_hand()

    async def drive(pilot: Any) -> None:
        column = rows(app.page)[1].index("doors")
        await pilot.click(offset=(column + 1, 1))
        assert app.state.position.at == 5
        await pilot.click(offset=(2, 10))

    assert driven(app, drive).state.position.at == 5


def test_escape_takes_the_sentence_before_back_and_nonsense_is_harmless() -> None:
    app = StepApp(Walk(("gru",)), Position("The cat was here.", 2))

    async def drive(pilot: Any) -> None:
        await pilot.press("e", "s")
        assert app.state.position.sentence == "The cats was here."
        await pilot.press("escape")
        assert app.state.position.sentence == "The cat was here."
        await pilot.press("e")
        app.input.value = "   "
        await pilot.press("enter")
        assert app.state.position.sentence == "The cat was here."
        await pilot.press("e")
        app.input.value = "cats"
        await pilot.press("enter")
        assert app.state.position == Position("cats", 1)

    driven(app, drive)


def test_what_can_not_be_is_told_and_the_place_stays() -> None:
    app = StepApp(Walk(("gru",)), Position("The cat near the dogs was here.", 3))
    text = pressed(app, "s")
    assert "“near” has no twin in the other number" in text
    assert app.state.position.swapped == 0


def test_the_screen_is_saved_as_text_and_as_svg_and_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "step-1.txt").write_text("mine")
    text = pressed(by_hand(), "right", "x", "t", "x", "s")
    assert "Written: step-1.svg" in text
    assert (tmp_path / "step-1.txt").read_text() == "mine"
    written = (tmp_path / "step-2.txt").read_text(encoding="utf-8").splitlines()
    assert written == text.splitlines()[: len(written)]
    assert (tmp_path / "step-1.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_visitor_of_a_served_walk_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = StepApp(WalkByHand(), Position(SENTENCE), Setting(is_served=True))
    assert "writes it as text" not in pressed(app, "x")
    pressed(StepApp(WalkByHand(), Position(SENTENCE), Setting(is_served=True)), "x", "t", "x", "s")
    assert not list(tmp_path.iterdir())


def test_the_line_that_is_told_prints_what_is_on_the_screen() -> None:
    app = StepApp(Walk(), Position(NEWCOMER, 2, 0, "gru", swapped=2), Setting())
    driven(app, lambda pilot: pilot.press("right", "u"))
    report, _ = perform(shlex.split(app.command())[1:])
    assert report == app._walk.report(app.state.position)


def test_without_colour_no_part_of_a_screen_has_one() -> None:
    app = by_hand(Look(color=False))

    async def drive(pilot: Any) -> None:
        await pilot.press("right", "s")
        styles = [part.style for y in range(24) for part in app.page.render_line(y) if part.style]
        assert styles
        assert not [style for style in styles if style.color or style.bgcolor]

    driven(app, drive)


def test_a_visit_ends_in_time() -> None:
    app = StepApp(WalkByHand(), Position(SENTENCE), Setting(minutes=1e-4))

    async def drive(pilot: Any) -> None:
        for _ in range(TIMEOUT * 100):
            if not app.is_running:
                return
            await asyncio.sleep(0.01)

    driven(app, drive)
    assert app.return_code == 0


def test_what_is_typed_right_after_e_is_all_in_the_sentence() -> None:
    app = StepApp(Walk(("gru",)), Position("The cat was here."))

    async def drive(pilot: Any) -> None:
        for key, character in (("e", "e"), ("space", " "), *((letter, letter) for letter in "old")):
            app.post_message(Key(key, character))
        await pilot.pause()
        await pilot.press("enter")

    assert driven(app, drive).state.position.sentence == "The old cat was here."
