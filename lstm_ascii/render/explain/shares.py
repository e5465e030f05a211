"""The memory as a map: after each word, how much of it was written by each earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.memory import name_room, word_lines
from lstm_ascii.render.figures import percent
from lstm_ascii.render.glyphs import SHADES
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Block, Drawing, Paragraph, Section
from lstm_ascii.reports.explain.passes import Step
from lstm_ascii.reports.explain.report import NetworkPass

STEPS = (0.01, 0.05, 0.2, 0.5)  # shares from which the next darker shade is taken
NO_SUM = "An RNN's state is no sum of what the words wrote, so it can't be split."


def section(context: Context) -> Section:
    """After each word, how much of the memory was written by each earlier one."""
    main = context.main
    blocks: list[Block] = []
    if main.steps[0].holds is not None:
        draw = partial(map_lines, main.steps, context.rows)
        blocks = [Drawing(draw, lambda: (_table(context),))]
    return Section("Who wrote the memory", f"{main.cell}: what it holds after each word",
                   (*blocks, Paragraph(closing(main))))  # fmt: skip


def _table(context: Context) -> Table:
    """Tell every share, for other programs."""
    main, words = context.main, context.report.words
    rows = tuple(
        (step.number, step.word, share.word, words[share.word - 1], share.share)
        for step in (main.steps[row] for row in context.rows if row is not None)
        for share in (step.holds.words if step.holds else ())
    )
    columns = ("word", "text", "written by", "writer", "share")
    return Table(f"shares of the memory of the {main.cell}", columns, rows, named_by=2, read_out=())


def map_lines(steps: Sequence[Step], rows: Sequence[int | None], width: int) -> Iterator[Text]:
    """Draw one line a word, one column a word that may have written; the shade is the share.

    Where the words don't fit beside each other, the columns of the latest ones are drawn.
    """
    name = name_room(width)
    room = width - name - 5
    shown = [row for row in rows if row is not None]
    cell = max(1, min(4, room // max(1, len(shown))))
    columns = shown[-(room // cell) :]
    if len(columns) < len(shown):
        yield Text(f" columns: words {columns[0] + 1} to {columns[-1] + 1}", "note")
    yield _numbers(columns, cell, name)
    yield from word_lines([step.word for step in steps], rows, name, lambda row: _cells(steps[row], columns, cell))
    legend = "  ".join(f"{SHADES[k + 1] * 2} from {percent(limit)}" for k, limit in enumerate(STEPS))
    yield from paragraph(Text(legend, "note"), width, indent=1)


def _numbers(columns: Sequence[int], cell: int, name: int) -> Text:
    """Number the columns, as often as there is room."""
    text = Text(" " * (name + 5), "note", no_wrap=True)
    every = 1 if cell >= 3 else 5
    place = 0
    for index, column in enumerate(columns):
        mark = str(column + 1)
        if (column + 1) % every == 0 or every == 1:
            gap = index * cell - place
            if gap >= 0:
                text.append(" " * gap + mark)
                place = index * cell + len(mark)
    return text


def _cells(step: Step, columns: Sequence[int], cell: int) -> Iterator[tuple[str, str]]:
    """Yield the shades of what the memory holds after one word."""
    shares = {share.word: share.share for share in step.holds.words} if step.holds else {}
    for column in columns:
        share = shares.get(column + 1, 0.0)
        yield SHADES[sum(share >= limit for limit in STEPS)] * cell, "memory"


def closing(network: NetworkPass) -> str:
    """Say what the memory holds at the end."""
    steps, last = network.steps, network.where.ordered(network.steps)[-1]
    if last.holds is None:
        return NO_SUM
    if not last.holds.words:
        return "No word wrote a share of the memory that is left at the end."
    top = last.holds.words[0]
    half = _words_for_half(last)
    end = f"After “{last.word}”, which it reads last," if network.where.backward else "After the last word"
    return (
        f"{end} {percent(top.share)} of what words wrote comes from “{steps[top.word - 1].word}” "
        f"(word {top.word}); the strongest {'word makes' if half == 1 else f'{half} words make'} up half of it."
    )


def _words_for_half(step: Step) -> int:
    """Count the largest shares that make up half of the memory."""
    total = 0.0
    shares = step.holds.words if step.holds else ()
    for count, share in enumerate(shares, 1):
        total += share.share
        if total >= 0.5:
            return count
    return len(shares)
