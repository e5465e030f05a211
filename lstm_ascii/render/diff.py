"""The page of ``diff``: what moved, what is found in one of the two only, where their behaviour first parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import bar, counted, listed, number, plain
from lstm_ascii.render.grid import Column, Grid, as_sentence, figure_column, only_told
from lstm_ascii.render.layout import paragraph, rows_to_show
from lstm_ascii.render.parts import Table, capital
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note, sentence
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.diff.behaviour import Answers, Behaviour, Gap, LayerGaps, Parting
from lstm_ascii.reports.diff.moves import Distance, Move, Unlike
from lstm_ascii.reports.diff.report import Changed, DiffReport, Side

MARKS = {"new": "✗", "worse": "▲", "better": "▼", "gone": "✓", "same": "•"}
STYLES = {
    "new": "grad.vanished",
    "worse": "grad.vanished",
    "better": "grad.alive",
    "gone": "grad.alive",
    "same": "note",
}
MEANS = {
    "new": "of the second only",
    "worse": "of both, worse in the second",
    "better": "of both, less in the second",
    "gone": "of the first only",
    "same": "of both",
}
FIELDS = ("change", "severity", "rule", "what", "where", "evidence")
NO_INPUT = "Only the weights were compared; give a sentence, or a series with --input, to see where the two first part."


def diff_page(report: DiffReport, limit: int | None = None) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
    """
    sections = [_moved(report)]
    if report.first.read and report.second.read:
        sections.append(_found(report.findings))
    if report.behaviour:
        sections.append(_behaviour(report.behaviour, limit))
    head = Head([Text("A: " + report.first.model, "word"), Text(_about(report.first), "note"),
                 Text("B: " + report.second.model, "word"), Text(_about(report.second), "note")],
                spoken=f"A, {report.first.model}, against B, {report.second.model}")  # fmt: skip
    closing = () if report.behaviour else (SPACE, note(NO_INPUT))
    return Page(head, sections, closing, wording=_wording(report))


def _wording(report: DiffReport) -> Wording | None:
    """Return what says step for word, but not in what has a name; ``None`` of words."""
    if report.behaviour is None or not report.behaviour.is_series:
        return None
    behaviour, sides = report.behaviour, (report.first, report.second)
    answers = (text for one in behaviour.answers for text in (one.first, one.second))
    return Wording((*behaviour.words, *answers, *(text for side in sides for text in (side.model, side.source))))


def _about(side: Side) -> str:
    """Say what one of the two is."""
    return f"{side.parameters:,} parameters · {side.source}"


def _moved(report: DiffReport) -> Section:
    """What moved, by part and gate."""
    moves = report.moves
    blocks: list[Block] = []
    if moves:
        most = max((move.whole.relative or 0 for move in moves), default=0) or 1
        kinds = ("input", "state", "bias")
        columns = [
            Column("moved", [move.whole for move in moves], ("moved",), partial(_moved_bar, most), elastic=(4, 16),
                   room=8, exact=lambda whole: whole.relative),
            *(figure_column(kind, [_part(move, kind) for move in moves], _share) for kind in kinds),
            Column("largest", [move.whole for move in moves], ("largest",), lambda whole, _: Text(_largest(whole)),
                   right=True, exact=lambda whole: whole.largest),
            only_told("at", [move.whole.place for move in moves]),
            only_told("distance", [move.whole.length for move in moves]),
            only_told("numbers", [move.numbers for move in moves]),
        ]  # fmt: skip
        blocks += [Grid("moved", ("part",), [move.name for move in moves], columns, title="part", split=False,
                        turn=as_sentence),
                   SPACE, note(LEGEND), Paragraph(_summary(report))]  # fmt: skip
    blocks += [Drawing(partial(_unlike_lines, report.unlike), lambda: (_unlike_table(report.unlike),),
                       [sentence(_unlike(one)) for one in report.unlike])] if report.unlike else []  # fmt: skip
    return Section("What moved", "" if moves else "nothing can be compared number by number", blocks)


LEGEND = (
    "Moved: ‖B − A‖ / ‖A‖, of all numbers of the part together, and of a gate also of what reads the input, of what "
    "reads the state, and of its biases. Largest: the entry of B − A that is largest, with its sign."
)


def _part(move: Move, kind: str) -> float | None:
    """Return how far a part of a gate moved; what has no such part has none."""
    return move.parts[kind].relative if kind in move.parts else None


def _moved_bar(most: float, whole: Distance, size: int) -> Text:
    """Draw how far a part moved, the farthest in full."""
    if whole.relative is None:
        return Text("no number" if whole.length is None else "from 0")
    if not size:  # in a sentence
        return Text(_share(whole.relative))
    text = bar(whole.relative / min(most, 1), size, "positive")
    return text.append(f" {_share(whole.relative):>7}")


def _share(relative: float) -> str:
    """Write how far something moved, in percent: ``12 %``, ``0.03 %``; what moved at all is never 0."""
    if not relative:
        return "0%"
    percent = 100 * relative
    return f"{number(percent, 0)}%" if percent >= 10 else f"{percent:.2g}%" if percent >= 0.01 else f"{percent:.0e}%"


