"""Pictures as documents: well-formed, self-contained, in line, readable on light and on dark grounds."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from lstm_ascii.language.text import visible
from lstm_ascii.render.documents import (
    ADVANCE,
    DARK,
    LIGHT,
    MARGIN,
    ON_HUES,
    TURNED,
    Lines,
    lines_of,
    to_fragment,
    to_html,
    to_svg,
    to_text,
)
from lstm_ascii.render.explain import SECTIONS
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.theme import STYLES
from tests.explain import by_hand

SVG = "{http://www.w3.org/2000/svg}"
LEAST_CONTRAST = 3.0  # that WCAG 2.1 asks of graphics and of large text
sentences = st.one_of(
    st.text(), st.sampled_from(["日本語 x", "👨\u200d👩\u200d👧", "e\u0301", "a  b", "<&>\"'", "]]>", "-->"])
)


def drawn(picture: object, width: int = 80) -> Lines:
    console = Console(
        file=StringIO(), width=width, color_system="truecolor", force_terminal=True, theme=Theme(STYLES), _environ={}
    )
    return lines_of(picture, console)  # type: ignore[arg-type]


def page() -> Lines:
    return drawn(explain_page(by_hand.report(), tuple(SECTIONS)))


class Balanced(HTMLParser):
    """Reads a page, and holds it against its own text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert self.opened == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        if "pre" in self.opened:
            self.texts.append(data)


@given(sentences)
@example("\x00\x1b[31m\ufffe\u202e\ud800")
def test_documents_are_well_formed_whatever_the_sentence(sentence: str) -> None:
    shown = visible(sentence)
    lines = drawn(Text(shown, "focus"))
    assert re.sub(r"\s", "", to_text(lines)) == re.sub(r"\s", "", shown)
    root = ElementTree.fromstring(to_svg(lines, 80))  # noqa: S314 - our own
    assert re.sub(r"\s", "", "".join(text.text or "" for text in root.iter(f"{SVG}text"))) == re.sub(r"\s", "", shown)
    read = Balanced(to_html(lines))
    assert re.sub(r"\s", "", "".join(read.texts)) == re.sub(r"\s", "", shown)


def test_a_document_needs_no_other_file() -> None:
    for text in (to_svg(page(), 80), to_html(page())):
        assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import|<script|<link|src=", text)


def test_every_text_of_a_drawing_stands_in_its_cells() -> None:
    lines = drawn(Text.assemble("日本語", ("  x", "memory"), " y"))
    texts = list(ElementTree.fromstring(to_svg(lines, 80)).iter(f"{SVG}text"))  # noqa: S314 - our own
    places = [(float(text.attrib["x"]), float(text.attrib["textLength"])) for text in texts]
    cells = [(round((x - MARGIN) / ADVANCE), round(length / ADVANCE)) for x, length in places]
    assert cells == [(0, 6), (8, 1), (10, 1)]


def test_no_part_of_a_drawing_lies_outside_it() -> None:
    root = ElementTree.fromstring(to_svg(page(), 80))  # noqa: S314 - our own
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for text in root.iter(f"{SVG}text"):
        assert float(text.attrib["x"]) + float(text.attrib["textLength"]) <= width
        assert float(text.attrib["y"]) < height


def test_a_wide_character_moves_nothing_on_a_page() -> None:
    (wide,) = re.findall(r"width:(\d+)ch", to_html(drawn(Text.assemble(("日本語", "word"), " y"))))
    assert int(wide) == cell_len("日本語")


def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2.1."""
    parts = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [LIGHT[1], DARK[1]], ids=["light", "dark"])
def test_colours_can_be_told_from_light_and_dark_grounds(ground: str) -> None:
    colors = {
        color
        for text in (to_svg(page(), 80), to_html(page()))
        for color in re.findall(r'[":;](?:fill|color):(#\w{6})', text)
    }
    assert len(colors) > 5
    for color in colors - set(ON_HUES):
        assert contrast(color, ground) >= LEAST_CONTRAST, color
    assert min(contrast(*LIGHT), contrast(*DARK)) > 12
    assert contrast(*TURNED) >= 4.5


@pytest.mark.parametrize("document", [to_html(page()), to_svg(page(), 80)], ids=["html", "svg"])
def test_documents_follow_the_readers_choice_of_light_or_dark(document: str) -> None:
    assert document.index(LIGHT[1]) < document.index("prefers-color-scheme: dark") < document.index(DARK[1])


def test_what_a_notebook_shows_takes_the_colour_of_what_is_around_it() -> None:
    fragment = to_fragment(page())
    assert fragment.startswith("<pre")
    assert LIGHT[0] not in fragment
    assert DARK[0] not in fragment
    assert "background:" in fragment  # of the word that is set off


def test_a_text_has_no_blanks_at_the_ends_of_its_lines() -> None:
    assert not re.search(r"[ \t]$", to_text(page()), re.MULTILINE)


def test_bars_of_one_line_do_not_go_on_in_the_next() -> None:
    """Strips stand below each other: a low bar on a full one below it would look like one that is higher than both."""
    root = ElementTree.fromstring(to_svg(drawn(Text("▃█ ▍\n███\n")), 80))  # noqa: S314 - our own
    bars = [{key: float(value) for key, value in one.attrib.items() if key not in ("class", "style")}
            for one in root.iter(f"{SVG}rect") if one.get("class") == "bar"]  # fmt: skip
    low, full, part, below = bars
    assert low["height"] == pytest.approx(full["height"] * 3 / 8, abs=0.01)
    assert low["y"] + low["height"] == pytest.approx(full["y"] + full["height"], abs=0.02)
    assert (part["width"], below["width"]) == (pytest.approx(3 / 8 * ADVANCE, abs=0.01), pytest.approx(3 * ADVANCE))
    assert full["y"] + full["height"] < below["y"] - 2
    texts = [(text.text or "", text.get("style")) for text in root.iter(f"{SVG}text")]
    assert texts[0][1] == "fill:none"  # found and copied all the same
