"""The arrow line of one network: what is left of 1.0, step by step back, as numbers and as shrinking blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from lstm_ascii.render.figures import fit, power
from lstm_ascii.render.glyphs import FULL, PARTS
from lstm_ascii.render.gradients.scale import NOTHING, Curve, Scale, at, kept, ladder
from lstm_ascii.render.layout import HOME
from lstm_ascii.reports.gradients.network import NetworkGradients

BLOCK = 5  # cells of a full block, and of a number
ARROW = " ─▶ "  # in pure ASCII still an arrow, where → would read as an inequality
EACH = BLOCK + len(ARROW)


def arrow_lines(network: NetworkGradients, curves: Sequence[tuple[str, Curve]], scale: Scale,
                width: int) -> Iterator[Text]:  # fmt: skip
    """Draw ``curves``, each with a name, as numbers with arrows and as blocks below them.

    The steps that are shown are those of the ladder, and the one at which the gradient counts as vanished
    or exploded.
    """
    turn = network.horizon or network.exploded_at
    last = network.steps_back[-1]
    shown = [0, *kept(network, ladder(last, [turn] if turn else [], 11))]
    name = max(len("steps back"), *(len(title) for title, _ in curves)) + 2 if width >= HOME else 1
    room = width - name
    fits = max(1, (room + 1) // EACH)  # a line may end with an arrow, but needs no blank behind it
    if len(shown) * EACH - len(ARROW) <= room:
        fits = len(shown)
    for first in range(0, len(shown), fits):
        some = shown[first : first + fits]
        marks = [_mark(step, named=name > 1) for step in some]
        yield Text(fit(" steps back", name) if name > 1 else " ", "note", no_wrap=True).append(
            "".join(fit(mark, EACH) for mark in marks).rstrip()
        )
        for title, curve in curves:
            if name == 1 and len(curves) > 1:
                yield Text(f" {title}"[:width], "note")
            yield from _two_lines(title, curve, network, some, shown, scale, name)


def _mark(step: int, named: bool) -> str:
    """Write a step back; where the line has no name, as ``t−5``."""
    mark = f"{step:,}" if step < (100_000 if named else 10_000) else f"{step:.0e}".replace("e+0", "e")
    return mark if named else f"t−{mark}" if step else "t"


def _two_lines(
    title: str, curve: Curve, network: NetworkGradients, some: Sequence[int], shown: Sequence[int], scale: Scale,
    name: int,
) -> Iterator[Text]:  # fmt: skip
    """Draw the numbers of some steps with arrows between them, and the blocks."""
    numbers = Text(no_wrap=True).append(fit(f" {title}", name) if name > 1 else " ", "note")
    blocks = Text(" " * name, no_wrap=True)
    for step in some:
        value = at(network, curve, step)
        numbers.append(fit(power(value), BLOCK), scale.style(value))
        numbers.append("" if step == shown[-1] else ARROW, "note")
        blocks.append(fit(_block(scale.share(value), value is None or value < scale.low), EACH), scale.style(value))
    for line in (numbers, blocks):
        line.rstrip()
        yield line


def _block(share: float, gone: bool) -> str:
    """Draw a block that shrinks in eighths of a cell; what is gone is a dot."""
    if gone:
        return NOTHING
    full, part = divmod(max(1, round(share * BLOCK * 8)), 8)
    return FULL * full + (PARTS[part] if part else "")
