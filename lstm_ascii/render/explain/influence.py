"""Who decided an answer: which step and feature of a series, or which word, by running again; and by gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.along import Line, along, shade_legend, shades, steps_a_column
from lstm_ascii.render.explain.context import Context, step_named
from lstm_ascii.render.explain.series import shown_features
from lstm_ascii.render.explain.swapped import becomes, instead
from lstm_ascii.render.figures import counted, fit, listed, number, plain, signed
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Block, Drawing, Paragraph, Section, note
from lstm_ascii.reports.explain.influence import Cause, Influence
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from lstm_ascii.reports.explain.swaps import LeftOut, Swap

TITLE = "Who decided"
MOST_CAUSES = 6  # that are listed
BAR = (0, 6, 8, 24)  # cells of a signed bar
IN_PLACE = {"mean": "its mean over the series", "zero": "zero, as the network reads it", "first": "the first step's"}
IN_MEMORY = (
    "In memory: what is left of what the whole step wrote, exactly; it tells where the answer was last written, not "
    "who caused it."
)
HOW = (
    "Replacing is an intervention: the network ran again without it. Integrated gradients are none: they share out the "
    "difference to the baseline, by the slopes on a straight line that no series took (Sundararajan 2017)."
)


def of_series(context: Context) -> Section:
    """Which step and which feature of a series decided."""
    report, found = context.report, context.main.influence
    if found is None or not found.is_known:
        return Section(TITLE, "", (Paragraph(too_long(report)),))
    about = f"one feature at one step replaced by {in_place(found)}, and the network run again"
    if not found.stretch:
        about = "by integrated gradients"
    told = f"{asked_text(context.main, True)} is {number(found.answer)}." if context.head_tells else ""
    blocks: list[Block] = [Paragraph(told)]
    if found.stretch:
        blocks += [Drawing(partial(_draw_replaced, report), lambda: (_table(report),)), SPACE]
    else:
        blocks += [Paragraph(too_long(report)), SPACE]
    if found.gradients:
        tables = () if found.stretch else (_table(report),)
        blocks += [Drawing(partial(_draw_gradients, report), lambda: tables), note(gap_text(found)), SPACE]
    if found.causes(1):
        blocks += [_causes(report, found), SPACE]
    if found.features and len(report.features) > 1:
        blocks += [_features(report, found), SPACE]
    small_print = " ".join([HOW] * bool(found.gradients) + [IN_MEMORY] * (context.main.split is not None))
    return Section(TITLE, about, (*blocks, Paragraph(closing(report)), note(small_print)))


def too_long(report: ExplainReport) -> str:
    """Say that nothing was replaced."""
    return (
        f"Not replaced: to run so large a network again for each of {counted(len(report.words), 'step')} would take "
        "too long. A part of the series (--window last:60) can be asked."
    )


def in_place(found: Influence) -> str:
    """Say what takes the place of what is replaced."""
    return IN_PLACE.get(found.baseline.name, f"that of {found.baseline.name}")


def asked_text(network: NetworkPass, first: bool = False) -> str:
    """Name the number that is looked at: ``the log-odds of a against b``, ``y``."""
    answer, choice = network.answer, network.choice
    the = "The" if first else "the"
    if choice is not None:
        return f"{the} log-odds of “{choice.right}” against “{choice.wrong}”"
    if answer is None:
        return f"{the} answer"
    if answer.is_probable:
        return f"{the} log-odds of {answer.asked}" + (f" against {answer.against}" if answer.against else "")
    return answer.asked + (f" less {answer.against}" if answer.against else "")


def _replaced_lines(report: ExplainReport) -> tuple[list[Line], float]:
    """Return the map of what replacing does: a line a feature, and one of all at once."""
    found = report.main.influence
    if found is None:
        raise ValueError("nothing was replaced")
    largest = max(max(abs(value) for line in found.replaced for value in line), max(map(abs, found.steps))) or 1.0
    lines = [shades(report.features[k], [line[k] for line in found.replaced], largest) for k in shown_features(report)]
    if len(report.features) > 1:
        lines.append(shades("all at once", found.steps, largest))
    return lines, largest


def _draw_replaced(report: ExplainReport, width: int) -> Iterator[Text]:
    found = report.main.influence
    yield from along(_replaced_lines(report)[0], width, each=found.stretch if found else 1)
    yield from paragraph(Text(_replaced_legend(report, width), "note"), width, 1)


def _replaced_legend(report: ExplainReport, width: int) -> str:
    """Say what the shades are."""
    lines, largest = _replaced_lines(report)
    found = report.main.influence
    stretch, group = found.stretch if found else 1, steps_a_column(lines, width)
    folded = f" A column is {group * stretch} steps" if group * stretch > 1 else ""
    if folded:
        folded += f", replaced {stretch} at a time" if stretch > 1 else ""
        folded += ", the largest change of them." if group > 1 else "."
    return f"{shade_legend(largest, f'the largest change of {asked_text(report.main)}')}{folded}"


def _gradient_lines(report: ExplainReport) -> tuple[list[Line], float]:
    """Return the map of integrated gradients."""
    found = report.main.influence
    slopes = found.gradients if found else ()
    largest = max(abs(value) for line in slopes for value in line) or 1.0
    return [shades(report.features[k], [line[k] for line in slopes], largest) for k in shown_features(report)], largest


def _draw_gradients(report: ExplainReport, width: int) -> Iterator[Text]:
    lines, largest = _gradient_lines(report)
    yield Text(fit(f" Integrated gradients; shades of the largest, {number(largest)}", width).rstrip(), "title")
    yield from along(lines, width)


def gap_text(found: Influence) -> str:
    """Say how far integrated gradients add up to the difference that they share out."""
    total = sum(value for line in found.gradients for value in line)
    return (
        f"They add up to {number(total)}, of a difference to the baseline of {number(total + found.gap)}: "
        f"completeness gap {number(found.gap)}, with gradients at {found.points} points of the way."
    )


def _cause_named(report: ExplainReport, cause: Cause) -> str:
    """Name a feature at a step, as one would in a row."""
    where = f"{cause.first}" if cause.first == cause.last else f"{cause.first}-{cause.last}"
    name = report.words[cause.first - 1]
    at = f"{where} {name}" if cause.first == cause.last and name != f"x{cause.first}" else where
    return f"{report.features[cause.feature]} at {at}"


def _causes(report: ExplainReport, found: Influence) -> Grid:
    """Return the cells that move the answer most."""
    causes = found.causes(MOST_CAUSES)
    largest = max(abs(cause.change) for cause in causes)
    columns = [
        figure_column("value", [_mean(report.values, cause) for cause in causes], number),
        figure_column("in its place", [_mean(found.baseline.values, cause) for cause in causes], number, "instead"),
        Column("moves by", causes, ("moves by",), partial(_moved, largest), BAR, 11, exact=lambda cause: cause.change),
    ]
    if found.gradients:
        columns.append(figure_column("integrated gradient", [cause.gradient for cause in causes], number, "gradients"))
    split = report.main.split
    if split is not None:
        held = [sum(split.words[cause.first - 1 : cause.last]) for cause in causes]
        columns.append(figure_column("its step still in memory", held, number, "in memory"))
    labels = [_cause_named(report, cause) for cause in causes]
    return Grid("strongest", ("what is replaced",), labels, columns, title="what is replaced")


def _mean(values: Sequence[Sequence[float]], cause: Cause) -> float:
    """Return the mean of a feature over a stretch."""
    some = [line[cause.feature] for line in values[cause.first - 1 : cause.last]]
    return sum(some) / len(some)


def _moved(largest: float, cause: Cause, size: int) -> Text:
    """Draw how far the answer moves; a star where another of two is preferred then."""
    text = signed(cause.change / largest, size // 2).append(f" {number(cause.change):>8}")
    return text.append("*", "negative") if cause.turns else text


def _moved_by(largest: float, one: Swap | LeftOut, size: int) -> Text:
    """Draw the same of a word: with a decimal, two where all are small, or more where those would be zeros."""
    figure = f"{number(one.change):>8}" if largest < 0.05 else f"{plain(one.change, 1 if largest >= 1 else 2):>5}"
    text = signed(one.change / largest, size // 2).append(f" {figure}")
    return text.append("*", "negative") if one.turns else text


def _features(report: ExplainReport, found: Influence) -> Grid:
    """Return what each feature does at all steps."""
    shown = shown_features(report)
    columns = [figure_column("replaced at all steps", [found.features[k] for k in shown], number)]
    if found.gradients:
        sums = [sum(line[k] for line in found.gradients) for k in shown]
        columns.append(figure_column("sum of its integrated gradients", sums, number, "gradients"))
    return Grid("features", ("feature",), [report.features[k] for k in shown], columns, title="feature")


def _table(report: ExplainReport) -> Table:
    """Tell every replacement and every gradient."""
    found = report.main.influence
    if found is None:
        raise ValueError("nothing was replaced")
    rows: list[tuple[Value, ...]] = []
    stretch = found.stretch or 1
    for row in range(-(-len(report.words) // stretch)):
        for feature, name in enumerate(report.features):
            cause = found.cause(row, feature)
            change = cause.change if found.stretch else None
            rows.append((cause.first, report.words[cause.first - 1], name, _mean(report.values, cause),
                         _mean(found.baseline.values, cause), change, cause.gradient))  # fmt: skip
        if found.stretch and len(report.features) > 1:
            rows.append((row * stretch + 1, report.words[row * stretch], "all at once", None, None, found.steps[row],
                         None))  # fmt: skip
    heads = ("step", "name", "feature", "value", "in its place", "moves by", "integrated gradient")
    return Table("influence", heads, tuple(rows), named_by=3, read_out=())


def closing(report: ExplainReport) -> str:
    """Name what counts most, and say where replacing and gradients disagree."""
    found = report.main.influence
    if found is None:
        return ""
    sentences = []
    strongest, steepest = found.strongest, found.steepest
    if found.stretch and strongest is None:
        sentences.append(
            f"No single step of a feature moves {asked_text(report.main)} by {number(found.least)} or more."
        )
    if strongest is not None:
        sentences += [_strongest(report, found, strongest), lag(report, strongest)]
    if found.stretch and len(found.steps) > 1:
        sentences.append(f"With all of the series replaced it moves by {number(found.everything)}.")
    if strongest and steepest:
        sentences.append(_agreement(report, strongest, steepest))
    elif steepest and not found.stretch:
        sentences.append(f"The largest gradient is that of {at(report, steepest)}: {number(steepest.gradient or 0.0)}.")
    return " ".join(filter(None, sentences))


def _strongest(report: ExplainReport, found: Influence, cause: Cause) -> str:
    """Name the cell that counts most."""
    moved = f"{asked_text(report.main)} moves from {number(found.answer)} to {number(found.answer + cause.change)}"
    turned = f", and the {'choice' if report.main.choice else 'answer'} turns" if cause.turns else ""
    does = "Decides" if cause.turns else "Counts most"
    return f"{does}: {at(report, cause)}. With {in_place(found)} in its place {moved}{turned}."


def at(report: ExplainReport, cause: Cause) -> str:
    """Name a feature at a step within a sentence."""
    feature = report.features[cause.feature]
    if cause.first == cause.last:
        return f"{feature} at {step_named(report, cause.first, False)}"
    return f"{feature} at steps {cause.first} to {cause.last}"


def lag(report: ExplainReport, cause: Cause) -> str:
    """Say how far back it stands."""
    answer = report.main.answer
    step = answer.step if answer and answer.step else len(report.words)
    near, far = step - cause.last, step - cause.first
    if near < 0:
        return ""
    last = "the last" if step == len(report.words) else f"step {step}"
    if near == far:
        back = f"That is {counted(near, 'step')} before {last}" if near else f"That is {last} itself"
        ahead = f", at lag {near + 1} of the one that follows" if answer and answer.kind == "values" else ""
        return f"{back}{ahead}."
    return f"That is {near} to {far} steps before {last}."


def _agreement(report: ExplainReport, strongest: Cause, steepest: Cause) -> str:
    """Say whether integrated gradients name the same."""
    if (strongest.first, strongest.feature) == (steepest.first, steepest.feature):
        same = (strongest.change < 0) == ((steepest.gradient or 0.0) > 0)  # without what speaks for it, it falls
        but = "" if same else ", but with the other sign; what it does is what replacing shows"
        return f"Integrated gradients name the same{but}."
    moved = f"; replaced, it moves the answer by {number(steepest.change)}"
    return (
        f"Integrated gradients name another, {at(report, steepest)} ({number(steepest.gradient or 0.0)}){moved}: "
        "of the two only replacing is an intervention."
    )


def of_words(context: Context) -> Section:
    """Which word decided an answer: swapped, and left out."""
    main, report = context.main, context.report
    about = f"{asked_text(main)}, with one word swapped or left out, and the network run again"
    swaps, gone = {one.word: one for one in main.swaps}, {one.word: one for one in main.left_out}
    if not swaps and not gone:
        return Section(TITLE, about, (Paragraph("There is no word that could be swapped or left out."),))
    numbers = range(1, len(report.words) + 1)
    changes = [one.change for one in main.swaps] + [one.change for one in main.left_out]
    largest = max(map(abs, changes)) or 1.0
    room = 11 if largest < 0.05 else 8
    columns = []
    if swaps:
        columns += [
            Column("becomes", [becomes(swaps[n]) if n in swaps else None for n in numbers], ("becomes",),
                   size=(9, 9, 10, 14)),
            Column("swapped", [swaps.get(n) for n in numbers], ("swapped",), partial(_moved_by, largest), BAR, room,
                   exact=lambda swap: swap.change),
        ]  # fmt: skip
    if gone:
        columns.append(Column("left out", [gone.get(n) for n in numbers], ("left out",), partial(_moved_by, largest),
                              BAR, room, exact=lambda one: one.change))  # fmt: skip
    table = context.grid("who decided", columns)
    how = f"A word is swapped for {instead((main,))}." if swaps else ""
    return Section(TITLE, about, (note(how), table, SPACE, Paragraph(closing_of_words(context))))


def _by_change(one: Swap | LeftOut) -> tuple[float, int]:
    """Return where a word stands among those that move the answer most."""
    return -abs(one.change), one.word


def closing_of_words(context: Context) -> str:
    """Name the word that counts most, swapped and left out."""
    main, names = context.main, context.names
    told, turned = [], False
    kinds: tuple[tuple[str, Sequence[Swap | LeftOut]], ...] = (("Swapped", main.swaps), ("Left out", main.left_out))
    for what, some in kinds:
        best = next(iter(sorted(some, key=_by_change)), None)
        if best is None or not best.change:
            continue
        end = ", and the answer turns" if best.turns else ""
        told.append(f"{what}, “{names[best.word - 1]}” moves {asked_text(main)} most, by {number(best.change)}{end}.")
        turned = turned or any(one.turns for one in some)
    star = f"* turns the answer between {listed([main.answer.asked, main.answer.against])}." if (
        turned and main.answer and main.answer.against) else ""  # fmt: skip
    return " ".join(filter(None, (star, *told))) or "No word moves it."
