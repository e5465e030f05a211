"""A grid to draw diagrams on: boxes, wires and joins that always meet.

Wires are kept as the directions in which a cell is connected; the glyph follows from them when the grid
is drawn. So a wire that ends on a box makes a join by itself.
"""

from __future__ import annotations

from itertools import groupby, pairwise

from rich.cells import split_graphemes
from rich.text import Text

NORTH, EAST, SOUTH, WEST = range(4)
LIGHT, DOUBLE = 1, 2

# By the weights of the wires to the north, east, south and west.
_JOINS: dict[tuple[int, int, int, int], str] = {
    **{
        (w * n, w * e, w * s, w * x): glyph
        for w, glyphs in ((LIGHT, "│─└┌┐┘├┬┤┴┼"), (DOUBLE, "║═╚╔╗╝╠╦╣╩╬"))
        for (n, e, s, x), glyph in zip(
            (
                (1, 0, 1, 0),
                (0, 1, 0, 1),
                (1, 1, 0, 0),
                (0, 1, 1, 0),
                (0, 0, 1, 1),
                (1, 0, 0, 1),
                (1, 1, 1, 0),
                (0, 1, 1, 1),
                (1, 0, 1, 1),
                (1, 1, 0, 1),
                (1, 1, 1, 1),
            ),
            glyphs,
            strict=True,
        )
    },
    (0, 1, 2, 1): "╥",
    (2, 1, 0, 1): "╨",
    (2, 1, 2, 1): "╫",
    (1, 2, 0, 2): "╧",
    (0, 2, 1, 2): "╤",
    (1, 2, 1, 2): "╪",
    (1, 2, 1, 0): "╞",
    (1, 0, 1, 2): "╡",
    (2, 1, 2, 0): "╟",
    (2, 0, 2, 1): "╢",
}


class Canvas:
    """A grid of cells; ``x`` counts columns from the left, ``y`` rows from above.

    Attributes:
        width: in columns.
        height: in rows.
    """

    def __init__(self, width: int, height: int) -> None:
        """Make an empty grid."""
        self.width, self.height = width, height
        self._wires: dict[tuple[int, int], list[int]] = {}
        self._glyphs: dict[tuple[int, int], str] = {}
        self._styles: dict[tuple[int, int], str] = {}

    def wire(self, *points: tuple[int, int], weight: int = LIGHT, style: str = "box") -> None:
        """Draw a wire through ``points`` (columns and rows), each level with or straight below the one before."""
        for (x0, y0), (x1, y1) in pairwise(points):
            step_x, step_y = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
            ahead = {(1, 0): EAST, (-1, 0): WEST, (0, 1): SOUTH, (0, -1): NORTH}[step_x, step_y]
            x, y = x0, y0
            while (x, y) != (x1, y1):
                self._join(x, y, ahead, weight, style)
                x, y = x + step_x, y + step_y
                self._join(x, y, (ahead + 2) % 4, weight, style)

    def box(self, x: int, y: int, width: int, *lines: str, style: str = "box") -> None:
        """Draw a box with its upper left corner at ``(x, y)`` around ``lines``, each centred."""
        right, below = x + width - 1, y + len(lines) + 1
        self.wire((x, y), (right, y), (right, below), (x, below), (x, y), style=style)
        for row, line in enumerate(lines, y + 1):
            self.write(x + 1, row, line.center(width - 2), style)

    def write(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write ``text`` from ``(x, y)`` on, over what is there; wide characters take two columns."""
        for start, end, width in split_graphemes(text)[0]:
            self._glyphs[x, y], self._styles[x, y] = text[start:end], style
            if width == 2:
                self._glyphs[x + 1, y] = ""
            x += width

    def lines(self) -> list[Text]:
        """Return the rows, without blanks at their ends."""
        return [self._row(y) for y in range(self.height)]

    def _row(self, y: int) -> Text:
        """Return one row; neighbours of one style are one piece."""
        row = Text(no_wrap=True)
        for style, places in groupby(range(self.width), lambda x: self._styles.get((x, y), "")):
            row.append("".join(self._glyph(x, y) for x in places), style)
        row.rstrip()
        return row

    def _join(self, x: int, y: int, direction: int, weight: int, style: str) -> None:
        """Connect a cell to its neighbour."""
        joins = self._wires.setdefault((x, y), [0, 0, 0, 0])
        joins[direction] = max(weight, joins[direction])
        self._styles.setdefault((x, y), style)

    def _glyph(self, x: int, y: int) -> str:
        """Return what stands at a cell."""
        if (x, y) in self._glyphs:
            return self._glyphs[x, y]
        joins = self._wires.get((x, y))
        if joins is None:
            return " "
        north, east, south, west = joins
        if sum(map(bool, joins)) == 1:  # a loose end
            weight = max(joins)
            across = weight if east or west else 0
            north, east, south, west = weight - across, across, weight - across, across
        return _JOINS.get((north, east, south, west)) or _JOINS[tuple(min(1, weight) for weight in joins)]  # type: ignore[index]
