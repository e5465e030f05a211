"""Words in a line with tracks below them, as an interlinear gloss has: wrapped in blocks where they don't fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import fit

LONGEST, LABEL = 12, 10  # the most cells of a word and of a label


@dataclass(frozen=True)
class Track:
    """One measure of every word.

    Attributes:
        label: before it.
        draw: makes the picture below a word, by its index, in so many cells.
        fills: whether the picture goes on to the next word, as a rail does.
        style: of the label.
    """

    label: str
    draw: Callable[[int, int], Text]
    fills: bool = False
    style: str = "title"


def interlinear(
    words: Sequence[str],
    tracks: Sequence[Track],
    rows: Sequence[int | None],
    width: int,
    least: int = 2,
    marks: dict[int, str] | None = None,
    heads: bool = True,
    places: bool = False,
    most: int = LONGEST,
) -> Iterator[Text]:
    """Draw words with tracks below them.

    Args:
        words: all of them.
        tracks: what stands below, from top to bottom.
        rows: the indices of the words to show; ``None`` stands for words left out.
        width: of the window.
        least: cells of the narrowest word.
        marks: styles of words that stand out, by index.
        heads: whether the words stand above the tracks; else they are tracks themselves.
        places: whether each word carries its number, for those who click on it.
        most: cells of the widest word; what is longer is cut.
    """
    left = _left(tracks)
    rooms = _rooms(words, rows, width - left, least, most)
    for first, end in pairwise(_breaks(rooms, width - left)):
        block = list(zip(rows[first:end], rooms[first:end], strict=True))
        line = Text(" " * left, no_wrap=True)
        for row, room in block:
            style = "note" if row is None else (marks or {}).get(row, "word")
            name = fit("…" if row is None else words[row], room)
            start = len(line)
            line.append(name.rstrip(), style)
            if places and row is not None:
                line.apply_meta({"word": row + 1}, start)
            line.append(" " * (room - cell_len(name.rstrip()) + 1))
        line.rstrip()
        if heads:
            yield line
        lines = [_track_line(track, block, left) for track in tracks]
        yield from (line for line in lines if len(line.plain) > left)


def blocks(words: Sequence[str], tracks: Sequence[Track], width: int, least: int = 2) -> list[range]:
    """Return the indices of the words of each block into which :func:`interlinear` wraps them all."""
    left = _left(tracks)
    rooms = _rooms(words, range(len(words)), width - left, least)
    return [range(first, end) for first, end in pairwise(_breaks(rooms, width - left))]


def _left(tracks: Sequence[Track]) -> int:
    """Return the cells left of the words."""
    return min(LABEL, max(cell_len(track.label) for track in tracks)) + 3


def _rooms(words: Sequence[str], rows: Sequence[int | None], width: int, least: int, most: int = LONGEST) -> list[int]:
    """Return the cells of every word."""
    longest = max(1, min(most, width))
    return [min(longest, 3 if row is None else max(least, cell_len(words[row]))) for row in rows]


def _breaks(rooms: Sequence[int], width: int) -> list[int]:
    """Return where blocks begin, and the end: in each as many words as fit, at least one."""
    breaks, used = [0], 0
    for place, room in enumerate(rooms):
        if used and used + room > width:
            breaks.append(place)
            used = 0
        used += room + 1
    return [*breaks, len(rooms)]


def _track_line(track: Track, block: Sequence[tuple[int | None, int]], left: int) -> Text:
    """Draw one track below a block of words."""
    line = Text.assemble(" ", (fit(track.label, left - 1), track.style), no_wrap=True)
    for row, room in block:
        size = room + 1 if track.fills else room
        cell = Text("") if row is None else track.draw(row, size)
        line.append_text(cell).append(" " * (room + 1 - cell.cell_len))
    line.rstrip()
    return line
