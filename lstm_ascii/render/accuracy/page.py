"""How often a network is right: its share beside always the same answer, by class, the confusions, the failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.text import Text

from lstm_ascii.render.accuracy.text import NOUNS, beside_baseline, error, hardest, made_of, measured, remarks
from lstm_ascii.render.figures import bar, counted, number, percent
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.layout import by_width
from lstm_ascii.render.left_out import rows_left_out
from lstm_ascii.render.parts import Table
from lstm_ascii.render.rights import bounds
from lstm_ascii.render.section import SPACE, Block, Command, Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.reports.accuracy.report import AccuracyReport, ClassShare, WrongRow
from lstm_ascii.reports.scored.shares import Group

MOST_CONFUSED = 10  # confusions that are shown
BAR, SIZES = (4, 24), (10, 16, 24, 24)  # cells
_LEGEND = Paragraph(
    "Bars run from 0 to 100%. Beside them: the share and its 95% interval, in whole percent, rounded outwards.",
    "note",
    spoken="Shares run from 0 to 1, which is 100%; from and to are the 95% interval.",
)


def accuracy_page(report: AccuracyReport, limit: int | None = None, views: Sequence[str] = ()) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        limit: the most rows of a table to show; ``None`` for all.
        views: the sections, by name; all that have something to show if none is named.
    """
    sections: dict[str, tuple[object, Callable[[], Section]]] = {
        "share": (True, lambda: errors(report) if report.share is None else share(report)),
        "class": (report.classes, lambda: classes(report, limit)),
        "confusion": (report.confused, lambda: confusion(report)),
        "failures": (report.failures_asked, lambda: failures(report)),
        "rows": (report.left_out and views, lambda: rows_left_out(report.left_out)),
    }
    chosen = [make() for name, (shown, make) in sections.items() if (name in views if views else shown)]
    return Page(_head(report), tuple(chosen))


def _head(report: AccuracyReport) -> Head:
    """Return the box with the file and the network, and what was left out."""
    facts = f"{counted(report.rows, 'row')} · {report.cell} · {counted(report.hidden_size, 'unit')} · {report.source}"
    return Head([Text(report.file, "word"), Text(facts, "note")], tuple(remarks(report)), hang=3)


def share(report: AccuracyReport) -> Section:
    """How many answers are right, and how many would be if it always said the same."""
    some = [(name, group) for name, group in (("network", report.share), ("always the same", report.baseline)) if group]
    grid = Grid(
        "accuracy", ("who",), [name for name, _ in some],
        [_bars("share", [group for _, group in some]), Column("made of", [made_of(group) for _, group in some], ())],
        tables=lambda: [Table("accuracy", ("who", "right", "of", "share", "from", "to"),
                              tuple((name, *_figures(group)) for name, group in some))],
    )  # fmt: skip
    return Section("Accuracy", f"how often {NOUNS[report.kind].means} is right", (
        grid, SPACE, _LEGEND, Paragraph(beside_baseline(report)),
    ))  # fmt: skip


def errors(report: AccuracyReport) -> Section:
    """How far values are off."""
    some = report.errors
    if not some:
        return Section("Errors", "", (Paragraph("No value could be compared."),))
    grid = Grid("errors", ("output",), [one.name for one in some], [
        figure_column("RMSE", [one.rmse for one in some], error),
        *_ends("RMSE", [one.rmse_interval for one in some]),
        figure_column("MAE", [one.mae for one in some], error),
        *_ends("MAE", [one.mae_interval for one in some]),
        figure_column("bias", [one.bias for one in some], number),
        figure_column("RMSE of the mean", [one.baseline_rmse for one in some], error, "mean's"),
        figure_column("explained", [one.explained for one in some], _explained),
    ], title="output")  # fmt: skip
    legend = (
        "RMSE: the root of the mean squared error; MAE: the mean absolute error; bias: what is given minus what is "
        "right, on average. Mean's: the RMSE of saying the mean of the right values each time; explained: the share "
        "of their variance. From and to are the 95% interval of the figure before."
    )
    return Section("Errors", f"over {counted(some[0].count, 'value')} each", (
        grid, SPACE, note(legend), Paragraph(measured(some)),
    ))  # fmt: skip


def _ends(what: str, intervals: Sequence[tuple[float, float] | None]) -> Iterator[Column]:
    """Yield the ends of intervals."""
    for place, end in enumerate(("from", "to")):
        yield figure_column(f"{what} {end}", [None if one is None else one[place] for one in intervals], error, end)


def _explained(value: float) -> str:
    return f"{value:.0%}".replace("-", "−") if abs(value) < 10 else number(value)


