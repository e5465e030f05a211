"""Pure ASCII: every glyph has a stand-in of its own width, so that nothing moves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

import lstm_ascii.render
from lstm_ascii.render.glyphs import to_ascii, words_in_ascii
from lstm_ascii.reports.explain.decision import Swap
from tests.rendering import render

PACKAGE = Path(lstm_ascii.render.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def texts_of(module: Path) -> set[str]:
    """Return the texts in a module's code, without its docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return constants - docstrings


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_glyph_in_a_picture_has_a_stand_in_of_its_width(module: Path) -> None:
    for text in texts_of(module):
        for glyph in text:
            assert to_ascii(glyph).isascii()
            assert len(to_ascii(glyph)) == cell_len(glyph) or glyph in "\n\t", (
                f"{glyph!r} ({ord(glyph):04x}) in {text!r}"
            )


@pytest.mark.parametrize("glyph", "─│┌┐└┘═║█░▲▼▶×±−·…“”≈←→✓✗σ◌")
def test_a_glyph_is_exchanged_for_one_character(glyph: str) -> None:
    assert len(to_ascii(glyph)) == cell_len(glyph) == 1


@given(st.text())
def test_any_text_can_be_said_in_ascii(text: str) -> None:
    assert to_ascii(text).isascii()
    assert to_ascii(to_ascii(text)) == to_ascii(text)


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])), st.integers(20, 100))
def test_a_drawing_in_pure_ascii_is_ascii(text: str, width: int) -> None:
    assert render(Text(text), width, ascii=True).isascii()


def test_the_texts_of_a_report_are_exchanged_before_the_layout_and_nothing_else() -> None:
    swap = Swap(word=3, to="chaînes", tried=1, change=-0.5, turns=True)
    assert words_in_ascii((swap, {"f": 0.5})) == (
        Swap(word=3, to=r"cha\xeenes", tried=1, change=-0.5, turns=True),
        {"f": 0.5},
    )


def test_a_formula_keeps_its_meaning_where_it_may_grow() -> None:
    assert words_in_ascii(("f → 0", "‖J‖ ≤ 1", "∏ f, Σ_t", "1 − h²", "1 … T")) == (
        "f -> 0", "||J|| <= 1", "prod f, sum_t", "1 - h^2", "1 ... T",
    )  # fmt: skip


def test_a_sigmoid_is_no_state_and_an_arrow_no_inequality() -> None:
    assert words_in_ascii(("s_t = σ(W x)", "σ'(a)", "σ_max(U)", "1 → 2")) == (
        "s_t = sigmoid(W x)", "sigmoid'(a)", "sigma_max(U)", "1 -> 2",
    )  # fmt: skip


@pytest.mark.parametrize("color", [False, True])
def test_in_a_drawing_a_label_is_written_out_where_there_is_room_and_a_wire_is_no_bar(color: bool) -> None:
    drawn = Text.assemble("│ ", ("σ", "gate.forget"), " │ │|.38|")
    text = render(drawn, ascii=True, color=color)
    assert "".join(re.split("\x1b\\[[0-9;]*m", text)) == "|sig| :|.38|\n"


def test_a_page_can_know_that_it_is_pure_ascii() -> None:
    class Asks:
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            yield Text("grows" if options.ascii_only else "keeps")

    assert render(Asks(), ascii=True) == "grows\n"
    assert render(Asks()) == "keeps\n"
