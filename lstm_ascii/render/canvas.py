"""A grid to draw diagrams on: boxes, operators, wires and arrows that always meet.

Wires are kept as the directions in which a cell is connected; the glyph follows from them when the grid
is drawn. So a wire that ends on a box makes a join by itself. Wires that cross are joined: diagrams are laid out
so that none crosses another one.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from rich.cells import cell_len, split_graphemes
from rich.text import Text

from lstm_ascii.records import dataclass

NORTH, EAST, SOUTH, WEST = range(4)
LIGHT, DOUBLE = 1, 2
HEADS = "▲▶▼◀"  # of arrows, by direction

Point = tuple[int, int]

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


@dataclass(frozen=True)
class Part:
    """A box or an operator on a canvas, and where wires meet it: each port is a cell of its edge.

    Attributes:
        left, top, right, bottom: its outermost columns and rows.
        x: the column of its ports above and below.
    """

    left: int
    top: int
    right: int
    bottom: int
    x: int

    @property
    def north(self) -> Point:
        """The port above."""
        return self.x, self.top

    @property
    def south(self) -> Point:
        """The port below."""
        return self.x, self.bottom

    @property
    def west(self) -> Point:
        """The port to the left."""
        return self.left, (self.top + self.bottom) // 2

    @property
    def east(self) -> Point:
        """The port to the right."""
        return self.right, (self.top + self.bottom) // 2


class Canvas:
    """A grid of cells that grows with what is drawn; ``x`` counts columns from the left, ``y`` rows from above."""

    def __init__(self) -> None:
        """Make an empty grid."""
        self._wires: dict[Point, list[int]] = {}
        self._glyphs: dict[Point, str] = {}
        self._styles: dict[Point, str] = {}

    @property
    def width(self) -> int:
        """In columns."""
        return max((x + 1 for x, _ in (*self._wires, *self._glyphs)), default=0)

    @property
    def height(self) -> int:
        """In rows."""
        return max((y + 1 for _, y in (*self._wires, *self._glyphs)), default=0)

    def wire(self, *points: Point, weight: int = LIGHT, style: str = "box") -> None:
        """Draw a wire through ``points`` (columns and rows), each level with or straight below the one before."""
        for here, end in pairwise(points):
            while here != end:
                ahead = _direction(here, end)
                self._join(*here, ahead, weight, style)
                here = _beyond(here, ahead)
                self._join(*here, (ahead + 2) % 4, weight, style)

    def arrow(self, *points: Point, weight: int = LIGHT, style: str = "box") -> None:
        """Draw a wire whose head points at the last of ``points``, which is a cell of what it leads to."""
        ahead = _direction(points[-2], points[-1])
        head = _beyond(points[-1], (ahead + 2) % 4)
        self.wire(*points[:-1], head, weight=weight, style=style)
        self.write(*head, HEADS[ahead], style)

    def box(self, x: int, y: int, width: int, *lines: str, style: str = "box", weight: int = LIGHT) -> Part:
        """Draw a box with its upper left corner at ``(x, y)`` around ``lines``, each centred."""
        right, below = x + width - 1, y + len(lines) + 1
        self.wire((x, y), (right, y), (right, below), (x, below), (x, y), weight=weight, style=style)
        for row, line in enumerate(lines, y + 1):
            blank = width - 2 - cell_len(line)
            left = (blank + 1 - width % 2) // 2  # as near as can be to the ports above and below
            self.write(x + 1, row, " " * left + line + " " * (blank - left), style)
        return Part(x, y, right, below, x + width // 2)

    def operator(self, x: int, y: int, sign: str) -> Part:
        """Draw an operation, element by element, with its sign at ``(x, y)``."""
        self.write(x - 1, y, f"({sign})", "title")
        return Part(x - 1, y, x + 1, y, x)

    def write(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write ``text`` from ``(x, y)`` on, over what is there; wide characters take two columns."""
        for start, end, width in split_graphemes(text)[0]:
            self._glyphs[x, y], self._styles[x, y] = text[start:end], style
            if width == 2:
                self._glyphs[x + 1, y], self._styles[x + 1, y] = "", style
            x += width

    def place(self, other: Canvas, x: int, y: int) -> None:
        """Draw another canvas with its upper left corner at ``(x, y)``."""
        for (column, row), joins in other._wires.items():
            for direction, weight in enumerate(joins):
                self._join(x + column, y + row, direction, weight, other._styles[column, row])
        for (column, row), glyph in other._glyphs.items():
            self._glyphs[x + column, y + row] = glyph
            self._styles[x + column, y + row] = other._styles[column, row]

    def lines(self) -> list[Text]:
        """Return the rows, without blanks at their ends."""
        rows: list[dict[int, tuple[str, str]]] = [{} for _ in range(self.height)]
        for (x, y), joins in self._wires.items():
            rows[y][x] = _joined(*joins), self._styles[x, y]
        for (x, y), glyph in self._glyphs.items():
            rows[y][x] = glyph, self._styles[x, y]
        return [_row(cells) for cells in rows]

    def _join(self, x: int, y: int, direction: int, weight: int, style: str) -> None:
        """Connect a cell to its neighbour."""
        joins = self._wires.setdefault((x, y), [0, 0, 0, 0])
        joins[direction] = max(weight, joins[direction])
        self._styles.setdefault((x, y), style)


def _row(cells: dict[int, tuple[str, str]]) -> Text:
    """Return one row, given what stands in its columns; neighbours of one style are one piece."""
    row, end, piece, style = Text(no_wrap=True), 0, "", ""
    for x in sorted(cells):
        glyph, its_style = cells[x]
        if x > end or its_style != style:
            row.append(piece, style).append(" " * (x - end))
            piece, style = "", its_style
        piece += glyph
        end = x + 1
    row.append(piece, style)
    row.rstrip()
    return row


@cache
def _joined(north: int, east: int, south: int, west: int) -> str:
    """Return the glyph of a cell from which wires of these weights go out."""
    weights = (north, east, south, west)
    if sum(map(bool, weights)) == 1:  # a loose end
        weight = max(weights)
        across = weight if east or west else 0
        weights = (weight - across, across, weight - across, across)
    found = _JOINS.get(weights)
    return found or _JOINS[min(1, weights[0]), min(1, weights[1]), min(1, weights[2]), min(1, weights[3])]


def _direction(start: Point, end: Point) -> int:
    """Return in which direction ``end`` lies, which is level with ``start`` or straight above or below."""
    step = (end[0] > start[0]) - (end[0] < start[0]), (end[1] > start[1]) - (end[1] < start[1])
    return {(1, 0): EAST, (-1, 0): WEST, (0, 1): SOUTH, (0, -1): NORTH}[step]


def _beyond(point: Point, direction: int) -> Point:
    """Return the neighbour of a cell."""
    x, y = point
    return x + (direction == EAST) - (direction == WEST), y + (direction == SOUTH) - (direction == NORTH)
