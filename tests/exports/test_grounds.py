"""What is set off with a hue of its own has it as its ground, in SVG and in HTML, and can be read."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from lstm_ascii.render import documents
from lstm_ascii.render.theme import STYLES
from tests.exports.test_documents import contrast


@pytest.mark.parametrize("hue", [STYLES["positive"], STYLES["negative"], STYLES["gate.forget"], STYLES["gate.input"],
                                 STYLES["gate.output"]])  # fmt: skip
def test_the_hue_is_the_ground(hue: str) -> None:
    console = Console(file=StringIO(), width=40, color_system="truecolor", force_terminal=True)
    lines = documents.lines_of(Text("word", f"reverse {hue}"), console)
    svg, html = documents.to_svg(lines, 40), documents.to_html(lines)
    assert f'fill="{hue}"' in svg
    assert f"background:{hue}" in html
    text = "#000000" if "color:#000000" in html else "#ffffff"
    assert f"color:{text}" in html
    assert contrast(text, hue) >= 4.5


def test_what_has_no_hue_is_set_off_as_before() -> None:
    console = Console(file=StringIO(), width=40, color_system="truecolor", force_terminal=True)
    lines = documents.lines_of(Text("word", "bold reverse"), console)
    assert f'fill="{documents.TURNED[1]}"' in documents.to_svg(lines, 40)