def _largest(whole: Distance) -> str:
    """Write the largest entry, with its sign."""
    if whole.largest is None:
        return "–"
    return number(whole.largest) if whole.largest <= 0 else f"+{number(whole.largest)}"


def _summary(report: DiffReport) -> str:
    """Say what moved most."""
    moved = [move for move in report.moves if not move.whole.same]
    if not moved:
        return "All of these numbers are equal." if report.unlike else "All numbers are equal."
    still = len(report.moves) - len(moved)
    measured = [move for move in moved if move.whole.relative is not None]
    text = f"{counted(len(moved), 'part')} moved, {still} did not" if still else "All parts moved"
    if broken := [move.name for move in moved if move.whole.length is None]:
        text += f"; NaN or infinities in {listed(broken)}"
    if not measured:
        return f"{text}."
    most = max(measured, key=lambda move: move.whole.relative or 0)
    largest = max(measured, key=lambda move: abs(move.whole.largest or 0))
    return (
        f"{text}; farthest went {most.name}, by {_share(most.whole.relative or 0)} of its length. The largest change "
        f"of a single number is {_largest(largest.whole)}: {largest.name}, {largest.whole.place}."
    )


def _unlike(one: Unlike) -> str:
    """Say what can't be compared."""
    if one.first and one.second:
        return f"{one.where} is not compared number by number: {one.first} in A, {one.second} in B"
    return f"{one.where} is in {'A' if one.first else 'B'} only: {one.first or one.second}"


def _unlike_lines(unlike: Sequence[Unlike], width: int) -> Iterator[Text]:
    """Draw what can't be compared, a line each."""
    for one in unlike:
        yield from paragraph(Text(_unlike(one), "negative"), width, 1, hang=3)


def _unlike_table(unlike: Sequence[Unlike]) -> Table:
    """Return the same as a table."""
    return Table("not compared", ("part", "A", "B"), tuple((one.where, one.first, one.second) for one in unlike),
                 silent=True)  # fmt: skip


def _found(findings: Sequence[Changed]) -> Section:
    """What ``doctor`` says of one of them and not of the other."""
    counts = Counter(one.change for one in findings)
    about = ", ".join(f"{counts[change]} {change}" for change in MARKS if counts[change]) or "nothing of either"
    rows = tuple((one.change, *(getattr(one.finding, name) for name in FIELDS[1:])) for one in findings)
    table = Table("findings", FIELDS, rows, silent=True)
    spoken = [sentence(f"{one.change}, {MEANS[one.change]}: {one.finding.severity}, {_says(one)}") for one in findings]
    return Section("What doctor says", about, (Drawing(partial(_findings, findings), lambda: (table,), spoken),))


def _says(one: Changed) -> str:
    """Say what was found, and what was seen."""
    finding = one.finding
    return f"{finding.what} ({finding.where}): {finding.evidence}"


def _findings(findings: Sequence[Changed], width: int) -> Iterator[Text]:
    """Draw a finding a paragraph; what is of both stays short."""
    for one in findings:
        finding = one.finding
        head = (f"{MARKS[one.change]} {one.change}: ", STYLES[one.change])
        what = Text.assemble(head, f"{finding.severity}, ", (finding.what, "title"), f" ({finding.where})")
        yield from paragraph(what, width, 1, hang=3)
        yield from paragraph(Text(finding.evidence, "note"), width, 3)


def _behaviour(behaviour: Behaviour, limit: int | None) -> Section:
    """Where the two first part, and how far they are from each other at every word."""
    blocks: list[Block] = [Paragraph(_verdict(behaviour))]
    if behaviour.answers:
        blocks.append(Paragraph(_answers_verdict(behaviour)))
    layer = _shown_layer(behaviour)
    if layer and not behaviour.same:
        blocks += [SPACE, _gaps(behaviour, layer, limit), SPACE, note(_gaps_legend(behaviour, layer))]
    if len(behaviour.layers) > 1:
        blocks += [SPACE, _layers(behaviour.layers)]
    if behaviour.read_otherwise:
        words = ", ".join(f"“{word}”" for word in behaviour.read_otherwise[:6])
        blocks.append(note(f"Known to one of the two only: {words}."))
    blocks += [note(f"{capital(remark)}.") for remark in behaviour.notes]
    return Section("Where they part", f"on {counted(len(behaviour.words), 'step')}", blocks)


def _verdict(behaviour: Behaviour) -> str:
    """Say at which word, in which gate of which unit they first part; or that they don't."""
    if behaviour.parting:
        return f"First, {_parting(behaviour.parting)}."
    if not behaviour.layers:
        return "No layer of the two can be compared unit by unit."
    layer, step, name, gap = max(
        ((layer, step, name, gap) for layer in behaviour.layers for step, gaps in enumerate(layer.steps)
         for name, gap in zip(layer.quantities, gaps, strict=True)),
        key=lambda one: one[3].size or 0,
    )  # fmt: skip
    if not gap.size:
        return "They do the same: no gate and no state of any unit differs at any step."
    return (
        f"They nowhere part by {behaviour.parted:g} or more; the widest gap is {number(gap.size)}: at step {step + 1}, "
        f"“{behaviour.words[step]}”, the {name} of unit {gap.unit} in {layer.where}."
    )


