"""Every section, of any sentence, at any width: drawn without an error and never too wide."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lstm_ascii import Explanation, explain
from lstm_ascii.render.explain import SECTIONS
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.sources import Source
from tests.rendering import render

KNOWN = ["the", "The", "cat", "cats", "that", "chased", "mice", "was", "were", "sat", "on", ".", "n't", "Mary"]
words = st.one_of(
    st.sampled_from(KNOWN), st.sampled_from(["日本語", "👨\u200d👩\u200d👧", "\x1b[1m", "x" * 90]), st.text()
)
sentences = st.lists(words, min_size=1, max_size=9).map(lambda drawn: " ".join([*drawn, "."]))
sources = st.one_of(
    st.just(Source()),
    st.builds(Source, hidden_size=st.integers(1, 9), forget_bias=st.sampled_from([None, 0.0, 50.0, -50.0, 1e4])),
)
cells = st.lists(st.sampled_from(["rnn", "lstm", "gru"]), min_size=1, max_size=3)


@settings(max_examples=60)
@given(sentences, cells, sources, st.sampled_from([None, 1, 3, 7]), st.integers(20, 170))
@example("cat cats cat .", ["lstm"], Source(hidden_size=2, forget_bias=1e4), None, 20)
def test_every_section_is_drawn_and_fits(
    sentence: str, chosen: list[str], source: Source, limit: int | None, width: int
) -> None:
    report = explain(sentence, cells=chosen, source=source)
    for plain, shown in ((False, report), (True, words_in_ascii(report))):
        text = render(explain_page(shown, tuple(SECTIONS), limit), width, ascii=plain)
        assert all(cell_len(line) <= width for line in text.splitlines())
        assert text.isascii() or not plain
        assert "nan" not in text.replace(sentence, "") or "nan" in sentence


@pytest.fixture(scope="module")
def report() -> Explanation:
    return explain("The cats that chased the mouse were hungry.", unit=3)


@pytest.mark.parametrize("view", SECTIONS)
def test_every_section_is_drawn_at_absurd_widths(view: str, report: Explanation) -> None:
    for width in (1, 2, 5, 10, 14, 19, 20, 21, 38, 39, 40, 5000):
        text = render(explain_page(report, (view,)), width)
        assert max(map(cell_len, text.splitlines())) <= max(width, 20)


@pytest.mark.parametrize("view", ["gates", "decided", "unit", "split", "highway"])
def test_no_figure_is_cut_at_any_width(view: str, report: Explanation) -> None:
    for width in range(20, 131):
        text = render(explain_page(report, (view,)), width)
        assert not re.search(r"[\d.±−]…|scale…|value…", text), width
