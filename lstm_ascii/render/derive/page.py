"""The page of ``derive``: formulas, each with what it says, then the same in numbers."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.derive.numbers import (
    backward_lines,
    chain_lines,
    forward_lines,
    product_lines,
    result,
    stepped,
    way_back,
)
from lstm_ascii.render.derive.plot import CURVES, plot
from lstm_ascii.render.figures import counted
from lstm_ascii.render.layout import boxed, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.derive.expansion import Expansion, Sum
from lstm_ascii.reports.derive.report import DeriveReport

SQUASHED = {
    "forget": "sigmoid",
    "input": "sigmoid",
    "candidate": "tanh",
    "output": "sigmoid",
    "hidden": "tanh",
    "rnn": "tanh",
}
STYLES = {"forget": "gate.forget", "input": "gate.input", "candidate": "gate.candidate", "output": "gate.output"}
LEGEND = (
    "⊙ multiplies element by element; W weighs the word, U the state; t is the word, t-1 the one before; L is the loss."
)


class DerivePage:
    """Draws a :class:`DeriveReport`."""

    def __init__(self, report: DeriveReport, limit: int | None = None) -> None:
        """Take the report, and the most words to show in a table."""
        self.report, self.limit = report, limit

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width at hand."""
        yield from segments(self._lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell the formulas as a table, and the arithmetic in sentences."""
        yield Title("Derivations")
        for place, derivation in enumerate(self.report.derivations):
            yield Title(derivation.title)
            rows = tuple(
                (number, step.formula, step.says.rstrip(".")) for number, step in enumerate(derivation.steps, 1)
            )
            yield Table(f"{derivation.topic}, step by step", ("step", "formula", "says"), rows)
            if self.report.expansions:
                yield from self._told(self.report.expansions[place])

    def _told(self, expansion: Expansion) -> Iterator[Part]:
        """Tell one unit's arithmetic."""
        yield Prose(f"In numbers: {self._where(expansion)}.")
        if expansion.forward:
            yield _sum_table(f"{expansion.topic}, forward", expansion.forward.sum)
            yield Prose(result(expansion.forward))
        if expansion.backward:
            yield _sum_table(f"{expansion.topic}, gradient", expansion.backward.sum)
            yield Prose(stepped(expansion.backward))
        if expansion.chain:
            columns = ("number", "word", "factor", "product of the factors", "gradient")
            rows = tuple((link.number, link.word, link.factor, link.direct, link.gradient) for link in expansion.chain)
            yield Table(f"{expansion.topic}, the way back", columns, rows)
            yield Prose(way_back(expansion))

    def _lines(self, width: int) -> Iterator[Text]:
        """Draw everything."""
        yield from boxed(list(self._head()), width)
        yield from paragraph(Text(LEGEND, "note"), width, 1)
        for place, derivation in enumerate(self.report.derivations):
            topic = derivation.topic
            yield from heading(place + 1, derivation.title.upper(), derivation.about, width)
            for number, step in enumerate(derivation.steps, 1):
                yield Text("")
                yield from paragraph(Text.assemble((f"{number:>3}  ", "number"), (step.formula, "title")), width, 0, 5)
                yield from paragraph(Text(step.says), width, 5 if width > 30 else 1)
            if self.report.expansions:
                yield from self._numbers(self.report.expansions[place], width)
            elif topic in SQUASHED:
                yield Text("")
                yield from plot(SQUASHED[topic], None, width, STYLES.get(topic, "state"))

    def _head(self) -> Iterator[Text]:
        """Say what is derived, and for which unit."""
        if not self.report.expansions:
            yield Text(f"Derived: {', '.join(one.topic for one in self.report.derivations)}", "word")
            yield Text('in numbers: --sentence "…", with --word and --unit', "note")
            return
        yield Text(" ").join(Text(word, "word") for word in self.report.words[: self.limit])
        for expansion in {(one.cell): one for one in self.report.expansions}.values():
            yield Text(f"{expansion.cell} · {counted(expansion.hidden_size, 'unit')} · {expansion.source}", "note")

    def _where(self, expansion: Expansion) -> str:
        """Say which unit, word and loss the numbers belong to."""
        word, last = self.report.words[expansion.word - 1], self.report.words[expansion.after - 1]
        return (
            f"unit {expansion.unit} of the {expansion.cell} at word {expansion.word}, “{word}”; h' is h_t-1; "
            f"L = log p({expansion.right}) − log p({expansion.wrong}) after word {expansion.after}, “{last}”"
        )

    def _numbers(self, expansion: Expansion, width: int) -> Iterator[Text]:
        """Draw one unit's arithmetic."""
        yield Text("")
        yield from paragraph(Text.assemble(("In numbers: ", "title"), self._where(expansion)), width, 1)
        yield Text("")
        if expansion.product:
            yield from product_lines(expansion, width)
            yield Text("")
        if expansion.forward:
            yield from forward_lines(expansion.forward, width)
            if expansion.forward.squashing in CURVES:
                yield Text("")
                style = STYLES.get(expansion.topic, "state")
                yield from plot(expansion.forward.squashing, expansion.forward.sum.total, width, style)
            yield Text("")
        if expansion.backward is None:
            yield from paragraph(Text("The choice stands before this word, so nothing flows back to it."), width, 1)
        else:
            yield from backward_lines(expansion.backward, width)
        if expansion.chain:
            yield Text("")
            yield from chain_lines(expansion, self.report.words, self.limit, width)


def _sum_table(name: str, made: Sum) -> Table:
    """Return the terms of a sum as a table."""
    rows = [(" ∙ ".join(part for part, _ in term.factors), term.value) for term in made.terms]
    if made.others:
        rows.append((f"{made.others} smaller terms", made.others_sum))
    return Table(name, ("term", "value"), (*rows, (made.name, made.total)))
