"""A picture as a document: SVG, HTML and plain text, readable on light and on dark grounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style

from lstm_ascii.render.glyphs import FULL, LEVELS, PARTS

Lines = Sequence[Sequence[Segment]]

TITLE = "lstm-ascii"
FONTS = "'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono','Courier New',monospace"
LIGHT, DARK = ("#1f2328", "#ffffff"), ("#e6e8eb", "#16191d")  # text and ground
ON_HUES = ("#ffffff", "#000000")  # texts on a dark ground of their own, and on a light one
TURNED = ("#ffffff", "#5c6370")  # text and ground of what is set off; it stands out on both grounds
FAINT = 0.65  # opacity
EVEN = 0.179  # the luminance on which black and white text stand out alike (WCAG 2)
SIZE, BASELINE = 16.0, 14.9  # pixels of the font, and from the top of a line to where its letters stand
ADVANCE, LEADING, MARGIN = 9.64, 18.6, 16.0  # pixels of a cell and of a line, so that boxes close; and around all
GAP = 2.6  # pixels of a line that no bar fills, so that bars of one line don't seem to go on in the next
_BARS = {FULL: (1.0, 1.0), " ": (1.0, 0.0)} | {  # the shares of a cell that are filled, across and down
    **{glyph: (eighth / 8, 1.0) for eighth, glyph in enumerate(PARTS) if eighth},
    **{glyph: (1.0, eighth / 8) for eighth, glyph in enumerate(LEVELS, 1)},
}


def lines_of(picture: RenderableType, console: Console) -> Lines:
    """Draw a picture into the width of ``console``, line by line, without the blanks at the ends."""
    return [list(_stripped(line)) for line in console.render_lines(picture, pad=False)]


def _stripped(line: Sequence[Segment]) -> Iterator[Segment]:
    """Leave out the blanks with which a line ends."""
    kept = [segment for segment in line if not segment.control]
    while kept and not kept[-1].text.strip() and not (kept[-1].style and kept[-1].style.reverse):
        kept.pop()
    yield from kept[:-1]
    if kept:
        yield Segment(kept[-1].text.rstrip(), kept[-1].style)


def to_text(lines: Lines) -> str:
    """Return plain text."""
    return "".join(f"{''.join(segment.text for segment in line).rstrip()}\n" for line in lines)


def to_html(lines: Lines) -> str:
    """Return a page of its own that follows the reader's choice of light or dark."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">\n'
        f"<style>\nbody {{ color: {LIGHT[0]}; background: {LIGHT[1]}; margin: 1.5em; }}\n"
        f"@media (prefers-color-scheme: dark) {{ body {{ color: {DARK[0]}; background: {DARK[1]}; }} }}\n"
        f"</style>\n</head>\n<body>\n{to_fragment(lines)}\n</body>\n</html>\n"
    )


def to_fragment(lines: Lines) -> str:
    """Return the part of a page that a notebook shows; its text has the colour of what is around it."""
    style = f"font-family:{FONTS};line-height:1.17;white-space:pre;overflow-x:auto"
    text = "\n".join("".join(map(_span, line)) for line in lines)
    return f'<pre style="{style}">{text}</pre>'


def _span(segment: Segment) -> str:
    """Write one segment; one with characters that aren't a cell wide gets the width that it has in cells."""
    rules = _rules(segment.style, "color")
    if segment.style and segment.style.reverse:
        rules.append(f"background:{_turned(segment.style)[1]}")
    if not segment.text.isascii() and any(cell_len(character) != 1 for character in segment.text):
        rules.append(f"display:inline-block;vertical-align:bottom;width:{cell_len(segment.text)}ch")
    text = escape(segment.text)
    return f'<span style="{";".join(rules)}">{text}</span>' if rules else text


