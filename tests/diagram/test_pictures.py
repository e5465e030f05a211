"""The pages of ``diagram``, drawn from reports written by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.errors import UsageError
from lstm_ascii.render.diagram.carousel import frames, frames_page
from lstm_ascii.render.diagram.page import SECTIONS, diagram_page, pictures_page
from lstm_ascii.render.diagram.picture import Picture
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.parts import Plain, Table, to_tsv
from lstm_ascii.reports.diagram.pictures import PICTURES, pictures_report
from tests.diagram import by_hand
from tests.diagram.joints import loose_ends
from tests.rendering import render

NAMES = list(PICTURES)
WIDTHS = (20, 33, 34, 35, 36, 39, 40, 47, 55, 60, 68, 69, 70, 71, 79, 80, 81, 95, 109, 110, 111, 119, 120, 137, 160)
NASTY = ("日本語", "👨\u200d👩\u200d👧", "x" * 200, r"\x1b[31m", ".")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_each_picture_looks_as_it_was_looked_at(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(diagram_page(by_hand.report(name)), width) == snapshot


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_with_letters_only_looks_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    assert render(diagram_page(by_hand.report(name, live=False)), 80) == snapshot


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_in_pure_ascii_looks_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    text = render(diagram_page(words_in_ascii(by_hand.report(name))), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("name", ["lstm", "bptt", "carousel"])
def test_without_room_to_draw_it_is_written_as_it_was_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    assert render(diagram_page(by_hand.report(name)), 20) == snapshot


def test_there_is_a_drawing_of_every_picture_that_is_listed() -> None:
    assert list(SECTIONS) == NAMES


def test_the_list_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(pictures_page(pictures_report()), 80) == snapshot


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_every_line_meets_what_it_ends_on_at_every_width(name: str, live: bool) -> None:
    page = diagram_page(by_hand.report(name, live))
    for width in WIDTHS:
        assert loose_ends(render(page, width)) == [], width


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(name: str) -> None:
    for live in (True, False):
        page = diagram_page(by_hand.report(name, live))
        for width in (*range(20, 45), *WIDTHS):
            assert max(line.cell_len for line in page.lines(width)) <= width


@pytest.mark.parametrize("name", NAMES)
def test_pure_ascii_moves_nothing_in_a_drawing(name: str) -> None:
    for width in (40, 80):
        blocks = [block for section in diagram_page(by_hand.report(name)).sections for block in section.blocks]
        for picture in (block for block in blocks if isinstance(block, Picture)):
            drawing = Text("\n").join(picture.draw(width))
            drawn, exchanged = (render(drawing, width, ascii=plain) for plain in (False, True))
            assert [cell_len(line) for line in drawn.splitlines()] == [len(line) for line in exchanged.splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_equations_grow_in_pure_ascii_and_no_line_is_wider_than_the_terminal(name: str) -> None:
    for width in (20, 34, 40, 80, 120):
        text = render(diagram_page(by_hand.report(name)), width, ascii=True)
        assert max(map(len, text.splitlines())) <= width
        assert "s(" not in re.sub("[a-z]s\\(", "", text)
    assert ("sigmoid(" in text) == ("σ(" in render(diagram_page(by_hand.report(name)), 120))


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "gru-lstm"])
def test_every_value_of_the_cell_stands_in_its_drawing(name: str) -> None:
    for width in (34, 40, 69, 80, 120):
        text = render(diagram_page(by_hand.report(name)), width)
        for cell in PICTURES[name].cells:
            for letter, value in by_hand.VALUES[cell.upper()].items():
                assert letter == "x" or f"{value:.2f}".lstrip("0") in text, (width, letter)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_sentence_no_figure_of_a_run_is_shown(name: str) -> None:
    text = render(diagram_page(by_hand.report(name, live=False)), 80)
    for values in by_hand.VALUES.values():
        assert not any(f"{value:.2f}" in text for value in values.values())


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_can_be_told(name: str) -> None:
    page = diagram_page(by_hand.report(name))
    told = render(Plain(page), 80)
    assert not set(told) & set("│║┌═╌█")
    tables = [part for part in page.parts() if isinstance(part, Table)]
    assert tables
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert to_tsv(page.parts())


def test_one_units_values_have_their_signs_and_no_bars() -> None:
    values = by_hand.VALUES["LSTM"] | {"c": -1.68, "g": -0.38}
    cells = (replace(by_hand.cell("LSTM", live=True), values=values),)
    for width in (34, 80):
        text = render(diagram_page(by_hand.report("lstm", unit=3, cells=cells)), width)
        assert "−1.68" in text
        assert "−0.38" in text
        assert "|−" not in text
        assert "unit 3 of the LSTM" in " ".join(text.split())


def test_a_road_is_whole_thin_or_broken_as_f_says() -> None:
    lane = render(diagram_page(by_hand.report("highway")), 120).splitlines()
    row = next(line for line in lane if "C_0" in line)
    assert [row[at + 3] for at in range(len(row)) if row.startswith("(×)", at)] == list("╌═─════─╌")[: row.count("(×)")]


def test_whole_thin_and_broken_roads_look_different_in_pure_ascii() -> None:
    text = render(diagram_page(by_hand.report("highway")), 120, ascii=True)
    assert "(x)...(+)===(x)===(+)===(x)---(+)" in text


def test_an_error_that_has_vanished_is_drawn_broken() -> None:
    text = render(diagram_page(by_hand.report("bptt")), 80)
    row = next(line for line in text.splitlines() if line.startswith(" RNN"))
    assert "3e-4 ◀╌" in row
    assert "1e-3 ◀─" in row
    assert ".20 ◀═" in row


def test_a_long_sentence_leaves_out_its_middle_and_says_so() -> None:
    words = tuple(f"w{n}" for n in range(300))
    track = replace(by_hand.track("RNN"), state=tuple(n / 300 for n in range(300)))
    text = render(diagram_page(by_hand.report("rnn", words=words, tracks=(track,)), limit=30), 80)
    assert "h_1 " in text
    assert "h_300" in text
    assert "h_150" not in text
    assert "300 words: drawings along them have the head and the tail" in " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("message", "word", "told"),
    [
        ((None, 0.0, 0.0, -0.2, -0.4), 2, "wrote is there for 2 rounds; “the” leaves .40, the last word .40"),
        ((None, 0.0, 0.0, 0.0, -0.1), 2, "At the last word .79 of it is left: more than half, 3 rounds on"),
        ((None, 0.0, None, None, None), 2, "there for 0 rounds; “that” leaves 0, the last word 0"),
        ((None, None, None, None, 0.0), 5, "is the last word"),
    ],
)
def test_how_long_a_message_lives_is_said_from_what_is_left(
    message: tuple[float | None, ...], word: int, told: str
) -> None:
    track = replace(by_hand.track("LSTM"), message=message, keep=by_hand.KEEP[:5], state=by_hand.KEEP[:5])
    report = by_hand.report("carousel", words=by_hand.WORDS[:5], word=word, tracks=(track,))
    assert told in " ".join(render(diagram_page(report), 80).split())


def test_without_a_unit_the_carousel_tells_of_no_message() -> None:
    track = replace(by_hand.track("LSTM"), unit=None, message=None)
    text = " ".join(render(diagram_page(by_hand.report("carousel", tracks=(track,))), 80).split())
    assert "ON YOUR SENTENCE means over units" in text
    assert "--unit K follows one" in text
    assert "since the message" not in text


def test_a_message_on_the_carousel_shrinks_by_f_a_round() -> None:
    made = list(frames(by_hand.report("carousel")))
    last = render(made[-1], 80)
    assert last.count("12 rounds") == 2
    assert f"{0.9**12:.2g}".lstrip("0") in last
    assert "“cat”" in last
    assert all(
        cell_len(line) <= width
        for width in (20, 34, 69, 80)
        for f in made[::17]
        for line in render(f, width).splitlines()
    )


def test_every_frame_has_its_message_on_the_loop() -> None:
    for frame in frames(by_hand.report("carousel"), steps=40, rounds=1):
        assert render(frame, 80).count("●") == 2


def test_frames_below_each_other_look_as_they_were_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(frames_page(by_hand.report("carousel")), 80) == snapshot


@given(
    name=st.sampled_from([name for name in NAMES if PICTURES[name].by_word]),
    width=st.integers(20, 160),
    size=st.floats(0, 1e9),
    gate=st.floats(0, 1),
    log=st.one_of(st.none(), st.floats(-2000, 3)),
    words=st.lists(st.sampled_from(NASTY), min_size=1, max_size=9),
    unit=st.sampled_from([None, 5]),
)
def test_any_values_and_words_are_drawn_and_their_lines_meet(
    name: str, width: int, size: float, gate: float, log: float | None, words: list[str], unit: int | None
) -> None:
    count, sign = len(words), 1 if unit is None else -1
    report = by_hand.report(
        name,
        words=tuple(words),
        word=1,
        unit=unit,
        error_after=count,
        cells=tuple(
            replace(one, values={k: gate if k in "ifozr" else sign * size for k in one.values})
            for one in by_hand.report(name).cells
        ),
        tracks=tuple(
            replace(
                one,
                state=(sign * size,) * count,
                keep=None if one.keep is None else (gate,) * count,
                carousel=None if one.carousel is None else (log,) * count,
                message=None if one.message is None else (log,) * count,
                error=(log,) * count,
            )
            for one in by_hand.report(name).tracks
        ),
    )
    text = render(diagram_page(report), width)
    assert max(line.cell_len for line in diagram_page(report).lines(width)) <= width
    assert loose_ends(text) == []


GOOD = " ┌─┐\n │a├──▶(+)\n └─┘    ▲\n        │\n        x"
BAD = {
    "a gap in a wire": GOOD.replace("──▶(", "─ ▶("),
    "an arrow that ends early": GOOD.replace("▶(+)", " (+)"),
    "a head that ends early": GOOD.replace("──▶(+)", "─▶ (+)"),
    "a wire that meets a side without a join": GOOD.replace("│a├", "│a│"),
    "a corner off by one": GOOD.replace("┌─┐", "┌──┐"),
    "an arrow beside its operator": GOOD.replace("└─┘    ▲", "└─┘   ▲"),
    "a wire beside its name": GOOD.replace("        x", "      x"),
    "a box without a lid": GOOD.replace(" ┌─┐\n", ""),
    "an operator with one wire": "a ──▶(+)",
}


def test_the_checker_finds_nothing_wrong_where_all_is_right() -> None:
    assert loose_ends(GOOD) == []


@pytest.mark.parametrize("name", BAD)
def test_the_checker_finds_what_is_off_by_one(name: str) -> None:
    assert loose_ends(BAD[name])


def test_where_the_choice_follows_right_after_the_word_no_rest_of_the_error_is_compared() -> None:
    report = by_hand.report("highway")
    assert "Of the error there is left at" in " ".join(render(diagram_page(report)).split())
    text = " ".join(render(diagram_page(replace(report, word=by_hand.AFTER))).split())
    assert f"The choice follows right after “{by_hand.WORDS[by_hand.AFTER - 1]}”" in text
    assert "Of the error there is left at" not in text


def test_the_gates_in_one_table_are_five_rows_on_one_screen() -> None:
    text = render(diagram_page(by_hand.report("gates")), 80)
    assert len(text.splitlines()) <= 24
    table = text[text.index("THE GATES") : text.index("THE SAME")]
    assert re.findall(r"^ (\w+) [a-zC]_t +[σtf]", table, re.MULTILINE) == [
        "forget", "input", "candidate", "output", "memory"
    ]  # fmt: skip


def test_a_page_can_be_one_of_its_drawings() -> None:
    text = render(diagram_page(by_hand.report("lstm"), views=("inside",)), 80)
    assert "INSIDE" in text
    assert "OUTSIDE" not in text
    with pytest.raises(UsageError, match="outside, inside, one gate; got sideways"):
        diagram_page(by_hand.report("lstm"), views=("sideways",))
