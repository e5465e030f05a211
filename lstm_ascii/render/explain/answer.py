"""What the network answers, where that is no next word: the question, the answer, and the answer step by step."""

from __future__ import annotations

from rich.text import Text

from lstm_ascii.render.explain.context import Context, left_out
from lstm_ascii.render.explain.verdict import remarks
from lstm_ascii.render.figures import bar, number, probability
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.section import SPACE, Block, Paragraph, Section, note
from lstm_ascii.reports.explain.answers import Answered, Likely, StepAnswer

BAR = 20  # cells of a probability
MOST_ASKED = 6  # outputs that are named in the question


def section(context: Context) -> Section:
    """The question that the network answers, and what it says."""
    answer = context.main.answer
    title, about = "The answer", "what the network makes of all it read"
    if answer is None:
        why = left_out(context.main) if context.main.no_choice else "The network names next words: see “next”."
        return Section(title, about, (Paragraph(why),))
    asks = "" if _is_one_number(answer) else question(answer)
    blocks: list[Block] = [Paragraph(Text(asks, "word")), Paragraph(sentence(answer, context))]
    if len(answer.outputs) > 1:
        blocks += [SPACE, _outputs(answer)]
    in_the_series = context.report.is_series and not context.head_tells  # it is drawn beneath the features
    if answer.steps and not in_the_series:
        blocks += [SPACE, _steps(answer, context)]
    elsewhere = "" if context.is_brief else context.main.source  # which the page names
    blocks += [*(note(one) for one in answer.assumed if one not in elsewhere), *remarks(context)]
    return Section(title, _about(answer, context), tuple(blocks))


def _is_one_number(answer: Answered) -> bool:
    """Tell whether the answer is a number by itself, which is said with its name."""
    return not answer.is_probable and not answer.against


def question(answer: Answered) -> str:
    """Return what the network is asked."""
    names = [output.label for output in answer.outputs]
    if not answer.is_probable:
        return f"{answer.asked} = ?" if not answer.against else f"{answer.asked} or {answer.against}: which is larger?"
    if answer.kind == "labels":
        return f"{answer.asked}?"
    asked = names[:MOST_ASKED] if len(names) > MOST_ASKED else [*names[:-2], " or ".join(names[-2:])]
    return f"{', '.join(asked)}{', …' if len(names) > MOST_ASKED else ''}?"


def sentence(answer: Answered, context: Context) -> str:
    """Say what the network answers."""
    where = f" at {_unit(context)} {answer.step}, “{context.report.words[answer.step - 1]}”" if answer.step else ""
    if not answer.is_probable:
        text = f"{answer.asked} = {number(answer.figure)}{where}"
        if answer.against:
            return f"{text}, which is {number(abs(answer.difference))} {_compared(answer)} than {answer.against}."
        return f"{text}."
    best = max((one for one in answer.outputs if isinstance(one, Likely)), key=lambda one: one.probability)
    if answer.kind == "labels":
        return f"The network says {answer.asked} with probability {probability(answer.figure)}{where}."
    said = f"The network says {best.label}{where}, with probability {probability(best.probability)}"
    odds = f"log-odds of {answer.asked} against {answer.against}: {number(answer.difference)}" if answer.against else ""
    return f"{said}; {odds}." if odds else f"{said}."


def _compared(answer: Answered) -> str:
    return "larger" if answer.difference >= 0 else "smaller"


def _about(answer: Answered, context: Context) -> str:
    """Say what it is made of."""
    unit = _unit(context)
    made_of = {
        "last": f"made of the output after the last {unit}",
        "first": f"made of the output after the first {unit}",
        "mean": f"made of the mean of the outputs over all {unit}s",
        "max": f"made of the largest of each output over all {unit}s",
        "ends": "made of the last output of each direction",
        "each": f"made at each {unit} anew",
    }[answer.pooling]
    return made_of if answer.function == "linear" else f"{made_of}, by {answer.function}"


def _unit(context: Context) -> str:
    """Return what is read at a time."""
    return {"vectors": "step", "pieces": "piece"}.get(context.report.read, "word")


def _outputs(answer: Answered) -> Grid:
    """Return a row an output."""
    labels = [output.label for output in answer.outputs]
    if answer.is_probable:
        shares = [output.probability if isinstance(output, Likely) else 0.0 for output in answer.outputs]
        columns = [
            figure_column("probability", shares, probability, "p"),
            Column("bar", shares, (" ",), lambda share, _: bar(share, BAR, "measure"), room=BAR, exact=None),
        ]
    else:
        values = [0.0 if isinstance(output, Likely) else output.value for output in answer.outputs]
        columns = [figure_column("value", values, number)]
    return Grid("answer", ("output",), labels, columns, title="output", split=False)


def _steps(answer: Answered, context: Context) -> Grid:
    """Return a row a word, or step: what the network says there, or would if it ended there."""
    steps: list[StepAnswer] = list(answer.steps)
    head = "says" if answer.pooling == "each" else "if it ended here"
    columns = []
    if any(step.likeliest for step in steps):
        columns.append(Column(head, [step.likeliest for step in steps], (head,)))
    name = f"p of {answer.asked}" if answer.is_probable else answer.asked
    write = probability if answer.is_probable else number
    columns.append(figure_column(name, [step.asked for step in steps], write))
    if answer.is_probable:
        columns.append(Column("bar", [step.asked for step in steps], (" ",),
                              lambda share, _: bar(share, BAR, "measure"), room=BAR, exact=None,
                              drawn=lambda width: width >= 2 * BAR + 20))  # fmt: skip
    return context.grid("answer by step", columns)
