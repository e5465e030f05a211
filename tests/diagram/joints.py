"""Looks at a drawn text: does every line meet what it ends on, every arrow what it points at?"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import split_graphemes

# The arms of each character to the north, east, south and west.
ARMS = {
    **dict.fromkeys("─═╌", (0, 1, 0, 1)),
    **dict.fromkeys("│║", (1, 0, 1, 0)),
    **dict.fromkeys("└╚╰", (1, 1, 0, 0)),
    **dict.fromkeys("┌╔╭", (0, 1, 1, 0)),
    **dict.fromkeys("┐╗╮", (0, 0, 1, 1)),
    **dict.fromkeys("┘╝╯", (1, 0, 0, 1)),
    **dict.fromkeys("├╠╞╟", (1, 1, 1, 0)),
    **dict.fromkeys("┬╦╤╥", (0, 1, 1, 1)),
    **dict.fromkeys("┤╣╡╢", (1, 0, 1, 1)),
    **dict.fromkeys("┴╩╧╨", (1, 1, 0, 1)),
    **dict.fromkeys("┼╬╪╫", (1, 1, 1, 1)),
}
STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))  # north, east, south, west
WAYS = ("above", "to the right", "below", "to the left")
HEADS = "▲▶▼◀"  # by where they point
NO_NAMES = "()×+█▏▎▍▌▋▊▉░ "  # no line ends at these; operators have rules of their own


class Grid:
    """The cells of a text."""

    def __init__(self, text: str) -> None:
        self.cells: dict[tuple[int, int], str] = {}
        for y, line in enumerate(text.splitlines()):
            x = 0
            for start, end, width in split_graphemes(line)[0]:
                for column in range(x, x + width):
                    self.cells[column, y] = line[start:end]
                x += width

    def at(self, x: int, y: int) -> str:
        """Return what stands at a cell."""
        return self.cells.get((x, y), " ")

    def loose(self) -> Iterator[str]:
        """Tell every line that meets nothing, every arrow that points beside its goal, every idle operator."""
        for (x, y), glyph in self.cells.items():
            if glyph in ARMS:
                for direction, arm in enumerate(ARMS[glyph]):
                    if arm and not self._meets(x, y, direction):
                        yield f"{glyph} at column {x}, line {y}: nothing {WAYS[direction]}"
            elif glyph in HEADS:
                ahead = HEADS.index(glyph)
                if not self._meets(x, y, (ahead + 2) % 4):
                    yield f"{glyph} at column {x}, line {y}: comes from nowhere"
                if self._misses(x, y, ahead):
                    yield f"{glyph} at column {x}, line {y}: ends before its goal"
            elif self._is_operator(x, y) and self._used(x, y) < 2:
                yield f"({glyph}) at column {x}, line {y}: has nothing to work on"

    def _meets(self, x: int, y: int, direction: int) -> bool:
        """Tell whether a line that leaves a cell in that direction meets something."""
        (dx, dy) = STEPS[direction]
        there = self.at(x + dx, y + dy)
        if there in ARMS:
            return bool(ARMS[there][(direction + 2) % 4])
        if there in HEADS:
            return HEADS.index(there) % 2 == direction % 2
        if dx:
            name = self.at(x + 2 * dx, y) if there == " " else there
            return there == ("(" if dx > 0 else ")") or self._is_name(name)
        return self._is_operator(x, y + dy) or self._is_name(there)

    def _misses(self, x: int, y: int, ahead: int) -> bool:
        """Tell whether the head of an arrow doesn't touch what it points at; at a name, or at nothing, it may."""
        (dx, dy) = STEPS[ahead]
        there, beyond = self.at(x + dx, y + dy), self.at(x + 2 * dx, y + 2 * dy)
        if there in ARMS:
            return not any(ARMS[there][side] for side in range(4) if side % 2 != ahead % 2)
        return there == " " and (beyond in ARMS or beyond in HEADS or beyond in "()×")

    def _is_name(self, glyph: str) -> bool:
        """Tell whether a glyph belongs to a name or a figure."""
        return glyph not in NO_NAMES and glyph not in ARMS and glyph not in HEADS

    def _is_operator(self, x: int, y: int) -> bool:
        """Tell whether an operator's sign stands at a cell."""
        return self.at(x, y) in "×+" and (self.at(x - 1, y), self.at(x + 1, y)) == ("(", ")")

    def _used(self, x: int, y: int) -> int:
        """Return how many lines end at an operator."""
        sides = ((x, y - 1, 2), (x + 2, y, 3), (x, y + 1, 0), (x - 2, y, 1))
        return sum(
            (glyph := self.at(column, row)) in HEADS or bool(ARMS.get(glyph, (0, 0, 0, 0))[arm])
            for column, row, arm in sides
        )


def loose_ends(text: str) -> list[str]:
    """Return what is wrong with the lines of a drawn text; nothing if all meet."""
    return list(Grid(text).loose())
