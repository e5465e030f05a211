"""The exact split of the log-odds over the words whose writing is still in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import number, plain, signed
from lstm_ascii.render.layout import TINY, Column, by_width
from lstm_ascii.reports.decision import Split


def columns(split: Split, width: int) -> list[Column]:
    """Return the column of the words' parts."""
    half = by_width(width, 6 if width >= TINY else 0, 16, 24)
    largest = _largest(split)
    part = partial(_part, largest=largest, half=half)
    head = ("what its writing gives", f"scale ±{number(largest)}") if half else ("gives", f"±{number(largest)}")
    return [Column(head, split.words, 2 * half + 9, part)]


def sums(split: Split, width: int) -> Iterator[Text]:
    """Draw the sum, line by line: words, start state, bias, and the whole."""
    half = by_width(width, 6 if width >= TINY else 0, 16, 24)
    words = sum(split.words)
    whole = words + split.start + split.bias
    largest = _largest(split)
    for name, value in (
        ("all words", words),
        ("start state", split.start),
        ("decoder bias", split.bias),
        ("log-odds", whole),
    ):
        line = Text(f" {'=' if name == 'log-odds' else '+'} {name:13}", no_wrap=True)
        yield line.append_text(_part(value, max(largest, abs(whole), abs(words)), half))


def _part(value: float, largest: float, half: int) -> Text:
    """Draw one part of the sum."""
    return signed(value / largest, half).append(f" {plain(value, 2):>6}")


def _largest(split: Split) -> float:
    """Return the largest part, for the scale."""
    return max(map(abs, [*split.words, split.start, split.bias])) or 1.0


CLOSING = (
    "The log-odds are exactly this sum: what is left of each word's writing, as the last gates let it out. "
    "It tells where the value was last written, not who caused it: later words rewrite what the first one decided."
)
