"""One unit's arithmetic: sums with their largest terms, products, and both ways that agree."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import bar, fit, number, plain, signed
from lstm_ascii.render.layout import TINY, Column, WordTable, by_width, paragraph, rows_to_show
from lstm_ascii.reports.derive.expansion import Check, Expansion, Forward, Link, Slope, Sum, Term

APPLIED = {"sigmoid": "sigmoid({})", "tanh": "tanh({})", "relu": "max(0, {})"}
SURE = 9  # digits: what two ways of computing agree to at least, on any machine


def figure(value: float) -> str:
    """Write a number in four digits, so that the parts of a sum can be seen to add up."""
    size = abs(value)
    if size >= 999.95 or 0 < size < 0.0005:
        return number(value)
    digits = 3 if size < 9.9995 else 2 if size < 99.995 else 1
    return f"{value:.{digits}f}".replace("-", "−" if size else "")


def significant(value: float) -> str:
    """Write a number in four significant digits, so that a small one shows what two ways of computing agree on."""
    return f"{value:.4g}".replace("-", "−", value < 0)


def forward_lines(forward: Forward, width: int) -> Iterator[Text]:
    """Draw how a value comes about, and whether the engine has the same."""
    yield from sum_lines(forward.sum, width)
    yield from paragraph(Text(result(forward)), width, 1, hang=3)


def result(forward: Forward) -> str:
    """Say what the sum gives, and whether the engine has the same."""
    value = figure(forward.value.by_hand)
    if forward.squashing:
        inside = figure(forward.sum.total)
        value = f"{APPLIED[forward.squashing].format(inside)} = {value}"
    else:
        value = f"{forward.sum.name} = {value}"
    return f"{value}. The engine has {figure(forward.value.other)}: {agreement(forward.value)}."


def backward_lines(slope: Slope, width: int) -> Iterator[Text]:
    """Draw a gradient from its terms, and whether a complex step gives the same."""
    if len(slope.sum.terms) == 1 and not slope.sum.others:
        yield from paragraph(Text(product(slope.sum)), width, 1, hang=3)
    else:
        yield from sum_lines(slope.sum, width)
    yield from paragraph(Text(stepped(slope)), width, 1, hang=3)


def stepped(slope: Slope) -> str:
    """Say whether a complex step gives the same gradient."""
    return f"A complex step gives {significant(slope.value.other)}: {agreement(slope.value)}."


def product(made: Sum) -> str:
    """Write a sum of one product in a line."""
    term = made.terms[0]
    names = " ∙ ".join(name for name, _ in term.factors)
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


def sum_lines(made: Sum, width: int) -> Iterator[Text]:
    """Draw a sum, a line a term; narrow screens get each term as a sentence."""
    rows = [(" ∙ ".join(name for name, _ in term.factors), _figures(term), term.value) for term in made.terms]
    if made.others:
        rows.append((f"{made.others} smaller terms", "", made.others_sum))
    rows.append((made.name, "", made.total))
    names, figures = max(cell_len(row[0]) for row in rows), max(cell_len(row[1]) for row in rows)
    if names + figures + 14 > width:
        for name, factors, value in rows:
            factors = " ".join(factors.split())  # only a column needs them right-aligned
            told = f"{name} = {factors} = {figure(value)}" if factors else f"{name}: {figure(value)}"
            yield from paragraph(Text(told), width, 1, hang=3)
        return
    for place, (name, factors, value) in enumerate(rows):
        last = place == len(rows) - 1
        sign = "=" if last else "+" if place else " "
        line = Text.assemble(f" {sign} ", (fit(name, names), "title" if last else ""), f"  {fit(factors, figures)}")
        yield line.append(f" {figure(value):>8}", "title" if last else "")


def _figures(term: Term) -> str:
    """Write the factors of a term, where there are several."""
    return " × ".join(f"{figure(factor):>6}" for _, factor in term.factors) if len(term.factors) > 1 else ""


def product_lines(expansion: Expansion, width: int) -> Iterator[Text]:
    """Draw f ⊙ C_t-1 for the unit and its neighbours: each row on its own."""
    yield from paragraph(Text("f_t ⊙ C_t-1, element by element:", "note"), width, 1)
    if width < TINY:
        for unit, f, before, kept in expansion.product:
            yield from paragraph(
                Text(f"unit {unit}: {figure(f)} × {figure(before)} = {figure(kept)}"), width, 1, hang=3
            )
        return
    length = by_width(width, 0, 4, 8)
    largest = max(abs(value) for _, _, *values in expansion.product for value in values) or 1.0
    for unit, f, before, kept in expansion.product:
        style = "title" if unit == expansion.unit else ""
        line = Text.assemble((f" {'▶' if unit == expansion.unit else ' '} unit {unit:<4} ", style))
        line.append_text(bar(f, length, "gate.forget")).append(f" {figure(f):>6} ×  ")
        for value, sign in ((before, " =  "), (kept, "")):
            if length:
                line.append_text(signed(value / largest, length))
            line.append(f" {figure(value):>6}{sign}")
        yield line


def chain_lines(expansion: Expansion, words: tuple[str, ...], limit: int | None, width: int) -> Iterator[Text]:
    """Draw the way back, a line a word."""
    links = expansion.chain[::-1]
    length = by_width(width, 0 if width < TINY else 3, 6, 12)
    largest = max((link.gradient for link in links), key=abs)

    def gate(value: float) -> Text:
        return bar(value, length, "gate.forget").append(f" {plain(value, 2):>5}")

    def size(value: float) -> Text:
        return signed(value / (abs(largest) or 1.0), length).append(f" {number(value):>8}")

    def norm(value: float) -> Text:
        return bar(value / (abs(largest) or 1.0), length, "positive").append(f" {number(value):>8}")

    head = ("forget", "f_t") if expansion.cell == "LSTM" else ("slope", "1 − h∙h")
    columns = [Column(head, [link.factor for link in links], max(length + 6, 8), gate)]
    if expansion.cell == "LSTM":
        columns.append(Column(("their", "product"), [link.direct for link in links], length + 6, gate))
        columns.append(Column(("by every", "path ∂L/∂C"), [link.gradient for link in links], 2 * length + 10, size))
    else:
        columns.append(Column(("by every", "path ‖∂L/∂h‖"), [link.gradient for link in links], length + 9, norm))
    rows = rows_to_show(len(links), limit, (expansion.word - 1,))
    yield from WordTable(words[: len(links)], columns, rows, {expansion.word - 1: "focus"}).lines(width)
    yield from paragraph(Text(way_back(expansion)), width, 1)


def way_back(expansion: Expansion) -> str:
    """Say what is left of the gradient at the first word and at the word that is looked into."""
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
