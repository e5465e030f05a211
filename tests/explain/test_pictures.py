"""Every section of ``explain``, drawn from a report written by hand."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.explain import BY_DEFAULT, SECTIONS
from lstm_ascii.render.explain.memory import GLYPHS, IN_ASCII, map_lines
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.glyphs import words_in_ascii
from tests.explain import by_hand
from tests.rendering import render


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("view", SECTIONS)
def test_each_section_looks_as_it_was_looked_at(view: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(by_hand.report(), (view,)), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(explain_page(words_in_ascii(by_hand.report()), tuple(SECTIONS)), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("cell", ["RNN", "GRU"])
def test_the_other_cells_look_as_they_were_looked_at(cell: str, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(by_hand.report((cell,)), tuple(SECTIONS)), 80) == snapshot


def test_the_page_in_colour_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(by_hand.report(), ("gates", "decided")), 80, color=True) == snapshot


@pytest.mark.parametrize("width", [*range(20, 131, 5), 39, 69, 109, 200, 5000])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in render(explain_page(by_hand.report(), tuple(SECTIONS)), width).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize("width", [40, 80, 120])
def test_pure_ascii_moves_nothing(width: int) -> None:
    page = explain_page(by_hand.report(), tuple(name for name in SECTIONS if name not in ("next", "memory")))
    drawn, exchanged = render(page, width).splitlines(), render(page, width, ascii=True).splitlines()
    relabelled = [line.replace(" sig ", "  s  ").replace(":|", "||").replace(" !=", " ! ") for line in exchanged]
    assert [line.rstrip().replace(" |sig|", " | s |") for line in relabelled if "unknown" not in line] == [
        line.rstrip() for line in map(_exchanged, drawn) if "unknown" not in line
    ]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_negative_value_of_the_memory_is_as_heavy_as_a_positive_one(ascii_only: bool) -> None:
    """Its glyph is the mirror image of the other's, and the sign is seen without colour."""
    values = ((0.05, 0.2, 0.5, 1.0), (-0.05, -0.2, -0.5, -1.0))
    glyphs = IN_ASCII if ascii_only else GLYPHS
    _, up, down, *_ = (line.plain for line in map_lines(("up", "down"), values, (0, 1), 1.0, glyphs, 80))
    mirrored = str.maketrans("".join(glyphs[0]), "".join(glyphs[1]))
    assert up.split()[-1].translate(mirrored) == down.split()[-1]
    assert not set(up.split()[-1]) & set(down.split()[-1])


def test_in_pure_ascii_the_memory_has_the_same_places() -> None:
    """Its glyphs are others, at the same cells."""
    page = explain_page(by_hand.report(), ("memory",))
    drawn, exchanged = render(page, 80).splitlines(), render(page, 80, ascii=True).splitlines()
    assert [[cell == " " for cell in line.rstrip()] for line in drawn] == [
        [cell == " " for cell in line.rstrip()] for line in exchanged
    ]


def _exchanged(line: str) -> str:
    from lstm_ascii.render.glyphs import to_ascii

    return to_ascii(line)


def test_every_word_stands_in_the_table_of_the_gates() -> None:
    text = render(explain_page(by_hand.report(), ("gates",)), 80)
    for number, word in enumerate(by_hand.WORDS, 1):
        assert re.search(rf"^\s*{number} {re.escape(word)} ", text, re.MULTILINE), word


@pytest.mark.parametrize("number", range(1, 9))
def test_printed_shares_add_up_to_at_most_the_whole(number: int) -> None:
    text = render(explain_page(by_hand.report(), ("gates",)), 160)
    line = next(
        line for line in text.splitlines() if re.match(rf"\s*{number} {re.escape(by_hand.WORDS[number - 1])} ", line)
    )
    listed = [int(share) for share in re.findall(r"(\d+)%", line.split("%", 1)[1])]  # the first is the start state's
    assert sum(listed) <= 100 + len(listed)  # each is rounded


def test_the_printed_split_adds_up() -> None:
    text = render(explain_page(by_hand.report(), ("split",)), 80).replace("−", "-")
    words = [float(match) for match in re.findall(r"^ +\d+ \w+ .*?(-?\d+\.\d+)$", text, re.MULTILINE)]
    parts = {name: float(value) for name, value in re.findall(r"^ [+=] ([\w -]+?) *[░█]+│.* (-?\d+\.\d+)$", text, re.M)}
    assert len(words) == 5
    assert sum(words) == pytest.approx(parts["words"], abs=0.005 * 5)
    whole = parts["words"] + parts["start"] + parts["bias"]
    assert whole == pytest.approx(parts["sum"], abs=0.015)


def test_a_long_sentence_keeps_its_head_its_tail_and_the_words_that_matter() -> None:
    text = render(explain_page(by_hand.report(), ("gates",), limit=5), 80)
    table = text.split("WORD BY WORD")[1]
    assert "The" in table
    assert "hungry" not in table.split("On average")[0].split("The")[1] or "…" in table
    assert "for all" in text


def test_the_default_page_has_the_default_sections() -> None:
    text = render(explain_page(by_hand.report()), 80)
    assert [f" {n} " in text for n in range(1, len(BY_DEFAULT) + 1)] == [True] * len(BY_DEFAULT)