def _parting(parting: Parting) -> str:
    """Say where two passes part."""
    values = f"{_value(parting.gap.first)} in A, {_value(parting.gap.second)} in B"
    return (
        f"at step {parting.step}, “{parting.word}”, {parting.where}: the {parting.quantity} of unit "
        f"{parting.gap.unit} is {values}"
    )


def _value(value: float | None) -> str:
    """Write a gate or a state."""
    return "no number" if value is None else number(value)


def _answers_verdict(behaviour: Behaviour) -> str:
    """Say where they first answer otherwise."""
    first = behaviour.first_other_answer
    if first is None:
        return "They answer the same after every step." if len(behaviour.answers) > 1 else "They answer the same."
    others = sum(not answer.same for answer in behaviour.answers)
    of = f", and after {others} of {len(behaviour.answers)} steps in all" if len(behaviour.answers) > 1 else ""
    return (
        f"They first answer otherwise after step {first.step}, “{first.word}”: “{first.first}” in A, “{first.second}” "
        f"in B{of}."
    )


def _shown_layer(behaviour: Behaviour) -> LayerGaps | None:
    """Return the layer whose gaps are shown: that where they first part, else the last."""
    where = behaviour.parting.where if behaviour.parting else None
    return next((layer for layer in behaviour.layers if layer.where == where), (behaviour.layers or (None,))[-1])


def _gaps(behaviour: Behaviour, layer: LayerGaps, limit: int | None) -> Grid:
    """Return a row a word: the widest gap of every gate and state, and what both answer."""
    answers: dict[int, Answers] = {answer.step: answer for answer in behaviour.answers}
    here = [answers.get(step) for step in range(1, len(behaviour.words) + 1)]
    columns = []
    for place, name in enumerate(layer.quantities):
        gaps = [step[place] for step in layer.steps]
        columns += [
            Column(name, gaps, (name.removesuffix(" gate").removeprefix("memory ").removeprefix("output "),),
                   partial(_gap, behaviour.parted), right=True, room=7, exact=lambda gap: gap.size),
            only_told(f"{name}: unit", [gap.unit for gap in gaps]),
            only_told(f"{name}: A", [gap.first for gap in gaps]),
            only_told(f"{name}: B", [gap.second for gap in gaps]),
        ]  # fmt: skip
    if behaviour.answers:
        columns += [
            figure_column("answer apart", [one.distance if one else None for one in here], partial(plain, digits=2),
                          "answers"),
            Column("A answers", [one.first if one else None for one in here], drawn=lambda _: False),
            Column("B answers", [one.second if one else None for one in here], drawn=lambda _: False),
            Column("answer", here, ("A → B",), _both_answers, exact=None),
        ]  # fmt: skip
    important = [behaviour.parting.step - 1] if behaviour.parting else []
    if first := behaviour.first_other_answer:
        important.append(first.step - 1)
    rows = rows_to_show(len(behaviour.words), limit, important)
    marks = {behaviour.parting.step - 1: "title"} if behaviour.parting else {}
    return Grid("gaps", ("step", "word"), behaviour.words, columns, rows, numbered=True, marks=marks, title="word",
                most=lambda width: max(6, width // 5), gap=1)  # fmt: skip


def _both_answers(answer: Answers, _size: int) -> Text:
    """Draw what both answer: once where it is the same."""
    if answer.same:
        return Text(answer.first, "note")
    return Text.assemble(answer.first, (" → ", "note"), (answer.second, "title"))


def _gap(parted: float, gap: Gap, _size: int) -> Text:
    """Draw a gap with the unit that it is in; one that counts stands out."""
    if gap.size is None:
        return Text("nan", "negative")
    if not gap.size:
        return Text("=", "note")
    wide = gap.size >= parted
    text = f"{gap.size:.2f}" if gap.size >= 0.005 else "<.01"
    return Text.assemble((text.removeprefix("0"), "title" if wide else ""), ("@" + str(gap.unit), "note"))


def _gaps_legend(behaviour: Behaviour, layer: LayerGaps) -> str:
    """Say what the columns are."""
    answers = ""
    if behaviour.answers:
        answers = (
            " Answers: half of the sum of what all probabilities differ by; of values, the largest difference. A → B: "
            "what they answer, once where it is the same."
        )
    return (
        f"{capital(layer.where)}: the widest gap between A and B over the units, and at which unit; "
        f"from {behaviour.parted:g} on they part.{answers}"
    )


def _layers(layers: Sequence[LayerGaps]) -> Grid:
    """Return a row a layer: where it first parts."""
    partings = [layer.parting for layer in layers]
    texts = [
        "nowhere" if one is None else f"step {one.step}, “{one.word}”: {one.quantity}, unit {one.gap.unit}"
        for one in partings
    ]
    return Grid("layers", ("layer",), [layer.where for layer in layers],
                [Column("first parts", texts, ("first parts at",))], title="layer")  # fmt: skip
