"""The page of ``derive``: formulas, each with what it says, then the same in numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.lessons.derivations import Derivation, DerivationStep
from lstm_ascii.render.derive.numbers import numbers
from lstm_ascii.render.derive.plot import STYLES, plotted
from lstm_ascii.render.figures import counted
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Section
from lstm_ascii.reports.derive.report import DeriveReport

SQUASHED = {
    "forget": "sigmoid",
    "input": "sigmoid",
    "candidate": "tanh",
    "output": "sigmoid",
    "hidden": "tanh",
    "rnn": "tanh",
}
SIDE_BY_SIDE = re.compile("(?<!,) {2,}")  # what stands between two formulas of a line
LEGEND = (
    "⊙ multiplies element by element; W weighs the word, U the state; t is the word, t-1 the one before; L is the loss."
)


def derive_page(report: DeriveReport, limit: int | None = None) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
    """
    sections = []
    for place, derivation in enumerate(report.derivations):
        blocks = _steps(derivation)
        if report.expansions:
            blocks += numbers(report.expansions[place], report.words, limit)
        elif derivation.topic in SQUASHED:
            blocks += [SPACE, plotted(SQUASHED[derivation.topic], None, STYLES.get(derivation.topic, "state"))]
        sections.append(Section(derivation.title, derivation.about, blocks))
    return Page(Head(list(_head(report, limit)), (LEGEND,)), sections)


def _head(report: DeriveReport, limit: int | None) -> Iterator[Text]:
    """Say what is derived, and for which sentence and networks."""
    if not report.expansions:
        yield Text(f"Derived: {', '.join(derivation.topic for derivation in report.derivations)}", "word")
        yield Text('in numbers: --sentence "…", with --word and --unit', "note")
        return
    yield Text(" ").join(Text(word, "word") for word in report.words[:limit])
    for expansion in {expansion.cell: expansion for expansion in report.expansions}.values():
        yield Text(f"{expansion.cell} · {counted(expansion.hidden_size, 'unit')} · {expansion.source}", "note")


def _steps(derivation: Derivation) -> list[Block]:
    """Return the formulas, each with what it says below it; other programs get them as a table."""
    blocks: list[Block] = []
    for number, step in enumerate(derivation.steps, 1):
        formulas = " ".join(SIDE_BY_SIDE.sub("; ", step.formula).split())
        spoken = f"Step {number}: {formulas}. {step.says}"
        blocks += [SPACE, Drawing(partial(_step, number, step), told=(spoken,))]
    rows = tuple((number, step.formula, step.says.rstrip(".")) for number, step in enumerate(derivation.steps, 1))
    table = Table(f"{derivation.topic}, step by step", ("step", "formula", "says"), rows, silent=True)
    return [*blocks, Drawing(lambda _: (), lambda: (table,))]


def _step(number: int, step: DerivationStep, width: int) -> Iterator[Text]:
    """Draw one formula and what it says."""
    yield from paragraph(Text.assemble((f"{number:>3}  ", "number"), (step.formula, "title")), width, 0, 5)
    yield from paragraph(Text(step.says), width, 5 if width > 30 else 1)
