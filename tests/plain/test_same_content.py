"""What a page's drawing shows stands in its ``--plain`` and ``--tsv``, clause by clause and in the same order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lstm_ascii.cli.app import COMMANDS
from tests.plain.figures import figures, missing
from tests.plain.pages import ENOUGH, PAGES, SECTIONS, drawing, pages_with_sections, parts_of
from tests.plain.same_content import (
    missed_tables,
    not_in_the_drawing,
    not_in_the_text,
    sections_of,
    unmissed_sentences,
)

ONE_OF_EACH = ("explain gates", "explain split", "gradients measures", "compare claims", "agreement share", "train",
               "derive forget", "diagram bptt", "diagram list", "doctor text", "inspect model", "gradcheck", "recall",
               "learn list", "glossary")  # fmt: skip


def test_every_command_and_every_section_is_held_against_its_text() -> None:
    assert {name.split()[0] for name in PAGES} == {*COMMANDS, "look"}
    assert pages_with_sections() == SECTIONS
    for command, views in SECTIONS.items():
        assert [view for view in views if f"{command} {view}" not in PAGES] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_paragraph_is_folded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for section in sections_of(drawing(name, monkeypatch)):
        assert max(map(len, section.prose), default=0) < ENOUGH - 100


@pytest.mark.parametrize("name", PAGES)
def test_all_that_is_drawn_stands_in_the_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = not_in_the_text(drawing(name, monkeypatch), parts_of(name))
    assert not lacking, "\n" + "\n".join(lacking)


@pytest.mark.parametrize("name", PAGES)
def test_the_text_says_no_more_than_the_drawing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    surplus = not_in_the_drawing(drawing(name, monkeypatch), parts_of(name))
    assert not surplus, "\n" + "\n".join(surplus)


@pytest.mark.parametrize("name", PAGES)
def test_each_sentence_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = unmissed_sentences(drawing(name, monkeypatch), parts_of(name))
    assert not lost, "\n" + "\n".join(lost)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_table_or_a_row_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = list(missed_tables(drawing(name, monkeypatch), parts_of(name)))
    assert any(table for table, _ in missed)
    assert any(row for _, row in missed)


@pytest.mark.parametrize(
    ("shown", "value", "agrees"),
    [(".78", "0.7812", True), (".78", "0.79", False), ("2e-45", "1.9e-45", True), ("≈0", "1e-1200", True),
     ("12%", "0.1234", True), ("12%", "0.13", False), ("<1%", "0.004", True), ("<1%", "0", False),
     (">99%", "0.997", True), ("1,234", "1234", True), ("−0.5", "-0.52", True), ("−0.5", "0.52", False),
     ("1:02:05", "3725.4", True), ("1.2 times 10 to the −4", "0.000123", True)],
)  # fmt: skip
def test_a_figure_is_found_to_the_digits_that_are_shown(shown: str, value: str, agrees: bool) -> None:
    assert (missing(figures(shown), [Decimal(value)]) == []) is agrees