def to_svg(lines: Lines, width: int) -> str:
    """Return a drawing of ``width`` cells; it needs no other file and follows the reader's choice of light or dark."""
    across, down = width * ADVANCE + 2 * MARGIN, len(lines) * LEADING + 2 * MARGIN
    drawn = "\n".join(part for row, line in enumerate(lines) for part in _drawn(line, MARGIN + row * LEADING))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:g} {down:g}" width="{across:g}" '
        f'height="{down:g}" role="img">\n<title>{TITLE}</title>\n<style>\n'
        f"text {{ font-family: {FONTS}; font-size: {SIZE:g}px; white-space: pre; fill: {LIGHT[0]}; }}\n"
        f".bar {{ fill: {LIGHT[0]}; shape-rendering: crispEdges; }}\n"
        f".ground {{ fill: {LIGHT[1]}; }}\n@media (prefers-color-scheme: dark) {{ text, .bar {{ fill: {DARK[0]}; }} "
        f'.ground {{ fill: {DARK[1]}; }} }}\n</style>\n<rect class="ground" width="100%" height="100%" rx="8"/>\n'
        f"{drawn}\n</svg>\n"
    )


def _drawn(line: Sequence[Segment], top: float) -> Iterator[str]:
    """Draw one line, each segment as wide as its cells."""
    place = 0
    for segment in line:
        cells, text = cell_len(segment.text), segment.text.strip(" ")
        x = MARGIN + (place + len(segment.text) - len(segment.text.lstrip(" "))) * ADVANCE
        if segment.style and segment.style.reverse:
            at, wide, ground = MARGIN + place * ADVANCE, cells * ADVANCE, _turned(segment.style)[1]
            yield f'<rect x="{at:.2f}" y="{top:.2f}" width="{wide:.2f}" height="{LEADING:g}" fill="{ground}"/>'
        if text:
            rules = ";".join(_rules(segment.style, "fill"))
            if _is_bar(text):
                yield from _bars(text, x, top, rules)
                rules = "fill:none"  # it can still be found and copied
            styled = f' style="{rules}"' if rules else ""
            yield (
                f'<text x="{x:.2f}" y="{top + BASELINE:.2f}" textLength="{cell_len(text) * ADVANCE:.2f}" '
                f'lengthAdjust="spacingAndGlyphs" xml:space="preserve"{styled}>'
                f"{escape(text)}</text>"
            )
        place += cells


def _is_bar(text: str) -> bool:
    """Tell whether a text is drawn as bars: of full cells, and of eighths from the left or from below."""
    return all(glyph in _BARS for glyph in text)


def _bars(text: str, x: float, top: float, rules: str) -> Iterator[str]:
    """Draw eighths of cells as rectangles, within their line."""
    for glyph, run in groupby(text):
        count = len(list(run))
        across, down = _BARS[glyph]
        for place in range(count) if across < 1 else (0,):
            wide, high = (count if across == 1 else across) * ADVANCE, down * (LEADING - GAP)
            styled = f' style="{rules}"' if rules else ""
            if high:
                yield (f'<rect class="bar" x="{x + place * ADVANCE:.2f}" y="{top + LEADING - GAP / 2 - high:.2f}" '
                       f'width="{wide:.2f}" height="{high:.2f}"{styled}/>')  # fmt: skip
        x += count * ADVANCE


def _turned(style: Style) -> tuple[str, str]:
    """Return text and ground of what is set off: its own hue as the ground, where it has one, below readable text."""
    if style.color is None or style.color.is_default:
        return TURNED
    red, green, blue = (value / 255 for value in style.color.get_truecolor())
    is_light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > EVEN
    return ON_HUES[is_light], style.color.get_truecolor().hex


def _rules(style: Style | None, color: str) -> list[str]:
    """Return the CSS rules of a style; ``color`` is the property that colours text."""
    if style is None:
        return []
    rules = []
    if style.reverse:
        rules.append(f"{color}:{_turned(style)[0]}")
    elif style.color is not None and not style.color.is_default:
        rules.append(f"{color}:{style.color.get_truecolor().hex}")
    rules += [rule for wanted, rule in ((style.bold, "font-weight:bold"), (style.italic, "font-style:italic"),
                                        (style.dim, f"opacity:{FAINT}")) if wanted]  # fmt: skip
    return rules
