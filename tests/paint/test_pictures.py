"""Painted texts look as they were looked at, and never rest on colour alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.language.text import words_of
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.render.generate import generate_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.paint import follows_sentence, paint_page, style_of
from lstm_ascii.render.section import Page
from lstm_ascii.reports.explain.painted import Painted
from lstm_ascii.reports.explain.view import Where
from lstm_ascii.reports.paint import PaintReport
from tests.paint import by_hand
from tests.rendering import render

PAGES: dict[str, Callable[[], tuple[Callable[..., Page], object]]] = {
    "words": lambda: (paint_page, by_hand.painted()),
    "gate": lambda: (paint_page, by_hand.painted(gate=True, asked=True)),
    "characters": lambda: (paint_page, by_hand.spelled()),
    "follows nothing": lambda: (paint_page, by_hand.follows_nothing()),
    "no number": lambda: (paint_page, by_hand.no_number()),
    "written": lambda: (generate_page, by_hand.written()),
    "written characters": lambda: (generate_page, by_hand.written(characters=True)),
    "likeliest": lambda: (generate_page, by_hand.likeliest()),
}


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    draw, report = PAGES[name]()
    assert render(draw(report), width) == snapshot


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("name", ["words", "gate", "characters", "written"])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    draw, report = PAGES[name]()
    text = render(draw(words_in_ascii(report)), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("name", PAGES)
def test_no_line_is_wider_than_the_window(name: str, width: int) -> None:
    draw, report = PAGES[name]()
    assert max(cell_len(line) for line in render(draw(report), width).splitlines()) <= width


def test_sign_and_size_are_told_without_colour() -> None:
    report = by_hand.painted()
    lines = [line for line in render(paint_page(report), 120).splitlines() if "full height" not in line]
    above = " ".join(line[5:] for line in lines if line.startswith(" c+ "))
    below = " ".join(line[5:] for line in lines if line.startswith(" c− "))
    values = report.painted.values
    assert len(above.split()) == sum(value >= 0 for value in values)
    assert len(below.split()) == sum(value < 0 for value in values)


def test_colour_says_what_the_track_says() -> None:
    one, gate = by_hand.painted().painted, by_hand.painted(gate=True).painted
    styles = [style_of(one, row) for row in range(len(one.values))]
    assert len({style.removeprefix("reverse ") for style in styles if style}) == 2
    for value, style in zip(one.values, styles, strict=True):
        assert style.startswith("reverse") == (abs(value) >= 0.5 * max(map(abs, one.values)))
    assert {style_of(gate, row).startswith("reverse") for row in range(len(gate.values)) if gate.values[row] < 0.9} == {
        False
    }


def test_what_is_not_beyond_chance_is_not_said_to_be_followed() -> None:
    assert follows_sentence(by_hand.painted()).startswith("Unit 7 follows the distance into the sentence: r = 0.82")
    assert "no unit follows anything simple" in follows_sentence(by_hand.follows_nothing())
    assert "unit 7 follows nothing simple" in follows_sentence(by_hand.follows_nothing(asked=True))
    assert "no numbers" in follows_sentence(by_hand.no_number())


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60).filter(lambda text: text.strip())


@given(TEXT, st.booleans(), st.integers(20, 130))
def test_any_text_is_painted_within_its_window(text: str, characters: bool, width: int) -> None:
    words = tuple(Vocabulary.of_characters(("a", " ", "\\x0a")).words_of(text) if characters else words_of(text))
    values = tuple((-1.0) ** n * n / len(words) for n in range(len(words)))
    painted = Painted(0, True, "c", "cell", False, characters, words, values, (), (), 1, 4, (), 0)
    lines = render(paint_page(PaintReport(1, "LSTM", 1, "x", Where(), painted)), width).splitlines()
    assert max(map(cell_len, lines)) <= width
