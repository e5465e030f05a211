"""Pages without their drawings: read as a listener hears them, and as a program gets them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.render.agreement.page import agreement_page
from lstm_ascii.render.explain import SECTIONS as EXPLAIN
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.gradients import SECTIONS as GRADIENTS
from lstm_ascii.render.gradients.maps import maps_page
from lstm_ascii.render.gradients.page import gradients_page
from lstm_ascii.render.parts import Part, Plain, Power, Prose, Table, Tellable, Title, spoken, to_tsv
from lstm_ascii.render.section import sentence
from lstm_ascii.render.train import train_page
from tests.agreement import by_hand as agreement
from tests.explain import by_hand as explain
from tests.gradients import by_hand as gradients
from tests.rendering import render
from tests.train import by_hand as train

PAGES: dict[str, Tellable] = {
    "explain": explain_page(explain.report(), tuple(EXPLAIN)),
    "explain-rnn": explain_page(explain.report(("RNN",)), tuple(EXPLAIN)),
    "gradients": gradients_page(gradients.report(), GRADIENTS),
    "gradients-words": gradients_page(gradients.of_words()),
    "gradients-spectrum": gradients_page(gradients.with_spectrum(), ("spectrum", "words")),
    "gradients-seeds": gradients_page(gradients.with_seeds()),
    "maps": maps_page(gradients.maps()),
    "agreement": agreement_page(agreement.report()),
    "train": train_page(train.report()),
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_reads_as_it_was_read(name: str, snapshot: SnapshotAssertion) -> None:
    assert render(Plain(PAGES[name]), 80) == snapshot


@pytest.mark.parametrize("name", [name for name in PAGES if name != "train"])  # whose curves are powers, by libm
def test_the_tables_are_as_they_were_looked_at(name: str, snapshot: SnapshotAssertion) -> None:
    assert to_tsv(PAGES[name].parts()) == snapshot


def test_a_narrow_page_in_pure_ascii_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    page = explain_page(words_in_ascii(explain.report()), ("cell", "gates", "highway"))
    assert render(Plain(page), 40, ascii=True) == snapshot


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_nothing_is_wider_than_the_terminal_and_no_word_is_lost(name: str, width: int) -> None:
    text = render(Plain(PAGES[name]), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", render(Plain(PAGES[name]), 1000))


@pytest.mark.parametrize("view", GRADIENTS)
def test_every_section_of_gradients_is_told_below_its_title(view: str) -> None:
    _, _, title, *parts = gradients_page(gradients.report(), (view,)).parts()
    assert isinstance(title, Title)
    assert parts


@pytest.mark.parametrize("views", [(), ("glance",), ("bars",), ("bars", "glance"), ("steps", "glance", "bars")])
def test_the_steps_of_gradients_are_told_once_wherever_they_are_drawn(views: tuple[str, ...]) -> None:
    assert to_tsv(gradients_page(gradients.report(), views).parts()).count("# steps\n") == 1


@pytest.mark.parametrize("view", EXPLAIN)
def test_a_view_picks_what_is_told(view: str) -> None:
    parts = list(explain_page(explain.report(), (view,)).parts())
    assert sum(isinstance(part, Title) for part in parts) == 2


class Written:
    """A page of parts written by hand."""

    def __init__(self, *parts: Part) -> None:
        self.written = parts

    def parts(self) -> tuple[Part, ...]:
        return self.written

    def __rich_console__(self, console: object, options: object) -> list[str]:
        return []


def test_a_row_is_told_with_each_figure_behind_its_name() -> None:
    table = Table("gates", ("word", "text", "keeps", "adds"), ((2, "cat", 0.881, 0.17), (3, "sat", 1.0, None)), 2)
    assert render(Plain(Written(Title("Words"), table, Prose("So it is.")))) == (
        "Words\nGates:\nWord 2, cat: keeps 0.88, adds 0.17.\nWord 3, sat: keeps 1.00.\nSo it is.\n"
    )


def test_rows_that_are_not_read_out_are_counted() -> None:
    table = Table("steps", ("step", "left"), tuple((step, 0.5) for step in range(1000)), read_out=(0, 999))
    assert render(Plain(Written(table))).splitlines() == [
        "Steps:", "Step 0: left 0.50.", "Step 999: left 0.50.", "(998 more rows; --tsv prints them.)",
    ]  # fmt: skip
    assert to_tsv([table]).count("\n") == 1002


def test_a_table_that_sentences_have_said_is_for_programs_alone() -> None:
    table = Table("findings", ("rule", "where"), (("dead-unit", "layer 1"),), silent=True)
    assert render(Plain(Written(Prose("A unit is dead."), table))) == "A unit is dead.\n"
    assert to_tsv([table]) == "# findings\nrule\twhere\ndead-unit\tlayer 1\n"


def test_a_row_whose_name_says_what_it_is_is_not_named_twice() -> None:
    table = Table("weights", ("layer", "units"), (("layer 1, forward", 32), ("layers", 2)))
    assert render(Plain(Written(table))).splitlines()[1:] == ["Layer 1, forward: units 32.", "Layer layers: units 2."]


@pytest.mark.parametrize(
    ("text", "sentence_"),
    [("rnn.bias is missing", "rnn.bias is missing."), ("mask_zero: skipped", "mask_zero: skipped."),
     ("no embedding · 3 words", "No embedding; 3 words."), ("models/a.npz", "models/a.npz."),
     ("so it is.", "So it is.")],
)  # fmt: skip
def test_a_sentence_begins_with_a_capital_letter_unless_it_begins_with_a_name(text: str, sentence_: str) -> None:
    assert sentence(text) == sentence_


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.881, "0.88"), (-1.2, "−1.20"), (0.00515, "0.0052"), (-0.0001, "−0.0001"), (0.094, "0.094"),
     (1.2e-45, "1.2 times 10 to the −45"),
     (123456.0, "1.2 times 10 to the 5"), (12345, "12,345"), ("cat", "cat"), (None, "nothing"),
     (Power(None), "nothing"), (Power(0.0), "1"), (Power(-1.0), "0.1"), (Power(2.0), "100"), (Power(-3.5), "0.00032"),
     (Power(-45.3), "5.0 times 10 to the −46"), (Power(-12_345.0), "1.0 times 10 to the −12,345"),
     (Power(5.9999), "1.0 times 10 to the 6")],
)  # fmt: skip
def test_a_value_is_written_as_it_is_read_out(value: str | float | int | Power | None, said: str) -> None:
    assert spoken(value) == said


@given(st.lists(st.tuples(st.integers(), st.floats(allow_nan=False), st.text()), min_size=1))
def test_other_programs_get_back_what_was_measured(rows: list[tuple[int, float, str]]) -> None:
    text = to_tsv([Table("any", ("number", "figure", "text"), tuple(rows))])
    name, heads, *lines = text.split("\n")[:-1]
    assert (name, heads) == ("# any", "number\tfigure\ttext")
    for line, (number, figure, _) in zip(lines, rows, strict=True):
        first, second, _ = line.split("\t")
        assert int(first) == number
        assert float(second) == figure


def test_what_is_given_by_its_size_says_so_and_nothing_is_minus_infinity() -> None:
    table = Table("left", ("step", "left"), ((1, Power(-4000.25)), (2, Power(None))))
    assert to_tsv([table]) == "# left\nstep\tleft (log10)\n1\t-4000.25\n2\t-inf\n"
