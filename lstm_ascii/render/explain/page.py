"""The whole page of ``explain``: a head, the sections that are asked for, each with its closing line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.explain import decided, gates, highway, shares, split, unit, units
from lstm_ascii.render.explain.cell import cell_lines
from lstm_ascii.render.explain.summary import summary
from lstm_ascii.render.figures import plain
from lstm_ascii.render.layout import (
    NARROWEST,
    WIDEST,
    Column,
    WordTable,
    boxed,
    heading,
    names_of,
    paragraph,
    rows_to_show,
    segments,
)
from lstm_ascii.reports.explain import ExplainReport

Section = Callable[["ExplainPage", int, int], Iterator[Text]]

BY_DEFAULT = ("cell", "gates", "decided", "unit", "highway", "words")


@dataclass(frozen=True)
class ExplainPage:
    """Draws an :class:`ExplainReport`.

    Attributes:
        report: to draw.
        views: the sections, by name (:data:`SECTIONS`); those of :data:`BY_DEFAULT` if none is named.
        limit: the most words to show in a table; ``None`` for all.
    """

    report: ExplainReport
    views: tuple[str, ...] = ()
    limit: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(max(NARROWEST, min(options.max_width, WIDEST))), console)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from self._head(width)
        views = self.views or tuple(name for name in BY_DEFAULT if name != "unit" or self.report.main.unit)
        for place, view in enumerate(views, 1):
            yield from SECTIONS[view](self, place, width)

    def _head(self, width: int) -> Iterator[Text]:
        """Draw the box with the sentence and the networks."""
        report = self.report
        shown = rows_to_show(len(report.words), self.limit, ())
        marks = self._marks()
        sentence = Text(" ").join(
            Text("…", "note") if row is None else Text(report.words[row], marks.get(row, "word")) for row in shown
        )
        facts = Text(f"{_counted(len(report.words), 'word')} · {self._networks()}", "note")
        yield from boxed([sentence, facts], width)
        yield from self._remarks(width)

    def _networks(self) -> str:
        """Name the networks, once together where they have all in common."""
        sizes = {network.hidden_size for network in self.report.networks}
        names = ", ".join(network.cell for network in self.report.networks)
        sources = dict.fromkeys(network.source for network in self.report.networks)
        longest = max(sources, key=len)
        together = [longest] if all(longest.startswith(source) for source in sources) else list(sources)
        return f"{names} · {'/'.join(map(str, sorted(sizes)))} units each · {'; '.join(together)}"

    def _remarks(self, width: int) -> Iterator[Text]:
        """Say what the reader should know before the figures: words not known, words left out."""
        unknown = [step for step in self.report.main.steps if not step.known]
        if unknown:
            counts = Counter((step.word, step.read_as) for step in unknown)
            listed = ", ".join(
                f"“{word}” as {entry}{f' ({times} times)' if times > 1 else ''}"
                for (word, entry), times in counts.most_common(8)
            )
            more = f" and {len(counts) - 8} more" if len(counts) > 8 else ""
            yield from paragraph(
                Text(f"not in the vocabulary, read by their letters: {listed}{more}", "note"), width, 1
            )
        if self.limit is not None and len(self.report.words) > self.limit:
            note = (
                f"{len(self.report.words)} words: the head, the tail and what matters between; pipe it (| less) for all"
            )
            yield from paragraph(Text(note, "note"), width, 1)

    def cell(self, place: int, width: int) -> Iterator[Text]:
        """Draw the cell with its values."""
        main, report = self.report.main, self.report
        word, step = report.words[report.focus - 1], main.steps[report.focus - 1]
        about = f"{main.cell} at word {report.focus} of {len(report.words)}, “{word}”: {report.focus_reason}"
        yield from heading(place, "THE CELL", about, width)
        yield Text("")
        yield from cell_lines(main.cell, main.inside.values, word, width)
        over = f"over {main.hidden_size} units"
        if step.wiped is None:
            note = f"|x|: means of absolute values {over}. “{word}” moved it by {plain(step.written)}"
        else:
            note = f"Gates: means {over}; |x|: means of absolute values. “{word}” wrote {plain(step.written)}"
            note += f" and wiped {plain(step.wiped)}"
        yield Text("")
        yield from paragraph(Text(f"{note} (sums over units)."), width, 1)

    def gates(self, place: int, width: int) -> Iterator[Text]:
        """Draw the table of the gates."""
        main, names = self.report.main, names_of(self.report.words)
        about = (
            f"{main.cell}, means over {main.hidden_size} units; wrote and wiped: sums"
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
        yield from self._table(decided.predicted(self.report.networks, width), width)
        yield from paragraph(
            Text("Where the next word is a verb with a number, it and its twin stand first."), width, 1
        )

    def decided(self, place: int, width: int) -> Iterator[Text]:
        """Show what each network prefers, and which word decided it."""
        networks, words = self.report.networks, self.report.words
        choice = networks[0].choice
        about = f"after word {choice.after}, “{words[choice.after - 1]}”: “{choice.right}” or “{choice.wrong}”?"
        yield from heading(place, "WHO DECIDED", about, width)
        yield from decided.answers(networks, self.report.deciding_word, names_of(words), width)
        if not any(network.swaps for network in networks):
            return
        yield Text("")
        yield from paragraph(Text(decided.METHOD, "note"), width, 1)
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
            yield from shares.map_lines(main.steps, self._rows(), width)
        yield from paragraph(Text(shares.closing(main.steps)), width, 1)

    def memory(self, place: int, width: int) -> Iterator[Text]:
        """Draw the memory, one column a unit."""
        main = self.report.main
        yield from heading(place, "THE MEMORY", f"{main.cell}: one column a unit, one line a word", width)
        yield from units.map_lines(self.report.words, main.memory, self._rows(), width)

    def split(self, place: int, width: int) -> Iterator[Text]:
        """Split the log-odds over the words that wrote."""
        main = self.report.main
        about = f"{main.cell}: the log-odds of “{main.choice.right}” against “{main.choice.wrong}”, by who last wrote"
        yield from heading(place, "THE SPLIT", about, width)
        if main.split is None:
            yield from paragraph(
                Text("An RNN's state is no sum of what the words wrote, so it can't be split."), width, 1
            )
            return
        rows = [row for row in self._rows() if row is None or row < len(main.split.words)]
        table = WordTable(self.report.words, split.columns(main.split, width), rows, self._marks())
        yield from table.lines(width)
        yield from split.sums(main.split, table.left(width), width)
        yield from paragraph(Text(split.CLOSING), width, 1)

    def highway(self, place: int, width: int) -> Iterator[Text]:
        """Draw how far the error travels back."""
        choice = self.report.main.choice
        word = self.report.words[choice.after - 1]
        about = f"the error of that choice at word {choice.after}, “{word}”, felt at each earlier word"
        yield from heading(place, "THE GRADIENT HIGHWAY", about, width)
        columns, left_out = highway.columns(self.report.networks, width)
        rows = [row for row in self._rows() if row is None or row < choice.after]
        yield from WordTable(self.report.words, columns, rows, self._marks()).lines(width)
        yield Text("")
        yield from paragraph(Text(highway.legend(self.report.networks) + left_out, "note"), width, 1)
        names = names_of(self.report.words)
        yield from paragraph(
            Text(highway.closing(self.report.networks, self.report.deciding_word or 1, names)), width, 1
        )

    def unit(self, place: int, width: int) -> Iterator[Text]:
        """Follow one unit."""
        main, words = self.report.main, self.report.words
        if main.unit is None:
            yield from heading(place, "ONE UNIT", "none carries a number here; choose one with --unit K", width)
            return
        about, title = f"unit {main.unit.index} of the {main.cell}", "ONE UNIT"
        if main.carrier and main.carrier.unit == main.unit.index:
            word, title = words[main.carrier.word - 1], "HOW IT TRAVELLED"
            about += f" {'carries' if unit.carries(main) else 'counts most, of all units, for'} the number of “{word}”"
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
        yield from WordTable(self.report.words, columns, self._rows(), self._marks()).lines(width)
        yield Text("")

    def _rows(self) -> list[int | None]:
        """Choose the words to show."""
        steps = self.report.main.steps
        busiest = sorted(range(len(steps)), key=lambda n: (-steps[n].written - (steps[n].wiped or 0), n))
        return rows_to_show(len(steps), self.limit, [self.report.focus - 1, *busiest])

    def _marks(self) -> dict[int, str]:
        """Style the words that stand out."""
        marks = {step.number - 1: "unknown" for step in self.report.main.steps if not step.known}
        return {**marks, self.report.focus - 1: "focus"}


def _counted(count: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


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