def classes(report: AccuracyReport, limit: int | None) -> Section:
    """The same by class."""
    some, noun = report.classes[:limit], NOUNS[report.kind]
    grid = Grid(
        f"accuracy by {noun.one}", (noun.one,), [one.share.name for one in some],
        [
            figure_column(noun.counted, [one.share.total for one in some], lambda count: f"{count:,}"),
            _bars("right" if report.kind == "labels" else "recall", [one.share for one in some]),
            figure_column("given", [one.given for one in some], lambda count: f"{count:,}"),
            figure_column("precision", [one.precision for one in some], percent),
        ],
        title=noun.one, most=lambda width: by_width(width, 10, 18, 30),
        tables=lambda: [_class_table(noun.one, report.classes)],
    )  # fmt: skip
    blocks: list[Block] = [grid]
    if len(some) < len(report.classes):
        blocks.append(note(f"… and {len(report.classes) - len(some):,} more; all of them: | cat"))
    says = note(f"Beside the bars: of the {noun.counted} it is right for, those that get it (recall). Given: how often "
                "it is said, and the share of these that is right (precision).") if report.kind != "labels" else note(
        "Beside the bars: of all rows, those where yes or no is right. Given: how often yes is said, and the share of "
        "these that is right (precision).")  # fmt: skip
    return Section(f"By {noun.one}", "", (*blocks, SPACE, says, Paragraph(hardest(report))))


def _class_table(noun: str, some: Sequence[ClassShare]) -> Table:
    """Tell all classes."""
    heads = (noun, "right", "of", "recall", "from", "to", "given", "precision")
    return Table(f"accuracy by {noun}", heads,
                 tuple((one.share.name, *_figures(one.share), one.given, one.precision) for one in some))  # fmt: skip


def confusion(report: AccuracyReport) -> Section:
    """What is taken for what."""
    if not report.confused:
        return Section("Confusions", "", (Paragraph("None."),))
    names = [one.share.name for one in report.classes]
    if report.matrix:
        columns = [
            figure_column(name, [row[place] for row in report.matrix], lambda count: f"{count:,}" if count else "·")
            for place, name in enumerate(names)
        ]
        grid = Grid(
            "confusions", ("right",), names, columns, title="right", most=lambda width: by_width(width, 8, 14, 24)
        )
        return Section("Confusions", "a row for what is right, a column for what the network gives", (grid,))
    some = report.confused[:MOST_CONFUSED]
    grid = Grid("confusions", ("right",), [one.right for one in some], [
        Column("given", [one.given for one in some]),
        figure_column("rows", [one.count for one in some], lambda count: f"{count:,}"),
    ], title="right")  # fmt: skip
    return Section("Confusions", f"the {len(some)} most frequent: what is right, and what the network gives", (grid,))


def failures(report: AccuracyReport) -> Section:
    """The rows that are wrong, each with the line that opens it."""
    if not report.failures:
        why = "No row is wrong." if report.failures_asked else "None were asked for; --failures 5 lists five."
        return Section("Failures", "", (Paragraph(why),))
    blocks: list[Block] = []
    if report.share is None:
        title = "the rows that are farthest off, each with the line that opens it"
    else:
        title = "rows that are wrong, each with the line that opens it"
        more = "" if len(report.failures) == report.wrong else f"; the first {len(report.failures):,} of the file"
        blocks.append(Paragraph(f"{counted(report.wrong, 'row')} wrong of {report.rows - report.undefined:,}{more}."))
    heads = ("line", "text", "right", "given", "figure", "word", "command")
    rows = tuple(
        (one.line, one.text, one.right, one.given, one.figure, one.word, one.command) for one in report.failures
    )
    blocks.append(Drawing(lambda _: (), lambda: [Table("failures", heads, rows, silent=True)]))
    for one in report.failures:
        blocks += [SPACE, note(_told(report, one), 1, 3), Paragraph(one.text, "", 3, 5), Command(one.command)]
    return Section("Failures", title, tuple(blocks))


def _told(report: AccuracyReport, one: WrongRow) -> str:
    """Say what is right and what was given."""
    where = f"line {one.line:,}" + (f" · word {one.word}" if one.word else "")
    off = f"off by {number(one.figure)}" if report.share is None else f"p {one.figure:.2f}"
    return f"{where} · right is {one.right}, given {one.given} ({off})"


def _bars(name: str, groups: Sequence[Group]) -> Column:
    """Return a column with bars, shares and intervals."""

    def draw(group: Group, length: int) -> Text:
        if group.accuracy is None or group.interval is None:
            return Text("–", "note")
        text = bar(group.accuracy, length, "word")
        text.append(f" {percent(group.accuracy):>4}")
        return text.append(f" {bounds(group.interval):<6}", "note")

    return Column(name, groups, (name,), draw, SIZES, 12, BAR)


def _figures(group: Group) -> tuple[int | float | None, ...]:
    """Return the figures of a group."""
    return (group.right, group.total, group.accuracy, *(group.interval or (None, None)))
