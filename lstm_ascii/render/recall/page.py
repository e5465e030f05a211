"""The page of ``recall``: a table of networks by gaps, the memory spans, how they were learnt, what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import listed, percent
from lstm_ascii.render.glyphs import FULL, LEVELS, TRACK
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table, capital
from lstm_ascii.render.section import Head, Page, Paragraph, Section, note
from lstm_ascii.render.spans import END, end, length, result, winners
from lstm_ascii.reports.recall import (
    LEARNT,
    NOT_LEARNT,
    NOT_TRIED,
    TEXTBOOK,
    UNFINISHED,
    GapRecall,
    Learning,
    RacerRecall,
    RecallPoint,
    RecallReport,
    agrees,
)
from lstm_ascii.thresholds import ENOUGH_STEPS

STYLES = {LEARNT: "verdict.good", NOT_LEARNT: "note"}
_CELL = (9, 9, 10, 12)  # cells of a gap's column, with the blanks before, at the widths of a window
_STATION = (3, 3, 6, 10)  # cells of a gap in a span's bar

_SHORTEST, _LONGEST = 8, (20, 20, 48, 72)  # cells of a curve worth drawing; at the widths of a window

SHORTEST_LABEL = 11  # cells of a network's name


def recall_page(report: RecallReport) -> Page:
    """Return the page of a report."""
    head = Head([Text("The memory race", "title"), Text(task(report), "word"), Text(setting(report), "note")])
    shown = courses(report)
    sections = [
        Section("The race", f"steps until {report.target:.0%} of the answers are right", (
            _steps(report), legend(report),
        )),
        Section("Memory span", "the longest gap learnt by most seeds, shorter ones too", tuple(_spans(report))),
        *([section(shown, _least(report))] if shown else ()),
        Section("In words", "", tuple(map(Paragraph, summary(report)))),
    ]  # fmt: skip
    return Page(head, sections)


def _least(report: RecallReport) -> int:
    """Return the cells of the networks' names."""
    return max(SHORTEST_LABEL, *(len(network.label) for network in report.networks))


def _steps(report: RecallReport) -> Grid:
    """Return the table with a column a gap: what came out, and below it what the seeds did."""
    networks = report.networks

    def cell(gap: GapRecall, _size: int) -> Text:
        text = Text(result(gap), STYLES.get(gap.stage, "note"))
        below = detail(gap)
        return Text.assemble(text, "\n", (below, "note")) if below else text

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text(networks[row].label, "title"), width, 1)
        for gap in networks[row].gaps:
            line = Text(f"{gap.gap:>5,}  ").append(result(gap), STYLES.get(gap.stage, "note"))
            if (below := detail(gap)) and line.cell_len + len(below) < width:
                line.append(f" {below}", "note")
            yield line

    def tables() -> list[Table]:
        rows = tuple(
            (network.label, gap.gap, gap.stage, gap.tried, gap.learnt, *_times(gap), gap.accuracy, stopped(gap))
            for network in networks
            for gap in network.gaps
        )
        heads = (
            "network",
            "gap",
            "result",
            "seeds that tried it",
            "seeds that learnt it",
            "steps",
            "fewest",
            "most",
            "accuracy",
            "stopped at",
        )
        return [Table("steps", heads, rows, named_by=2)]

    columns = [
        Column(f"gap {gap}", [network.gaps[place] for network in networks], None, cell, _CELL, right=True)
        for place, gap in enumerate(report.gaps)
    ]
    least = _least(report) + 1  # with the blank behind them
    return Grid("steps", ("network",), [network.label for network in networks], columns, style="title", least=least,
                window=1 + least + 2 * _CELL[0], gap=0, even=True, turn=turned, tables=tables)  # fmt: skip


