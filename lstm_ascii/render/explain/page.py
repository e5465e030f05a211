"""The whole page of ``explain``: a head, the sections that are asked for, each with its closing line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.explain import decided, gates, highway, shares, split, unit, units, where
from lstm_ascii.render.explain.cell import cell_lines
from lstm_ascii.render.explain.contents import Contents
from lstm_ascii.render.explain.summary import summary
from lstm_ascii.render.figures import counted, plain
from lstm_ascii.render.layout import (
    Column,
    WordTable,
    boxed,
    heading,
    names_of,
    page_width,
    paragraph,
    rows_to_show,
    segments,
)

if TYPE_CHECKING:
    from lstm_ascii.render.parts import Part

Section = Callable[["ExplainPage", int, int], Iterator[Text]]


class ExplainPage(Contents):
    """Draws an :class:`~lstm_ascii.reports.explain.report.ExplainReport`."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options)), console)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from self._head(width)
        for place, view in enumerate(self.shown_views, 1):
            yield from SECTIONS[view](self, place, width)

    def parts(self) -> Iterator[Part]:
        """Tell the same in titles, sentences and tables."""
        from lstm_ascii.render.explain.told import parts  # most pages are drawn

        yield from parts(self)

    def _head(self, width: int) -> Iterator[Text]:
        """Draw the box with the sentence and the networks."""
        report = self.report
        shown = rows_to_show(len(report.words), self.limit, ())
        marks = self._marks()
        sentence = Text(" ").join(
            Text("…", "note") if row is None else Text(report.words[row], marks.get(row, "word")) for row in shown
        )
        facts = Text(f"{where.counted(report)} · {self._networks()}", "note")
        yield from boxed([sentence, facts], width)
        for remark in self.remarks():
            yield from paragraph(Text(remark, "note"), width, 1)

    def _networks(self) -> str:
        """Name the networks, once together where they have all in common."""
        sizes = {network.hidden_size for network in self.report.networks}
        names = ", ".join(where.named(network) for network in self.report.networks)
        sources = dict.fromkeys(network.source for network in self.report.networks)
        longest = max(sources, key=len)
        together = [longest] if all(longest.startswith(source) for source in sources) else list(sources)
        units = f"{'/'.join(f'{size:,}' for size in sorted(sizes))} unit{'s' * (sizes != {1})}"
        units += " each" if len(self.report.networks) > 1 else ""
        return f"{names} · {units} · {'; '.join(together)}"

    def cell(self, place: int, width: int) -> Iterator[Text]:
        """Draw the cell with its values."""
        main, report = self.report.main, self.report
        word, step = report.words[report.focus - 1], main.steps[report.focus - 1]
        about = f"{main.cell} at word {report.focus} of {len(report.words)}, “{word}”: {report.focus_reason}"
        yield from heading(place, "THE CELL", about, width)
        yield Text("")
        yield from cell_lines(main.cell, main.inside.values, word, width)
        over = f"over {counted(main.hidden_size, 'unit')}"
        if step.wiped is None:
            note = f"|x|: means of absolute values {over}. “{word}” moved it by {plain(step.written)}"
        else:
            note = f"Gates: means {over}; |x|: means of absolute values. “{word}” wrote {plain(step.written)}"
            note += f" and wiped {plain(step.wiped)}"
        yield Text("")
        yield from paragraph(Text(f"{note} (sums over units)."), width, 1)
        if main.special:
            yield from paragraph(Text(where.beyond_the_drawing(main), "note"), width, 1)

    def gates(self, place: int, width: int) -> Iterator[Text]:
        """Draw the table of the gates."""
        main, names = self.report.main, names_of(self.report.words)
        about = (
            f"{main.cell}, means over {counted(main.hidden_size, 'unit')}; wrote and wiped: sums"
            if main.steps[0].gates
            else main.cell
        )
        columns = gates.columns(main.cell, main.steps, names, width)
        yield from heading(place, "WORD BY WORD", about, width)
        yield from self._table(columns, width)
        if main.steps[0].gates:
            yield from paragraph(Text(gates.thresholds(), "note"), width, 1)
        yield from paragraph(Text(gates.closing(main, names)), width, 1)

    def next(self, place: int, width: int) -> Iterator[Text]:
        """Show what each network expects after each word."""
        yield from heading(place, "WHAT COMES NEXT", "the likeliest words after each word, with probabilities", width)
        if self.report.main.no_choice:
            yield from paragraph(Text(where.left_out(self.report.main)), width, 1)
            return
        yield from self._table(decided.predicted(self.report.networks, width), width)
        yield from paragraph(
            Text("Where the next word is a verb with a number, it and its twin stand first."), width, 1
        )
        if said := self.classes():
            yield from paragraph(Text(said, "note"), width, 1)

    def decided(self, place: int, width: int) -> Iterator[Text]:
        """Show what each network prefers, and which word decided it."""
        networks, words = self.report.networks, self.report.words
        if self.report.main.no_choice:
            yield from heading(place, "WHO DECIDED", "", width)
            yield from paragraph(Text(where.left_out(self.report.main)), width, 1)
            return
        choice = networks[0].asked
        about = f"after word {choice.after}, “{words[choice.after - 1]}”: “{choice.right}” or “{choice.wrong}”?"
        yield from heading(place, "WHO DECIDED", about, width)
        if why := decided.WHY.get(choice.kind):
            yield from paragraph(Text(why, "note"), width, 1)
        yield from decided.answers(networks, self.report.deciding_word, names_of(words), width)
        if not any(network.swaps for network in networks):
            return
        yield Text("")
        yield from paragraph(Text(decided.method(networks), "note"), width, 1)
        rows: list[int | None] = [*decided.rows(networks)]
        if rows:
            yield from WordTable(words, decided.columns(networks, words, width), rows, self._marks()).lines(width)
            yield Text("")
        yield from paragraph(Text(decided.closing(networks, names_of(words))), width, 1)

    def shares(self, place: int, width: int) -> Iterator[Text]:
        """Draw the map of who wrote the memory."""
        main = self.report.main
        yield from heading(place, "WHO WROTE THE MEMORY", f"{main.cell}: what it holds after each word", width)
        if main.steps[0].holds is not None:
            yield from shares.map_lines(main.steps, self.rows(), width)
        yield from paragraph(Text(shares.closing(main)), width, 1)

    def memory(self, place: int, width: int) -> Iterator[Text]:
        """Draw the memory, one column a unit."""
        main = self.report.main
        folded = units.units_a_column(main.hidden_size, width)
        column = "one column a unit" if folded == 1 else f"one column for {folded} units"
        yield from heading(place, "THE MEMORY", f"{main.cell}: {column}, one line a word", width)
        yield from units.map_lines(self.report.words, main.memory, self.rows(), width)

    def split(self, place: int, width: int) -> Iterator[Text]:
        """Split the log-odds over the words that wrote."""
        main = self.report.main
        about = f"{main.cell}: {where.odds_about(main)}"
        yield from heading(place, "THE SPLIT", about, width)
        if main.split is None:
            yield from paragraph(Text(where.not_split(main)), width, 1)
            return
        rows = [row for row in self.rows() if row is None or row < len(main.split.words)]
        table = WordTable(self.report.words, split.columns(main.split, width), rows, self._marks())
        yield from table.lines(width)
        yield from split.sums(main.split, table.left(width), width)
        yield from paragraph(Text(split.CLOSING), width, 1)

    def highway(self, place: int, width: int) -> Iterator[Text]:
        """Draw how far the error travels back."""
        main = self.report.main
        about = where.error_about(self.report, f"“{self.report.words[main.loss_after - 1]}”")
        yield from heading(place, "THE GRADIENT HIGHWAY", about, width)
        columns, left_out = highway.columns(self.report.networks, width)
        rows = [row for row in self.rows() if row is None or main.steps[row].gradient]
        yield from WordTable(self.report.words, columns, rows, self._marks()).lines(width)
        yield Text("")
        yield from paragraph(Text(highway.legend(self.report.networks) + left_out, "note"), width, 1)
        names = names_of(self.report.words)
        yield from paragraph(
            Text(highway.closing(self.report.networks, self.report.deciding_word or where.ends(main)[0], names)),
            width,
            1,
        )

    def unit(self, place: int, width: int) -> Iterator[Text]:
        """Follow one unit."""
        main, words = self.report.main, self.report.words
        if main.unit is None:
            yield from heading(place, "ONE UNIT", where.no_unit(main), width)
            return
        about, title = f"unit {main.unit.index} of the {main.cell}", "ONE UNIT"
        if main.carrier and main.carrier.unit == main.unit.index:
            word, title = words[main.carrier.word - 1], "HOW IT TRAVELLED"
            about += f" {unit.role(main, main.carrier)} the number of “{word}”"
        yield from heading(place, title, about, width)
        yield from self._table(unit.columns(main, main.unit, width), width)
        if main.unit.steps[0].keeps is not None:
            yield from paragraph(Text(f"So it is {unit.legend(main, main.unit)}", "note"), width, 1)
        yield from paragraph(Text(unit.closing(main, main.unit, words)), width, 1)

    def words(self, place: int, width: int) -> Iterator[Text]:
        """Close with what was seen, in words."""
        yield from heading(place, "IN WORDS", "", width)
        yield from paragraph(Text(summary(self.report)), width, 1)

    def _table(self, columns: Sequence[Column], width: int) -> Iterator[Text]:
        """Draw a table of all words."""
        yield from WordTable(self.report.words, columns, self.rows(), self._marks()).lines(width)
        yield Text("")

    def _marks(self) -> dict[int, str]:
        """Style the words that stand out."""
        marks = {step.number - 1: "unknown" for step in self.report.main.steps if not step.known}
        return {**marks, self.report.focus - 1: "focus"}


SECTIONS: dict[str, Section] = {
    "cell": ExplainPage.cell,
    "gates": ExplainPage.gates,
    "shares": ExplainPage.shares,
    "memory": ExplainPage.memory,
    "next": ExplainPage.next,
    "decided": ExplainPage.decided,
    "unit": ExplainPage.unit,
    "split": ExplainPage.split,
    "highway": ExplainPage.highway,
    "words": ExplainPage.words,
}
