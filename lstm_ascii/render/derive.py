"""The page of ``derive``: formulas, each with what it says, then one unit's arithmetic, σ and tanh as plots."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.lessons.derivations import Derivation, DerivationStep
from lstm_ascii.render.curve import Curve, Scale
from lstm_ascii.render.figures import bar, counted, fit, number, plain, signed
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import TINY, by_width, paragraph, rows_to_show, word_room
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.derive import DeriveReport
from lstm_ascii.reports.expansion import Check, Expansion, Forward, Link, Slope, Sum, Term

SQUASHED = {
    "forget": "sigmoid",
    "input": "sigmoid",
    "candidate": "tanh",
    "output": "sigmoid",
    "hidden": "tanh",
    "rnn": "tanh",
}
SIDE_BY_SIDE = re.compile("(?<!,) {2,}")  # what stands between two formulas of a line
VIEWS = ("steps", "curve", "numbers")  # of a topic
LEGEND = (
    "⊙ multiplies element by element; W weighs the word, U the state; t is the word, t-1 the one before; L is the loss."
)

APPLIED = {"sigmoid": "sigmoid({})", "tanh": "tanh({})", "relu": "max(0, {})"}
BAR, TWO_BARS = (0, 3, 6, 12), (0, 6, 12, 24)  # cells of a bar, and of one to either side
ORDINALS = ("first factor", "second factor", "third factor")
SURE = 9  # digits: what two ways of computing agree to at least, on any machine

HEIGHT, REACH = 9, 6  # lines; the plot shows at least −6…6
CURVES: dict[str, tuple[Callable[[float], float], float]] = {  # the function, and its lower end
    "sigmoid": (lambda a: (1 + math.tanh(a / 2)) / 2, 0.0),
    "tanh": (math.tanh, -1.0),
}
STYLES = {"forget": "gate.forget", "input": "gate.input", "candidate": "gate.candidate", "output": "gate.output"}


def derive_page(report: DeriveReport, limit: int | None = None, views: Sequence[str] = ()) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
        views: of every topic only these, of :data:`VIEWS`; without a sentence also without the head.
    """
    sections = []
    wanted = tuple(views) or VIEWS
    for place, derivation in enumerate(report.derivations):
        blocks = _steps(derivation) if "steps" in wanted else []
        if report.expansions and "numbers" in wanted:
            blocks += numbers(report.expansions[place], report.words, limit)
        elif not report.expansions and derivation.topic in SQUASHED and "curve" in wanted:
            blocks += [SPACE, plotted(SQUASHED[derivation.topic], None, STYLES.get(derivation.topic, "state"))]
        sections.append(Section(derivation.title, derivation.about, blocks))
    names = (*report.words, *(name for one in report.expansions for name in (one.source, one.right, one.wrong)))
    wording = Wording(names) if report.is_series else None
    head = None if views and not report.expansions else Head(list(_head(report, limit)), (LEGEND,))
    return Page(head, sections, close=int(head is None), wording=wording)


def _head(report: DeriveReport, limit: int | None) -> Iterator[Text]:
    """Say what is derived, and for which sentence and networks."""
    if not report.expansions:
        topics = ", ".join(derivation.topic for derivation in report.derivations)
        yield Text.assemble((f"Derived: {topics}", "word"), (" · in numbers: --sentence TEXT", "note"))
        return
    if report.is_series:
        yield Text(f"{counted(len(report.words), 'step')}, “{report.words[0]}” to “{report.words[-1]}”", "word")
    else:
        yield Text(" ").join(Text(word, "word") for word in report.words[:limit])
    for expansion in {expansion.cell: expansion for expansion in report.expansions}.values():
        yield Text(f"{expansion.cell} · {counted(expansion.hidden_size, 'unit')} · {expansion.source}", "note")


def _steps(derivation: Derivation) -> list[Block]:
    """Return the formulas, each with what it says below it; other programs get them as a table."""
    blocks: list[Block] = []
    for place, step in enumerate(derivation.steps, 1):
        formulas = " ".join(SIDE_BY_SIDE.sub("; ", step.formula).split())
        spoken = f"Step {place}: {formulas}. {step.says}"
        blocks += [SPACE, Drawing(partial(_step, place, step), told=(spoken,))]
    rows = tuple((place, step.formula, step.says.rstrip(".")) for place, step in enumerate(derivation.steps, 1))
    table = Table(f"{derivation.topic}, step by step", ("step", "formula", "says"), rows, silent=True)
    return [*blocks, Drawing(lambda _: (), lambda: (table,))]


def _step(place: int, step: DerivationStep, width: int) -> Iterator[Text]:
    """Draw one formula and what it says."""
    yield from paragraph(Text.assemble((f"{place:>3}  ", "number"), (step.formula, "title")), width, 0, 5)
    yield from paragraph(Text(step.says), width, 5 if width > 30 else 1)


