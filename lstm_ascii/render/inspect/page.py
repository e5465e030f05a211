"""What is in a file of weights: the network as a tree, then a line a tensor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from lstm_ascii.render.figures import bar, fit, percent, plain
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.inspect.text import (
    branches,
    closing,
    contents_line,
    forget_sentence,
    shape_of,
    short_role,
    short_type,
    words_line,
)
from lstm_ascii.render.layout import HOME, boxed, by_width, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.inspect.report import InspectReport, TensorFacts

MOST_TEXTS = 8  # of the file about itself
_FIGURE = 6  # cells of a mean, and of its neighbours
_HEADS = ("mean", "sd", "min", "max")


@dataclass(frozen=True)
class InspectPage:
    """Draws an :class:`InspectReport`.

    Attributes:
        report: to draw.
        limit: the most tensors to show; ``None`` for all.
    """

    report: InspectReport
    limit: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from self._segments(console, page_width(options))

    def parts(self) -> Iterable[Part]:
        """Tell the same in titles, sentences and tables."""
        report = self.report
        yield Title(f"{report.file}: {contents_line(report)}")
        if report.problem:
            yield Prose(f"The network in it can't be read: {report.problem}")
        rows = tuple((one.name, "; ".join((one.what, *one.details)), one.parameters) for one in branches(report))
        if rows:
            yield Table("network", ("part", "what it is", "parameters"), rows)
        for sentence in (words_line(report), *report.notes, forget_sentence(report), closing(report)):
            if sentence:
                yield Prose(sentence)
        if report.metadata:
            yield Table("metadata", ("name", "text"), report.metadata)
        columns = ("tensor", "role", "shape", "type", "mean", "sd", "min", "max", "nan", "infinite")
        yield Table(
            "tensors", columns, tuple(map(_row, report.tensors)), read_out=range(self.limit or len(report.tensors))
        )

    def _segments(self, console: Console, width: int) -> Iterator[Segment]:
        """Draw the lines, of which none is folded again."""
        yield from segments(self._lines(width), console)

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw the box, the network, the texts and the tensors."""
        report = self.report
        yield from boxed([Text(report.file, "word"), Text(contents_line(report), "note")], width)
        yield from heading(1, "NETWORK", "what was made of it", width)
        yield from self._network(width)
        number = 2
        if report.metadata:
            yield from heading(number, "METADATA", "what the file says about itself", width)
            yield from self._metadata(width)
            number += 1
        yield from heading(number, "TENSORS", "their numbers, and how these lie", width)
        yield from _Tensors(report.tensors, width).lines(self.limit)
        yield Text("")
        for sentence in (forget_sentence(report), closing(report)):
            if sentence:
                yield from paragraph(Text(sentence), width, 1)

    def _network(self, width: int) -> Iterator[Text]:
        """Draw the tree, the words and what was assumed; or say why there is no network."""
        report = self.report
        if report.problem:
            yield from paragraph(Text(f"It can't be read: {report.problem}", "negative"), width, 1)
            return
        if not report.cells:
            yield from paragraph(Text("There is no RNN, LSTM or GRU in it, only the tensors below."), width, 1)
            return
        parts = list(branches(report))
        name_width = max(cell_len(part.name) for part in parts)
        room = by_width(width, 0, 12, 24)
        total = max(1, sum(part.parameters for part in parts))
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            head = Text.assemble((" └─ " if last else " ├─ ", "track"), (fit(part.name, name_width), "title"), "  ")
            if room:
                share = part.parameters / total
                head.append_text(bar(share, room, "positive")).append(f" {percent(share):>4}  ", "note")
            trunk = Text("    " if last else " │  ", "track")
            yield from _hung(head, trunk, part.lines, width)
        sentences = [sentence for sentence in (words_line(report), *report.notes) if sentence]
        if sentences:
            yield Text("")
        for sentence in sentences:
            yield from paragraph(Text(f"· {sentence}", "note"), width, 1, hang=3)

    def _metadata(self, width: int) -> Iterator[Text]:
        """Draw a line a text."""
        texts = self.report.metadata
        names = min(max(cell_len(name) for name, _ in texts), width // 3)
        for name, text in texts[:MOST_TEXTS]:
            yield Text.assemble((f" {fit(name, names)}  ", "note"), fit(text, max(1, width - names - 4)).rstrip())
        if len(texts) > MOST_TEXTS:
            yield Text(fit(f" … and {len(texts) - MOST_TEXTS} more; --json", width).rstrip(), "note")


def _row(one: TensorFacts) -> tuple[str | float | None, ...]:
    """Return a tensor as a row of a table."""
    figures = (one.mean, one.deviation, one.smallest, one.largest)
    return (one.name, one.role or "not used", shape_of(one.shape), one.dtype, *figures, one.nan, one.infinite)


def _hung(head: Text, trunk: Text, lines: Iterable[str], width: int) -> Iterator[Text]:
    """Draw a branch: its head with the first line beside it, the others below, all beside the trunk."""
    first, *others = lines
    beside = width - head.cell_len
    if beside < 16:
        head.rstrip()
        yield head
        others = [first, *others]
        indent = 2
    else:
        folded = list(paragraph(Text(first), beside))
        head.append_text(folded[0])
        yield head
        others = [*(text.plain for text in folded[1:]), *others]
        indent = head.cell_len - folded[0].cell_len - trunk.cell_len if beside > HOME // 2 else 2
    for line in others:
        for text in paragraph(Text(line, "note"), width - trunk.cell_len - indent):
            yield Text.assemble(trunk, " " * indent, text)


@dataclass(frozen=True)
class _Tensors:
    """The table of the tensors: a line each where there is room, else two or three."""

    tensors: tuple[TensorFacts, ...]
    width: int

    def lines(self, limit: int | None) -> Iterator[Text]:
        """Draw it."""
        shown = self.tensors[:limit]
        if not shown:
            yield Text(" none", "note")
            return
        if self.width >= HOME:
            yield from self._beside(shown)
        else:
            for one in shown:
                yield from self._stacked(one)
        if len(shown) < len(self.tensors):
            note = f"… and {len(self.tensors) - len(shown):,} more; all of them: | cat"
            yield from paragraph(Text(note, "note"), self.width, 1)

    def _beside(self, shown: tuple[TensorFacts, ...]) -> Iterator[Text]:
        """Draw a line a tensor."""
        bins = len(shown[0].histogram)
        roles = max(3, *(cell_len(short_role(one)) for one in shown))
        shapes = max(5, *(cell_len(shape_of(one.shape)) for one in shown))
        types = max(cell_len(short_type(one.dtype)) for one in shown)
        fixed = 1 + roles + 2 + 1 + shapes + 1 + types + 4 * (_FIGURE + 1) + 1 + bins
        names = max(10, min(max(cell_len(one.name) for one in shown), self.width - fixed))
        shapes = min(shapes, max(5, self.width - fixed + shapes - names))
        head = f" {fit('', roles)}  {fit('tensor', names)} {'shape':>{shapes}} {fit('', types)}"
        figures = "".join(f" {name:>{_FIGURE}}" for name in _HEADS)
        yield Text(f"{head}{figures} {fit('min … max', bins)}".rstrip(), "note")
        for one in shown:
            text = Text.assemble((f" {fit(short_role(one), roles)}  ", "title"), no_wrap=True)
            text.append(middle(one.name, names), "word" if one.role else "note")
            text.append(f" {fit(shape_of(one.shape).rjust(shapes), shapes)} ").append(
                fit(short_type(one.dtype), types), "note"
            )
            for value in _figures(one):
                text.append(f" {value:>{_FIGURE}}")
            text.append(" ").append_text(_levels(one))
            text.rstrip()
            yield text
            yield from self._broken(one, roles + 3)

    def _stacked(self, one: TensorFacts) -> Iterator[Text]:
        """Draw a tensor as its name, what it is, and its figures."""
        yield from paragraph(Text(one.name, "word" if one.role else "note"), self.width, 1, hang=3)
        what = f"{one.role or 'not used'} · {shape_of(one.shape)} · {short_type(one.dtype)}"
        yield from paragraph(Text(what, "note"), self.width, 3)
        mean, deviation, smallest, largest = _figures(one)
        if mean:
            told = f"mean {mean}, sd {deviation}, {smallest} to {largest}"
            yield from paragraph(Text(told), self.width, 3)
        if any(one.histogram):
            yield Text.assemble("   ", _levels(one))
        yield from self._broken(one, 3)

    def _broken(self, one: TensorFacts, indent: int) -> Iterator[Text]:
        """Say what is no number."""
        told = [f"{count:,} {name}" for count, name in ((one.nan, "NaN"), (one.infinite, "infinite")) if count]
        if told:
            yield from paragraph(Text(f"! {', '.join(told)}", "negative"), self.width, indent)


def _figures(one: TensorFacts) -> list[str]:
    """Write mean, deviation, smallest and largest."""
    values = (one.mean, one.deviation, one.smallest, one.largest)
    return ["" if value is None else small(value) for value in values]


def small(value: float) -> str:
    """Write a number in at most six cells; what is not nothing is never shown as nothing."""
    if value and abs(value) < 0.005:
        return f"{value:.0e}".replace("e-0", "e-").replace("-", "−", value < 0)
    return plain(value, 2)


def middle(name: str, width: int) -> str:
    """Cut a name in its middle: the ends of tensors' names tell them apart."""
    if cell_len(name) <= width:
        return fit(name, width)
    tail = ""
    while cell_len(name[-len(tail) - 1 :]) <= (width - 1) * 2 // 3:
        tail = name[-len(tail) - 1 :]
    return fit(f"{fit(name, width - 1 - cell_len(tail)).rstrip('… ')}…{tail}", width)


def _levels(one: TensorFacts) -> Text:
    """Draw a histogram, the fullest part as high as it goes; a part with anything in it is seen."""
    most = max(one.histogram, default=0)
    text = Text(style="positive")
    for count in one.histogram:
        text.append(LEVELS[max(0, -(-count * len(LEVELS) // most) - 1)] if count else " ")
    text.rstrip()
    return text
