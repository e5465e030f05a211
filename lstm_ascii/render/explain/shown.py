"""What is shown: of what each word wrote and is still there, how much the output gate lets out now."""

from __future__ import annotations

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.kept import legend, share_table, shares_at
from lstm_ascii.render.explain.shares import NO_SUM
from lstm_ascii.render.figures import listed
from lstm_ascii.render.section import Paragraph, Section

TITLE = "What is shown"


def section(context: Context) -> Section:
    """Of what is left of each word's writing, how much is let out."""
    main = context.main
    if not main.writings:
        return Section(TITLE, "", (Paragraph(NO_SUM),))
    if main.cell != "LSTM":
        return Section(TITLE, "", (Paragraph(f"The {main.cell} has no output gate: it shows all that it holds."),))
    table = share_table(context, f"shown of what words wrote into the {main.cell}", "shown")
    return Section(TITLE, f"{main.cell}: of what is left of each word, how much the output gate lets out now",
                   (table, *legend(context), Paragraph(closing(context))))  # fmt: skip


def closing(context: Context) -> str:
    """Say what is let out where the choice is made."""
    after = context.main.loss_after
    told = shares_at(context, context.main.writings, "shown", after)
    if not told:
        return "By the choice nothing of another word is left."
    return f"After “{context.report.words[after - 1]}” it lets out, of what is left of each, {listed(told)}."
