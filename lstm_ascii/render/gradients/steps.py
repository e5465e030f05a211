"""Step by step back: what is left of 1.0, a line of numbers with arrows and of shrinking blocks for each network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.figures import counted, fit, power
from lstm_ascii.render.glyphs import FULL, PARTS
from lstm_ascii.render.gradients.context import NOTHING, Context, Curve, Scale, at, kept, ladder
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Power, Table, Value
from lstm_ascii.render.section import SPACE, Drawing, Section, note
from lstm_ascii.reports.gradients.network import EXPLODED, VANISHED, NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

BLOCK = 5  # cells of a full block, and of a number
ARROW = " ─▶ "  # in pure ASCII still an arrow, where → would read as an inequality
EACH = BLOCK + len(ARROW)
MOST_WORDS = 40  # of a sentence, up to which every step is shown in a table
CAROUSEL = "Carousel: the product of the forget gates alone, of the unit where it is largest."
ABOUT = "steps back, what is left of 1.0, and that as blocks on the log scale"


def section(context: Context) -> Section:
    """What is left of each network's gradient, as numbers and as blocks."""
    report = context.report
    fates = [f"{network.label}: {fate}." for network in report.networks if (fate := _fate(network))]
    tables = (lambda: (step_table(report),)) if context.tells_the_steps("steps") else tuple
    drawing = Drawing(partial(_networks, report, context.scale), tables, fates)
    has_carousel = any(network.carousel_log10 for network in report.networks)
    return Section("Step by step back", ABOUT, (drawing, SPACE, note(CAROUSEL)) if has_carousel else (drawing,))


def step_table(report: GradientsReport) -> Table:
    """Return the curves in full precision: all steps for other programs, some for listeners."""
    curves = [curve for network in report.networks for curve in _curves(network)]
    back = report.networks[0].steps_back
    rows = tuple(
        (step, *_word(report, step), *(Power(curve[place]) for _, curve in curves)) for place, step in enumerate(back)
    )
    read_out = [back.index(step) for step in steps_to_show(report) if step]
    names = ("step back", "word") if report.words else ("step back",)
    return Table("steps", (*names, *(name for name, _ in curves)), rows, len(names), read_out)


def steps_to_show(report: GradientsReport) -> list[int]:
    """Return the steps back that a table has room for: every word of a sentence, else round numbers and verdicts."""
    if report.words and report.steps <= MOST_WORDS:
        return list(range(report.steps + 1))
    turns = [turn for network in report.networks for turn in (network.horizon or network.exploded_at,) if turn]
    return kept(report.networks[0], ladder(report.steps, sorted(set(turns)), 12))


def word_at(report: GradientsReport, step: int) -> str:
    """Return the word so many steps back."""
    return report.words[-1 - step] if step < len(report.words) else "(start)"


def _word(report: GradientsReport, step: int) -> tuple[Value, ...]:
    """Name the word so many steps back, where there are words."""
    return (word_at(report, step),) if report.words else ()


def _curves(network: NetworkGradients) -> Iterator[tuple[str, Curve]]:
    """Return a network's curves, each with its name."""
    yield f"{network.label} all paths", network.total_log10
    for name, curve in (("lower quartile", network.lower_log10), ("upper quartile", network.upper_log10),
                        ("carousel", network.carousel_log10)):  # fmt: skip
        if curve is not None:
            yield f"{network.label} {name}", curve


def _fate(network: NetworkGradients) -> str:
    """Say when a gradient vanished or exploded, if it did."""
    if network.verdict == VANISHED:
        return f"vanished after {counted(network.horizon or 0, 'step')}"
    return f"exploded after {counted(network.exploded_at or 0, 'step')}" if network.verdict == EXPLODED else ""


def _networks(report: GradientsReport, scale: Scale, width: int) -> Iterator[Text]:
    """Draw every network's lines below its name."""
    for place, network in enumerate(report.networks):
        if place:
            yield Text("")
        title = Text.assemble((f" {network.label}", "title"))
        if fate := _fate(network):
            title.append(f"   ({fate})", f"grad.{network.verdict}")
        yield from paragraph(title, width, 0, hang=3)
        curves: list[tuple[str, Curve]] = [("all paths", network.total_log10)]
        if network.carousel_log10 is not None:
            curves.append(("carousel", network.carousel_log10))
        yield from arrow_lines(network, curves, scale, width)


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
