"""The glossary: every term has its symbol, its range, a sentence and a command that works; terms are found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.errors import UsageError
from lstm_ascii.lessons.glossary import GlossaryTerm, terms, terms_matching
from lstm_ascii.render.glossary import glossary_page
from lstm_ascii.render.glyphs import to_ascii, words_in_ascii
from lstm_ascii.render.parts import Plain, Tellable, to_tsv
from lstm_ascii.reports.glossary import SCHEMA_VERSION, GlossaryReport, glossary_report
from tests.cli.program import inside, is_clean_error
from tests.learn.commands import complaint
from tests.learn.test_lessons import typed_by_hand
from tests.rendering import render

ASKED_FOR = (
    "cell state", "hidden state", "forget gate", "input gate", "output gate", "candidate", "sigmoid", "tanh",
    "Hadamard product", "backpropagation through time", "truncated backpropagation", "Jacobian", "spectral radius",
    "singular value", "Lyapunov exponent", "vanishing gradient", "exploding gradient", "gradient clipping",
    "constant error carousel", "gradient highway", "half-life", "saturation", "carrier unit", "minimal pair",
    "attractor", "agreement", "log-odds", "perplexity", "embedding", "decoder", "logit", "softmax", "cross-entropy",
    "teacher forcing", "epoch", "batch", "Adam", "chrono initialisation", "orthogonal initialisation", "peephole",
    "projection", "bidirectional network", "reset gate", "update gate", "hidden size",
)  # fmt: skip
BY_HAND = (
    GlossaryTerm(
        "forget gate", "the cell", "f_t", "0 to 1", "How much is kept.", "explain cats --view gates", ("eraser",)
    ),
    GlossaryTerm(
        "hidden size",
        "the cell",
        "H",
        "from 1",
        "The number of units of a layer" + ", of a layer" * 6 + ".",
        "explain cats",
    ),
    GlossaryTerm("sigmoid", "functions", "σ(a)", "0 to 1", "The function of a gate.", "derive forget"),
    GlossaryTerm("spectral radius", "gradients", "ρ(W)", "from 0", "The largest absolute eigenvalue.", "gradients"),
    GlossaryTerm(
        "a term whose name is rather long", "gradients", "∏ f_t ⊙ g_t + h_t-1", "any number", "Long.", "gradients"
    ),
)


def page(count: int = 5, asked: str = "") -> Tellable:
    """Return a page of terms written by hand."""
    return glossary_page(by_hand(count, asked))


def by_hand(count: int = 5, asked: str = "") -> GlossaryReport:
    """Return a report of terms written by hand."""
    return GlossaryReport(SCHEMA_VERSION, asked, BY_HAND[:count])


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.name)
def test_each_term_has_all_that_was_promised(term: GlossaryTerm) -> None:
    assert term.symbol
    assert term.range
    assert term.text.endswith(".")
    assert complaint(term.see) == ""
    assert typed_by_hand(term.text) == []
    for text in (term.name, term.symbol, term.range, term.text):
        assert "\\" not in to_ascii(text)


def test_no_term_is_missing_and_none_is_there_twice() -> None:
    names = [term.name for term in terms()]
    assert set(ASKED_FOR) <= set(names)
    assert len(set(names)) == len(names)
    themes = [term.theme for term in terms()]
    assert [theme for n, theme in enumerate(themes) if theme not in themes[:n]] == sorted(set(themes), key=themes.index)
    assert all(themes[n] == themes[n - 1] or themes[n] not in themes[:n] for n in range(1, len(themes)))


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("forget", ["forget gate", "forget bias"]),
        ("forget gate", ["forget gate"]),
        ("  FORGET   Gate ", ["forget gate"]),
        ("eraser", ["forget gate"]),
        ("C̃", ["candidate", "notation"]),
        ("W·[h, x]", ["notation"]),
        ("W*[h,x]", ["notation"]),
        ("notation", ["notation"]),
        ("⊙", ["Hadamard product"]),
        ("bptt", ["backpropagation through time", "truncated backpropagation"]),
        ("CEC", ["constant error carousel"]),
        ("sigmiod", ["sigmoid"]),
        ("hadamar", ["Hadamard product"]),
        ("lyapunow", ["Lyapunov exponent"]),
        ("GRU", ["gated recurrent unit"]),
    ],
)
def test_a_term_is_found_by_name_part_and_close_spelling(wanted: str, names: list[str]) -> None:
    assert [term.name for term in terms_matching(wanted)] == names


def test_several_matches_are_all_shown() -> None:
    gates = {"forget gate", "input gate", "output gate", "update gate", "reset gate"}
    named = [term.name for term in terms_matching("gate")]
    assert named[0] == "gate"
    assert gates <= set(named)


@pytest.mark.parametrize(
    ("wanted", "told"), [("spectrol rodeo", "spectral radius"), ("qqqqq", "lists all"), ("\x1b[31m", r"\\x1b")]
)
def test_a_term_that_there_is_not_is_refused_with_near_ones(wanted: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        terms_matching(wanted)


def test_the_command_finds_shows_and_refuses(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    result = inside(capsysbinary, "glossary", "cell", "state")
    assert (result.code, result.err) == (0, b"")
    assert "C_t" in result.text
    assert is_clean_error(inside(capsysbinary, "glossary", "qqqqq"), 2)
    report = json.loads(inside(capsysbinary, "glossary", "--json").text)
    assert len(report["terms"]) == len(terms())
    assert inside(capsysbinary, "glossary", "tanh", "--tsv").text.startswith("# terms\nterm\tsymbol\t")


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(page(), width) == snapshot


def test_one_term_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(page(1, "forget"), 80) == snapshot


def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    text = render(glossary_page(words_in_ascii(by_hand())), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_the_terms_of_all_themes_are_one_table_for_other_programs() -> None:
    text = to_tsv(page().parts())
    assert text.count("# terms\n") == text.count("term\tsymbol") == 1
    assert [line.partition("\t")[0] for line in text.splitlines()[2:]] == [term.name for term in BY_HAND]


def test_the_page_told_without_drawing_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(page()), 80) == snapshot


@pytest.mark.parametrize("width", [*range(20, 131, 10), 69, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for drawn in (glossary_page(glossary_report()), Plain(glossary_page(glossary_report()))):
        assert max(cell_len(line) for line in render(drawn, width).splitlines()) <= width


@given(st.text(min_size=1, max_size=30))
def test_any_word_is_found_or_refused(word: str) -> None:
    try:
        told = " ".join(term.name for term in terms_matching(word))
    except UsageError as error:
        told = str(error)
    assert told
    assert told.isprintable()
