"""The pages of the guide: the list of its topics, or one of them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.guide.topics import Topic
from lstm_ascii.records import dataclass
from lstm_ascii.render.layout import boxed, page_width, paragraph, segments
from lstm_ascii.render.markdown import Block, Code, Grid, Heading, Paragraph, blocks
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.guide import GuideReport

FOLDED = "Outputs are {columns} columns wide; here their lines go on in the next."
PICTURE = "It draws a picture; with --plain it tells the same in sentences."
SHOWS_ONE = "lstm-ascii guide TOPIC shows one; the name of a command leads to its topic, too."


@dataclass(frozen=True)
class GuidePage:
    """Draws a :class:`GuideReport`."""

    report: GuideReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        width = page_width(options)
        lines = topic_lines(self.report.topics[0], width) if self.report.asked else self._list(width)
        yield from segments(lines, console)

    def _list(self, width: int) -> Iterator[Text]:
        """Draw the list of the topics, line by line."""
        yield from boxed([Text(self._title(), "title")], width)
        rows = tuple((Text(topic.name, "word"), Text(topic.title)) for topic in self.report.topics)
        yield from Grid(((Text("topic"), Text("about")), *rows)).lines(width)
        yield Text("")
        yield from paragraph(Text(SHOWS_ONE, "note"), width, 1)

    def _title(self) -> str:
        """Say what is listed."""
        return f"The guide: {len(self.report.topics)} topics"

    def parts(self) -> Iterator[Part]:
        """Tell the list as a table, or the text of a topic without its marks."""
        if self.report.asked:
            yield from topic_parts(self.report.topics[0])
            return
        yield Title(self._title())
        rows = tuple(
            (topic.name, topic.title, topic.answers.removesuffix("."), ", ".join(topic.also) or None)
            for topic in self.report.topics
        )
        yield Table("topics", ("topic", "title", "answers", "also called"), rows)
        yield Prose(SHOWS_ONE)


def topic_lines(topic: Topic, width: int) -> Iterator[Text]:
    """Draw a topic, line by line, none wider than ``width``."""
    made = tuple(blocks(topic.text))
    for block, before in zip(made, (None, *made), strict=False):
        if isinstance(block, Heading) and block.level == 1:
            yield from boxed([Text(block.text.plain, "title")], width)
            yield from _note_on_folds(made, width)
            continue
        if not (_is_item(block) and _is_item(before)) and not (isinstance(before, Heading) and before.level == 1):
            yield Text("")
        if isinstance(block, Heading):
            yield from paragraph(Text(block.text.plain.upper(), "title"), width, 1)
        else:
            yield from block.lines(width)


def _is_item(block: Block | None) -> bool:
    """Tell whether a block is an item of a list."""
    return isinstance(block, Paragraph) and block.is_item


def _note_on_folds(made: tuple[Block, ...], width: int) -> Iterator[Text]:
    """Say so where outputs are wider than the page."""
    lines = (line for block in made if isinstance(block, Code) for line in block.text.splitlines()[1:])
    widest = max(map(cell_len, lines), default=0)
    if widest > width:
        yield from paragraph(Text(FOLDED.format(columns=widest), "note"), width, 1)
        yield Text("")


def topic_parts(topic: Topic) -> Iterator[Part]:
    """Tell a topic in titles, sentences and tables; a picture is named, with what tells it."""
    under = topic.title
    for block in blocks(topic.text):
        if isinstance(block, Heading):
            under = block.text.plain
            yield Title(under)
        elif isinstance(block, Paragraph):
            yield Prose(block.text.plain)
        elif isinstance(block, Grid):
            heads, *rows = (tuple(cell.plain for cell in row) for row in block.rows)
            yield Table(under, heads, tuple(rows))
        else:
            yield from _code_parts(block)


def _code_parts(code: Code) -> Iterator[Part]:
    """Tell a program or an output line by line; of one that draws, the command alone."""
    command, *output = code.text.splitlines()
    yield Prose(command)
    if any(_draws(line) for line in output):
        yield Prose(PICTURE)
        return
    for line in output:
        yield Prose(line)


def _draws(line: str) -> bool:
    """Tell whether a line holds boxes, bars or marks, or what stands for them in pure ASCII."""
    return any(0x2500 <= ord(character) <= 0x28FF for character in line) or line.startswith(("+-", "| "))