def figure(value: float) -> str:
    """Write a number in four digits, so that the parts of a sum can be seen to add up."""
    size = abs(value)
    if size >= 999.95 or 0 < size < 0.0005:
        return number(value)
    digits = 3 if size < 9.9995 else 2 if size < 99.995 else 1
    return f"{value:.{digits}f}".replace("-", "−" if size else "")


def significant(value: float) -> str:
    """Write a number in four significant digits, so that a small one shows what two ways of computing agree on."""
    return f"{value + 0.0:.4g}".replace("-", "−", value < 0)  # no −0


def numbers(expansion: Expansion, words: tuple[str, ...], limit: int | None) -> list[Block]:
    """Return one unit's arithmetic; of long sentences, a table shows at most ``limit`` words."""
    where = Text.assemble(("In numbers: ", "title"), _where(expansion, words))
    blocks: list[Block] = [SPACE, Paragraph(where), SPACE]
    if expansion.product:
        blocks += [_products(expansion), SPACE]
    if expansion.forward:
        blocks += [*_forward(expansion.topic, expansion.forward), SPACE]
    if expansion.backward:
        blocks += _backward(expansion.topic, expansion.backward)
    else:
        blocks.append(Paragraph("The choice stands before this word, so nothing flows back to it."))
    if expansion.chain:
        blocks += [SPACE, _chain(expansion, words, limit), Paragraph(_way_back(expansion))]
    return blocks


def _equation(text: str) -> Drawing:
    """Return a sentence that begins with a formula, whose first letter is no capital when it is told either."""
    return Drawing(lambda width: paragraph(Text(text), width, 1, hang=3), told=(f"{text.removesuffix('.')}.",))


def _where(expansion: Expansion, words: tuple[str, ...]) -> str:
    """Say which unit, word and loss the numbers belong to."""
    word, last = words[expansion.word - 1], words[expansion.after - 1]
    loss = expansion.loss or f"log p({expansion.right}) − log p({expansion.wrong})"
    return (
        f"unit {expansion.unit} of the {expansion.cell} at word {expansion.word}, “{word}”; h' is h_t-1; "
        f"L = {loss} after word {expansion.after}, “{last}”"
    )


def _forward(topic: str, forward: Forward) -> Iterator[Block]:
    """Show how a value comes about, and whether the engine has the same."""
    yield _sum(f"{topic}, forward", forward.sum)
    yield _equation(_result(forward))
    if forward.squashing in CURVES:
        yield SPACE
        yield plotted(forward.squashing, forward.sum.total, STYLES.get(topic, "state"))


def _result(forward: Forward) -> str:
    """Say what the sum gives, and whether the engine has the same."""
    value = figure(forward.value.by_hand)
    if forward.squashing:
        inside = figure(forward.sum.total)
        value = f"{APPLIED[forward.squashing].format(inside)} = {value}"
    else:
        value = f"{forward.sum.name} = {value}"
    return f"{value}. The engine has {figure(forward.value.other)}: {agreement(forward.value)}."


def _backward(topic: str, slope: Slope) -> Iterator[Block]:
    """Show a gradient from its terms, and whether a complex step gives the same."""
    name = f"{topic}, gradient"
    if len(slope.sum.terms) == 1 and not slope.sum.others:
        yield _equation(_product(slope.sum))
        yield Drawing(lambda _: (), lambda: (_sum_table(name, slope.sum, silent=True),))
    else:
        yield _sum(name, slope.sum)
    yield Paragraph(_stepped(slope), hang=3)


def _stepped(slope: Slope) -> str:
    """Say whether a complex step gives the same gradient."""
    return f"A complex step gives {significant(slope.value.other)}: {agreement(slope.value)}."


def _product(made: Sum) -> str:
    """Write a sum of one product in a line."""
    term = made.terms[0]
    names = _product_name(term)
    figures = " × ".join(significant(factor) for _, factor in term.factors)
    return f"{made.name} = {names} = {figures}" + (f" = {significant(term.value)}" if len(term.factors) > 1 else "")


def agreement(check: Check) -> str:
    """Say to how many digits two ways agree; no more than any machine would."""
    size = max(abs(check.by_hand), abs(check.other))
    if not size:
        return "both are 0"
    apart = abs(check.by_hand - check.other) / size
    if not math.isfinite(apart):
        return "they can't be compared"
    digits = SURE if apart < 10**-SURE else max(0, math.floor(-math.log10(apart)))
    return f"they agree to {digits} digit{'s' * (digits != 1)}{' or more' * (digits == SURE)}"


