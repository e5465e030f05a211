"""What a window of 80 columns shows is not lost in one of 120: no column, no row, no cell, no word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from rich.text import Text

from lstm_ascii.render.explain import BRIEF
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.grid import Grid
from tests.explain.cases import CASES
from tests.plain.pages import PAGES
from tests.rendering import render

FIRST = {f"{name} {form}".strip(): explain_page(report, views)
         for name, report in CASES.items() for form, views in (("", ()), ("brief", BRIEF))}  # fmt: skip
EVERY = PAGES | FIRST
HOME, WIDER = 80, (100, 120)
ABOUT_THE_WINDOW = re.compile(r" *By all paths \(the Jacobians\): in a\s+wider[^.]*\.")
SCALE = re.compile(r"^ +0( +\d+)+$", re.MULTILINE)  # every so many units are numbered, as a column stands for some
DRAWN = re.compile(r"[\s\u2500-\u25ff·•()×+,;:.?“”\\]+")  # and what stands between words


@dataclass(frozen=True)
class Shown:
    """What a table shows in a window.

    Attributes:
        sizes: cells of each column's pictures; empty where the rows are turned into lines.
        cells: the texts by row and column.
    """

    sizes: Mapping[str, int]
    cells: Mapping[tuple[int, str], str]


def tables(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[tuple[str, Shown]]]:
    """Draw a page, and return it with what each of its tables shows."""
    found: list[tuple[str, Shown]] = []
    plain = Grid.lines

    def lines(grid: Grid, room: int) -> Iterator[Text]:
        drawn = list(plain(grid, room))
        found.append((grid.name, shown(grid, room)))
        return iter(drawn)

    with monkeypatch.context() as patched:
        patched.setattr(Grid, "lines", lines)
        return render(EVERY[name], width), found


def shown(grid: Grid, room: int) -> Shown:
    """Return what a table shows in so many columns."""
    left = grid.left(room)
    placed = [one for group in grid._groups(list(grid._placed(room, left)), room - left) for one in group]
    names = [one.column.name for one in placed]
    rows = [row for row in grid.shown if row is not None]
    cells = {(row, name): one.cell(row).plain for row in rows for name, one in zip(names, placed, strict=True)}
    return Shown({name: one.size for name, one in zip(names, placed, strict=True)}, cells)


def words(text: str) -> list[str]:
    """Return what is written in a text, without what is drawn."""
    return [word for word in DRAWN.split(SCALE.sub("", ABOUT_THE_WINDOW.sub("", text))) if word.strip("…")]


def lacking(narrow: Sequence[str], wide: Sequence[str]) -> list[str]:
    """Return the words of the one that are not in the other; one that was cut is there where its beginning is."""
    there = set(wide)
    return [
        word for word in narrow
        if word not in there and not ("…" in word and any(is_cut(word, one) for one in there))
    ]  # fmt: skip


def is_cut(word: str, whole: str) -> bool:
    """Tell whether a word is what is left of another."""
    begin, _, end = word.partition("…")
    return whole.startswith(begin) and whole.endswith(end)


def lost(narrow: list[tuple[str, Shown]], wide: list[tuple[str, Shown]]) -> list[str]:
    """Return what tables show in the narrow window and not in the wide one."""
    found = [] if [name for name, _ in narrow] == [name for name, _ in wide] else ["other tables"]
    for (name, small), (_, large) in zip(narrow, wide, strict=False):
        found += [f"{name}: {column}" for column, size in small.sizes.items() if large.sizes.get(column, -1) < size]
        for key, text in small.cells.items():
            found += [f"{name} {key}: {word}" for word in lacking(words(text), words(large.cells.get(key, "")))]
    return found


@pytest.mark.parametrize("name", EVERY)
def test_nothing_that_a_window_shows_is_lost_in_a_wider_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow, small = tables(name, HOME, monkeypatch)
    for width in WIDER:
        wide, large = tables(name, width, monkeypatch)
        found = [*lost(small, large), *lacking(words(narrow), words(wide))]
        assert not found, "\n".join([f"at {width}", *found])


def test_a_column_a_row_and_a_word_that_are_lost_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    (_, grid), *_ = found = tables("explain gates", HOME, monkeypatch)[1]
    some = {key: text for key, text in grid.cells.items() if key[0]}
    column = next(iter(grid.sizes))
    less = {name: size for name, size in grid.sizes.items() if name != column}
    for poorer in (Shown(grid.sizes, some), Shown(less, grid.cells), Shown({**less, column: 0}, grid.cells)):
        assert lost(found, [(found[0][0], poorer), *found[1:]])
    assert lost(found, []) == ["other tables"]
    assert lacking(["cat", "chil…"], ["cat", "children"]) == []
    assert lacking(["cat", "chil…"], ["cats", "child"]) == ["cat"]
