"""What the networks would say if they were asked now, and, where they are asked, what they say."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lstm_ascii.render.explain import answer as answers_of
from lstm_ascii.render.explain.context import Context, left_out
from lstm_ascii.render.explain.highway import left_at
from lstm_ascii.render.explain.verdict import answers, asked_about, closing
from lstm_ascii.render.figures import bar, counted, listed, number, probability, short
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.section import Block, Paragraph, Section
from lstm_ascii.reports.step.position import BACK
from lstm_ascii.reports.step.report import StepReport

BAR = (8, 16, 24, 30)  # cells of a share


def answer_section(report: StepReport, whole: Context, brief: bool) -> Section:
    """Return what is answered at the word at hand.

    Args:
        report: to draw.
        whole: of all networks.
        brief: whether there is room for one sentence only.
    """
    main = report.main
    if report.view == BACK:
        told = left_at(whole.report.networks, report.at, whole.names)
        if report.at == main.loss_after:
            told = "The error starts here, and all of it is left."
        return Section("What is left", f"of the error at “{report.words[main.loss_after - 1]}”", (Paragraph(told),))
    if main.answer is not None:
        return _of_a_head(report, whole)
    if main.choice is None:
        return Section("The verdict", "", (Paragraph(left_out(main)),))
    if report.at < main.asked.after:
        ahead = main.asked.after - report.at
        about = f"“{main.asked.right}” or “{main.asked.wrong}”, if it came now; it comes {counted(ahead, 'word')} on"
        return Section("So far", about, (_shares(report), *_swapped(report)))
    sentences = list(closing(whole))
    told = " ".join(sentences[:1] if brief else sentences)
    return Section("The verdict", asked_about(whole), (answers(whole), *(_swapped(report) or [Paragraph(told)])))


def _of_a_head(report: StepReport, whole: Context) -> Section:
    """Return the answer of a network that names no next word, at the word at hand, and in the end."""
    answer, blocks = report.main.answer, list[Block]()
    if answer is None:
        raise ValueError("the network answers nothing")
    if answer.steps:
        step = answer.steps[report.at - 1]
        figure = probability(step.asked) if answer.is_probable else number(step.asked)
        named = f"p of {answer.asked} {figure}" if answer.is_probable else f"{answer.asked} {figure}"
        told = f"{step.likeliest}; {named}" if step.likeliest else named
        blocks.append(Paragraph(f"{'Here' if answer.pooling == 'each' else 'If it ended here'}: {told}."))
    if report.at == len(report.words) or not answer.steps:
        blocks.append(Paragraph(answers_of.sentence(answer, whole)))
    return Section("The answer", answers_of.question(answer), tuple(blocks))


def _shares(report: StepReport) -> Grid:
    """Return each network's share of the right word, and that with a word swapped."""
    networks, twin = report.explained.networks, report.twin
    choice = report.main.asked
    now = [shares[report.at - 1] if shares else None for shares in report.shares]
    columns = [Column(choice.right, now, (choice.right,), _share, BAR, 4)]
    if twin is not None:
        swapped = [shares[report.at - 1] if shares else None for shares in twin.shares]
        columns.append(Column(f"{choice.right} with {twin.to}", swapped, (f"with {twin.to}",), _share, BAR, 4))
    return Grid("so far", ("network",), [one.cell for one in networks], columns, style="title", least=4)


def _share(share: float, size: int) -> Text:
    """Draw a share as a bar with its figure."""
    return bar(share, size, "measure").append(f" {short(share)}")


def _swapped(report: StepReport) -> list[Block]:
    """Say what each network says with a word swapped, and what it says without."""
    twin = report.twin
    return [] if twin is None else [Paragraph(" ".join(_with_twin(report)))]


def _with_twin(report: StepReport) -> Iterator[str]:
    """Yield a sentence for those that turn, and one for those that stay."""
    twin, choice = report.twin, report.main.asked
    if twin is None or twin.word > choice.after:
        yield "The swap comes after the choice, so it changes nothing of it."
        return
    said: dict[tuple[str, str], list[str]] = {}
    for one, *both in zip(report.explained.networks, report.shares, twin.shares, strict=True):
        if all(both):
            before, after = (choice.right if shares[choice.after - 1] > 0.5 else choice.wrong for shares in both)
            said.setdefault((before, after), []).append(f"the {one.cell}")
    for (before, after), cells in said.items():
        s = "s" if len(cells) == 1 else ""
        how = f"turn{s} from “{before}” to “{after}”" if before != after else f"stay{s} with “{after}”"
        yield f"With “{twin.to}” in place of “{report.words[twin.word - 1]}” {listed(cells)} {how}."
