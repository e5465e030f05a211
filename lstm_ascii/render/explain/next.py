"""What each network expects after each word."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from lstm_ascii.language.unknown import DESCRIPTIONS, UNKNOWN
from lstm_ascii.render.explain.context import Context, left_out
from lstm_ascii.render.figures import probability
from lstm_ascii.render.glyphs import to_ascii
from lstm_ascii.render.grid import Column
from lstm_ascii.render.section import SPACE, Paragraph, Section, note
from lstm_ascii.reports.explain.decision import Prediction
from lstm_ascii.reports.explain.passes import Step


def section(context: Context) -> Section:
    """The likeliest next words, the verb's pair first if there is one."""
    title, about = "What comes next", "the likeliest words after each word, with probabilities"
    if context.main.no_choice:
        return Section(title, about, (Paragraph(left_out(context.main)),))
    columns = [
        Column(f"{network.cell} expects", network.steps, (network.cell, "expects next"), lambda step, _: _listed(step),
               (26, 26, 30, 30), stretch=True, items=True, exact=lambda step: _listed(step).plain)
        for network in context.report.networks
    ]  # fmt: skip
    return Section(title, about, (
        context.grid("likeliest next words", columns), SPACE,
        Paragraph("Where the next word is a verb with a number, it and its twin stand first."),
        note(classes(_shown(context))),
    ))  # fmt: skip


def _expected(step: Step) -> list[Prediction]:
    """Return what is expected after a word; the verb's pair first."""
    pair = step.pair or ()
    return [*pair, *(prediction for prediction in step.next_words if prediction not in pair)][:3]


def _listed(step: Step) -> Text:
    """List what is expected after a word."""
    text = Text()
    for place, prediction in enumerate(_expected(step)):
        text.append(", " if place else "")
        style = "word" if step.pair and place < len(step.pair) else ""
        text.append(f"{prediction.word} {probability(prediction.probability)}", style)
    return text


def _shown(context: Context) -> list[Step]:
    """Return the steps of all networks at the words that are shown."""
    rows = [row for row in context.rows if row is not None]
    return [network.steps[row] for network in context.report.networks for row in rows]


def classes(steps: Iterable[Step]) -> str:
    """Explain the classes of words that are expected, the most special first; nothing if there is none."""
    words = {prediction.word for step in steps for prediction in _expected(step)}
    meanings = [
        f"{entry} for one {meaning}"
        for entry, meaning in reversed(DESCRIPTIONS.items())
        if {entry, to_ascii(entry)} & words
    ]
    if not meanings:
        return ""
    if len(meanings) == 1 and meanings[0].startswith(UNKNOWN):
        return f"{UNKNOWN} stands for a word that the networks don't know."
    return f"Classes stand for words that the networks don't know, by their letters: {', '.join(meanings)}."