def _spans(report: RecallReport) -> Iterator[Grid | Paragraph]:
    """Yield each span as a bar over the gaps."""
    gaps, networks = report.gaps, report.networks

    def heads(size: int) -> tuple[str, ...]:
        station = size // len(gaps)
        fits = station > max(len(f"{gap:,}") for gap in gaps)
        return ("".join(f"{gap:>{station},}" for gap in gaps),) if fits else ()

    def drawn(network: RacerRecall, size: int) -> Text:
        pieces = [_piece(gap, network, size // len(gaps)) for gap in network.gaps]
        return Text.assemble(*pieces, "  ", (length(network), "title"))

    def turned(grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text(f" {networks[row].label:<{grid.least}} {length(networks[row])}", "title"), width)

    longest = max(len(length(network)) for network in networks)
    sizes = tuple(station * len(gaps) for station in _STATION)
    columns = (
        Column("span", networks, heads, drawn, (sizes[0], sizes[1], sizes[2], sizes[3]), 2 + longest,
               (len(gaps), sizes[-1]), exact=lambda network: network.span),
        Column(END, list(map(end, networks)), drawn=lambda _: False),
        Column("parameters", [network.parameters for network in networks], drawn=lambda _: False),
    )  # fmt: skip
    yield Grid("memory span", ("network",), [network.label for network in networks], columns, style="title",
               least=_least(report), gap=1, turn=turned)  # fmt: skip
    if any(length(network).endswith("+") for network in networks):
        text = "where the race ended; the span may be longer."
        yield Paragraph(f"+: {text}", "note", spoken=f"{END} not reached: {text}")


def _piece(gap: GapRecall, network: RacerRecall, station: int) -> Text:
    """Draw one gap's piece of a span."""
    if gap.gap <= network.span:
        return Text(FULL * station, "measure")
    unknown = gap.stage not in (LEARNT, NOT_LEARNT) and not network.complete
    return Text(("?" if unknown else TRACK) * station, "track")


@dataclass(frozen=True)
class Course:
    """One network on its way.

    Attributes:
        label: of the network.
        gap: the longest one that any seed has learnt.
        run: the first seed that has.
        chance: share of right answers by guessing.
    """

    label: str
    gap: int
    run: Learning
    chance: float

    @property
    def end(self) -> str:
        """What stands at the end of its line."""
        return f"gap {self.gap:,}: {self.run.step:,}"

    @property
    def guessed_until(self) -> int:
        """The last step at which it was right less than twice as often as by guessing; 0 for none."""
        return max((point.step for point in self.run.points if point.accuracy < 2 * self.chance), default=0)


def courses(report: RecallReport) -> list[Course]:
    """Return the course of each network that has learnt anything, at the longest gap that it has learnt."""
    drawn = []
    for network in report.networks:
        learnt = [(gap.gap, run) for gap in network.gaps for run in gap.runs if run.stage == LEARNT]
        if learnt:
            longest = max(gap for gap, _ in learnt)
            first = next(run for gap, run in learnt if gap == longest)
            drawn.append(Course(network.label, longest, first, report.chance))
    return drawn


def section(shown: Sequence[Course], least: int) -> Section:
    """The courses; all of them share the steps and the height.

    Args:
        shown: at least one.
        least: cells of the networks' names.
    """
    most = max(course.run.step for course in shown)

    def drawn(course: Course, length: int) -> Text:
        return Text(no_wrap=True).append(_blocks(course.run.points, most, length), "measure").append(f"  {course.end}")

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text.assemble((shown[row].label, "title"), f" {shown[row].end}"), width, 1, hang=3)

    longest_end = max(len(course.end) for course in shown)
    column = Column("course", shown, (), drawn, _LONGEST, 2 + longest_end, (_SHORTEST, max(_LONGEST)))
    grid = Grid("how they learnt", ("network",), [course.label for course in shown], [column], style="title",
                least=least, gap=1, turn=turned, tables=lambda: _tables(shown))  # fmt: skip
    about = f"share of right answers, from step 0 to {most:,}"
    text = "Each at the longest gap that a seed of it has learnt, by the first such seed; at the end the steps."
    return Section("How they learnt", about, (grid, note(text), Paragraph(sudden(shown))))


def _tables(shown: Sequence[Course]) -> list[Table]:
    """Return where each course ended, and all its points, which are too many to be read out."""
    ends = tuple((course.label, course.gap, course.run.seed, course.run.step) for course in shown)
    points = tuple(
        (course.label, course.gap, point.step, point.accuracy) for course in shown for point in course.run.points
    )
    return [
        Table("how they learnt", ("network", "gap", "seed", "steps"), ends),
        Table("share of right answers", ("network", "gap", "step", "accuracy"), points, named_by=3, read_out=()),
    ]


def sudden(shown: Sequence[Course]) -> str:
    """Say which network was about guessing for most of its time."""
    course = max(shown, key=lambda course: course.guessed_until / course.run.step)
    if not course.guessed_until:
        return ""
    share = percent(course.guessed_until / course.run.step)
    return (
        f"The {course.label} at gap {course.gap:,}: up to step {course.guessed_until:,}, {share} of its way, it is "
        f"right less than twice as often as by guessing; at step {course.run.step:,} it has learnt it."
    )


def _blocks(points: Sequence[RecallPoint], most: int, length: int) -> str:
    """Draw shares from 0 to 1 over the steps from 0 to ``most``; where it had learnt it, it stays blank."""
    text = ""
    for cell in range(length):
        end = (cell + 1) * most / length
        seen = [point.accuracy for point in points if cell * most / length < point.step <= end]
        seen = seen or [point.accuracy for point in points if point.step >= end][:1]
        text += LEVELS[min(int(sum(seen) / len(seen) * 8), 7)] if seen else " "
    return text


def task(report: RecallReport) -> str:
    """Say what is learnt."""
    return f"Name the first word: one of {report.classes}, then a gap of words that say nothing, then the question"


def setting(report: RecallReport) -> str:
    """Say how it is learnt."""
    seeds = report.seeds
    named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    recipe = f"{report.hidden_size} units · Adam {report.rate:g} · batches of {report.batch}"
    return f"{recipe} · {named} · at most {report.steps:,} steps"


def legend(report: RecallReport) -> Paragraph:
    """Say how to read the table; read aloud, it names the stages that the table shows by glyphs."""
    asked = report.window * report.batch
    measured = f"Right: measured on {asked:,} fresh sequences, each asked before it is learnt from; by chance it is "
    texts = [f"{measured}{report.chance:.1%}. not: the share that is right at the end."]
    if len(report.seeds) > 1:
        texts.append(
            "Figures are medians over the seeds; below them the fastest and the slowest, or how many learnt it."
        )
        if any(gap.tried < len(report.seeds) for gap in _not_learnt(report)):
            texts.append("Where so many fail that most can't learn it any more, the other seeds are left out.")
    stages = {gap.stage for network in report.networks for gap in network.gaps}
    if NOT_TRIED in stages:
        texts.append("·: not tried, as a shorter gap was not learnt (--every-gap tries it).")
    if not stages <= {LEARNT, NOT_LEARNT, NOT_TRIED}:
        texts.append("…: the race was stopped before the end; the share so far, and the step.")
    if any(network.forget_bias == "chrono" for network in report.networks):
        texts.append(
            "chrono: the forget bias is set for the gap at hand, ln U(1, 1.5 gap), and the input gate's to minus that."
        )
    drawn = " ".join(texts)
    spoken = drawn
    for shown, aloud in (
        (" not: the share", " Not learnt: the accuracy is the share"),
        ("below them", "beside them"),
        ("·: not tried,", "Result not tried,"),
        ("…:", f"{capital(UNFINISHED)}:"),
    ):
        spoken = spoken.replace(shown, aloud)
    return Paragraph(drawn, "note", spoken=spoken)


def _not_learnt(report: RecallReport) -> Iterator[GapRecall]:
    return (gap for network in report.networks for gap in network.gaps if gap.stage == NOT_LEARNT)


def detail(gap: GapRecall) -> str:
    """Write what the seeds did, in at most nine cells."""
    seeds = len(gap.runs)
    if gap.stage == LEARNT:
        if gap.learnt < seeds:
            return f"{gap.learnt} of {seeds}"
        return "" if gap.fewest == gap.most else f"{_brief(gap.fewest)}–{_brief(gap.most)}"
    if gap.stage == NOT_LEARNT:
        return f"{gap.learnt} of {gap.tried}" if seeds > 1 else ""
    if gap.learnt:
        return f"{gap.learnt} of {seeds}"
    return f"at {_brief(step)}" if (step := stopped(gap)) else ""


def _times(gap: GapRecall) -> tuple[float | None, int | None, int | None]:
    return gap.steps, gap.fewest, gap.most


def stopped(gap: GapRecall) -> int | None:
    """Return the step at which an unfinished gap was stopped; ``None`` for others, and where it had not begun."""
    return max(run.step for run in gap.runs) or None if gap.stage == UNFINISHED else None


def _brief(steps: int | None) -> str:
    """Write a number of steps in at most four cells."""
    return "" if steps is None else str(steps) if steps < 10_000 else f"{steps // 1000}k"


def summary(report: RecallReport) -> Iterator[str]:
    """Say what came out."""
    networks = [network for network in report.networks if network.complete or network.span == report.gaps[-1]]
    if report.interrupted:
        open_ones = [network.label for network in report.networks if network not in networks]
        end = f" The span of {listed(open_ones)} is not known yet." if open_ones else ""
        yield f"The race was stopped: this is what was known by then.{end}"
    yield from winners(networks)
    yield from _forget_biases(networks)
    yield from _textbook(networks, report.steps)
    yield from _luck(report)


def _forget_biases(networks: Sequence[RacerRecall]) -> Iterator[str]:
    """Say what the forget bias did."""
    lstms = [network for network in networks if network.forget_bias is not None]
    if len(lstms) < 2:
        return
    spans = listed([f"{length(network)} with {_bias(network)}" for network in lstms])
    if len({network.span for network in lstms}) > 1:
        effect = "decides"
    elif all(network.complete for network in lstms):
        effect = "made no difference to the span"
    else:
        effect = "may still decide, as the race ended first"
    yield f"The LSTM's forget bias {effect}: a span of {spans}."


def _bias(network: RacerRecall) -> str:
    """Write a forget bias."""
    bias = network.forget_bias
    return bias if isinstance(bias, str) else f"{bias:+g}"


def _textbook(networks: Sequence[RacerRecall], steps: int) -> Iterator[str]:
    """Hold the spans against what lecture notes say."""
    for cell, (low, high) in TEXTBOOK.items():
        verdicts = {network: agrees(network, steps) for network in networks if network.cell == cell}
        judged = [
            f"{phrase} {listed([f'{network.label} ({length(network)})' for network in some])}"
            for verdict, phrase in ((True, "so it is for"), (False, "not so for"), (None, "not found out for"))
            if (some := [network for network, known in verdicts.items() if known is verdict])
        ]
        if judged:
            words = f"{low} to {high} words" if high else f"{low} words and more"
            yield f"Lecture notes give the {cell} a memory of {words}: {'; '.join(judged)}."
    if steps < ENOUGH_STEPS and any(network.cell in TEXTBOOK and network.complete for network in networks):
        yield f"What isn't learnt in fewer than {ENOUGH_STEPS:,} steps may be learnt later, so it refutes nothing."


def _luck(report: RecallReport) -> Iterator[str]:
    """Say where the seed decided."""
    seeds = len(report.seeds)
    split = [
        f"{network.label} at gap {gap.gap:,} ({gap.learnt} of {gap.tried})"
        for network in report.networks
        for gap in network.gaps
        if gap.stage in (LEARNT, NOT_LEARNT) and 0 < gap.learnt < gap.tried
    ]
    if split:
        yield f"It is also luck: some seeds learnt it and others didn't for {listed(split)}."
    elif seeds == 1:
        yield "One seed tells little about luck: --seeds 3 trains each network three times."