def _sum(name: str, made: Sum) -> Grid:
    """Return a sum, a line a term; narrow screens get each term as a sentence."""
    terms = [(_product_name(term), _figures(term), term.value) for term in made.terms]
    if made.others:
        terms.append((f"{made.others} smaller terms", "", made.others_sum))
    rows = [*terms, (made.name, "", made.total)]
    last = len(terms)
    labels = [f"{'=' if row == last else '+' if row else ' '} {name} " for row, (name, _, _) in enumerate(rows)]
    values = [Text(f"{figure(value):>8}", "title" if row == last else "") for row, (_, _, value) in enumerate(rows)]
    columns = [Column("factors", [factors for _, factors, _ in rows], ()), Column("value", values, ())]
    return Grid(name, ("term",), labels, columns, marks={last: "title"}, style="", gap=1, split=False,
                turn=_term_as_sentence, tables=lambda: (_sum_table(name, made),))  # fmt: skip


def _term_as_sentence(grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Write a term as ``W ∙ x = 0.5 × 0.2 = 0.1``, and what has no factors as ``b: 0.1``."""
    name = grid.labels[row][2:].strip()
    factors, value = (" ".join(str(column.value(row)).split()) for column in grid.columns)  # not right-aligned
    text = f"{name} = {factors} = {value}" if factors else f"{name}: {value}"
    yield from paragraph(Text(text), width, 1, hang=3)


def _sum_table(name: str, made: Sum, silent: bool = False) -> Table:
    """Return a sum in full precision."""
    most = max(len(term.factors) for term in made.terms)
    heads = ORDINALS[:most] if most > 1 else ()
    rows: list[tuple[Value, ...]] = [
        (_product_name(term), term.value, *_padded([factor for _, factor in term.factors], len(heads)))
        for term in made.terms
    ]
    if made.others:
        rows.append((f"{made.others} smaller terms", made.others_sum, *_padded((), len(heads))))
    rows.append((made.name, made.total, *_padded((), len(heads))))
    return Table(name, ("term", "value", *heads), tuple(rows), silent=silent)


def _padded(factors: Sequence[float], count: int) -> tuple[Value, ...]:
    """Return the factors of a term as ``count`` cells; one alone is the term's value already."""
    several = factors if len(factors) > 1 else ()
    return (*several, *(None for _ in range(count - len(several))))


def _product_name(term: Term) -> str:
    """Name a term by its factors."""
    return " ∙ ".join(name for name, _ in term.factors)


def _figures(term: Term) -> str:
    """Write the factors of a term, where there are several."""
    return " × ".join(f"{figure(factor):>6}" for _, factor in term.factors) if len(term.factors) > 1 else ""


def _products(expansion: Expansion) -> Drawing:
    """Return f ⊙ C_t-1 for the unit and its neighbours."""
    what = "f_t ⊙ C_t-1, element by element"
    table = Table(f"{expansion.topic}, {what}", ("unit", "f_t", "C_t-1", "product"), expansion.product)
    return Drawing(lambda width: _product_lines(what, expansion, width), lambda: (table,))


def _product_lines(what: str, expansion: Expansion, width: int) -> Iterator[Text]:
    """Draw f ⊙ C_t-1, each unit on its own."""
    yield from paragraph(Text(f"{what}:", "note"), width, 1)
    if width < TINY:
        for unit, f, before, kept in expansion.product:
            yield from paragraph(
                Text(f"unit {unit}: {figure(f)} × {figure(before)} = {figure(kept)}"), width, 1, hang=3
            )
        return
    length = by_width(width, 0, 4, 8)
    gap = " " if length else ""  # so that 40 columns hold the last figure whole
    largest = max(abs(value) for _, _, *values in expansion.product for value in values) or 1.0
    for unit, f, before, kept in expansion.product:
        style = "title" if unit == expansion.unit else ""
        line = Text.assemble((f" {'▶' if unit == expansion.unit else ' '} unit {unit:<3}{gap} ", style))
        line.append_text(bar(f, length, "gate.forget")).append(f" {figure(f):>6} × {gap}")
        for value, sign in ((before, f" = {gap}"), (kept, "")):
            if length:
                line.append_text(signed(value / largest, length))
            line.append(f" {figure(value):>6}{sign}")
        yield line


def _chain(expansion: Expansion, words: tuple[str, ...], limit: int | None) -> Grid:
    """Return the way back, a line a word."""
    links = expansion.chain[::-1]
    largest = abs(max((link.gradient for link in links), key=abs)) or 1.0
    is_lstm = expansion.cell == "LSTM"
    factor = Column("factor", [link.factor for link in links], ("forget", "f_t") if is_lstm else ("slope", "1 − h∙h"),
                    _gate, BAR, 6)  # fmt: skip
    product = Column("product of the factors", [link.direct for link in links], ("their", "product"), _gate, BAR, 6,
                     drawn=None if is_lstm else lambda _: False)  # fmt: skip
    gradients = [link.gradient for link in links]
    if is_lstm:
        gradient = Column("gradient", gradients, ("by every", "path ∂L/∂C"),
                          lambda value, size: _signed(value, largest, size), TWO_BARS, 10)  # fmt: skip
    else:
        gradient = Column("gradient", gradients, ("by every", "path ‖∂L/∂h‖"),
                          lambda value, size: _norm(value, largest, size), BAR, 9)  # fmt: skip
    rows = rows_to_show(len(links), limit, (expansion.word - 1,))
    return Grid(f"{expansion.topic}, the way back", ("number", "word"), words[: len(links)],
                (factor, product, gradient), rows, "word", numbered=True, marks={expansion.word - 1: "focus"},
                most=word_room)  # fmt: skip


def _gate(value: float, size: int) -> Text:
    """Draw a gate, a slope, or a product of them."""
    return bar(value, size, "gate.forget").append(f" {plain(value, 2):>5}")


def _signed(value: float, largest: float, size: int) -> Text:
    """Draw the gradient of a unit as a signed bar."""
    return signed(value / largest, size // 2).append(f" {number(value):>8}")


def _norm(value: float, largest: float, size: int) -> Text:
    """Draw the length of a gradient."""
    return bar(value / largest, size, "measure").append(f" {number(value):>8}")


def _way_back(expansion: Expansion) -> str:
    """Say what is left of the gradient at the first word and at the word that is examined."""
    links = expansion.chain
    start, seen = links[0], next((link for link in links if link.number == expansion.word), links[-1])
    if start is seen:
        return f"The choice is made right after “{seen.word}”: there is no way back yet."
    steps = start.number - seen.number
    ratio = abs(seen.gradient / start.gradient) if start.gradient else None
    left = "can't be compared" if ratio is None else f"is {number(ratio)} times what it is at the choice"
    over = f"{steps} word{'s' * (steps > 1)} back, at “{seen.word}”,"
    if expansion.cell == "LSTM" and seen.direct is not None:
        return (
            f"{over} the forget gates of unit {expansion.unit} leave {number(seen.direct)} along the memory; "
            f"by every path the gradient {left}."
        )
    mean = _mean_slope(links, seen)
    return f"{over} the gradient {left}. The slopes of unit {expansion.unit} on the way average {number(mean)}."


def _mean_slope(links: tuple[Link, ...], until: Link) -> float:
    """Average the slopes from the choice back to a word."""
    slopes = [link.factor for link in links if link.number > until.number]
    return math.fsum(slopes) / len(slopes)


def plotted(squashing: str, point: float | None, style: str) -> Drawing:
    """Return the plot as a block of a section."""
    where = "" if point is None else f", with the unit at a = {number(point)}"
    return Drawing(lambda width: plot(squashing, point, width, style), told=(f"A plot of {squashing}(a){where}.",))


def plot(squashing: str, point: float | None, width: int, style: str) -> Iterator[Text]:
    """Draw ``sigmoid`` or ``tanh``, and the point at ``point`` if there is one; not wider than ``width``."""
    curve, low = CURVES[squashing]
    reach = REACH if point is None or not abs(point) > REACH else math.ceil(abs(point)) + 1
    room = min(width, by_width(width, 36, 48, 60))
    steps = 4 * room
    points = [(k, curve(reach * (2 * k / steps - 1))) for k in range(steps)]
    drawn = Curve("", points, steps, Scale(low, 1.0, False, lambda value: number(value, 1)), style)
    lines = drawn.lines(room, HEIGHT)[1:-1]
    left = min(index for line in lines if (index := max(line.plain.find(edge) for edge in "┤│└")) >= 0) + 1
    inside = room - left
    if point is not None and math.isfinite(point):
        row = round((1 - drawn.scale.height(curve(point))) * (HEIGHT - 1))
        column = left + min(inside - 1, max(0, round((point / reach + 1) / 2 * inside - 0.5)))
        line = lines[row]
        line.pad_right(max(0, column + 1 - line.cell_len))
        lines[row] = Text.assemble(line[:column], ("●", "focus"), line[column + 1 :])
    for line in lines:
        line.rstrip()
        yield line
    yield Text(_axis(left, inside, reach).rstrip(), "note")
    mark = "" if point is None else f"   ● a = {number(point)}"
    yield from paragraph(Text(f"{squashing}(a){mark}", "note"), width, 1)


def _axis(left: int, inside: int, reach: int) -> str:
    """Write the ends and the middle of the axis below the frame."""
    ends = f"−{reach}", f"{reach}"
    middle = inside // 2
    return fit(f"{'':{left}}{ends[0]:<{middle}}0{ends[1]:>{inside - middle - 1}}", left + inside)
