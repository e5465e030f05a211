"""The page of ``look``: the layers and how exactly they agree, and one of them step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import inf, isfinite, isnan, log10

from rich.text import Text

from lstm_ascii.render.figures import (
    VANISHED,
    VANISHED_AS_TEXT,
    bar,
    counted,
    grade,
    number,
    percent,
    plain,
    power,
    short,
)
from lstm_ascii.render.grid import Column, Grid, as_sentence, figure_column, only_told
from lstm_ascii.render.layout import WIDE, rows_to_show, word_room
from lstm_ascii.render.parts import Power
from lstm_ascii.render.section import SPACE, Block, Head, Page, Paragraph, Section, note
from lstm_ascii.reports.look import CellSeen, LookReport, StepSeen

MOST_STEPS = 40  # that are drawn
GATE, ERROR = (3, 3, 5, 8), (3, 6, 10, 16)  # cells of a gate's bar, and of the gradient's
STYLES = ("gate.forget", "gate.input", "gate.output")
LOUD = "These figures are NOT what the model did"


def look_page(report: LookReport) -> Page:
    """Return the page of a report."""
    focus = report.cells[report.focus]
    sections = [_layers(report), _steps(report, focus)]
    if report.answer is not None:
        sections.append(_gradient(report, focus))
    return Page(Head([Text(report.model, "word"), Text(_about(report), "note")], report.notes), sections)


def _about(report: LookReport) -> str:
    """Say what was run."""
    modules = len({cell.name for cell in report.cells})
    parts = [report.framework, counted(modules, "recurrent layer")]
    if modules != len(report.cells):
        parts[-1] += f" of {counted(len(report.cells), 'cell')}"
    return " · ".join(parts)


def _layers(report: LookReport) -> Section:
    """How far our outputs are from the model's own, and what the gates do on the whole batch."""
    cells = report.cells
    columns = [
        figure_column("cell", [cell.cell for cell in cells], str),
        replace(figure_column("inputs", [cell.input_size for cell in cells], _whole, "in"), drawn=_is_wide),
        figure_column("units", [cell.hidden_size for cell in cells], _whole),
        replace(figure_column("steps", [cell.steps for cell in cells], _whole), drawn=_is_wide),
        replace(figure_column("batch", [cell.batch for cell in cells], _whole), drawn=_is_wide),
        Column("off by", [cell if cell.difference is not None else None for cell in cells], draw=_off, right=True,
               exact=lambda cell: cell.difference, absent="–"),
        figure_column("keeps", [cell.keeps for cell in cells], partial(plain, digits=2)),
        figure_column("adds", [cell.adds for cell in cells], partial(plain, digits=2)),
        figure_column("shows", [cell.shows for cell in cells], partial(plain, digits=2)),
        replace(figure_column("open", [cell.open for cell in cells], percent), drawn=_is_wide),
        replace(figure_column("closed", [cell.closed for cell in cells], percent), drawn=_is_wide),
        replace(figure_column("flat", [cell.flat for cell in cells], percent), drawn=_is_wide),
        figure_column("largest memory", [cell.largest for cell in cells], partial(number, digits=1), "largest"),
        only_told("precision", [cell.precision for cell in cells]),
        only_told("calls", [cell.calls for cell in cells]),
    ]  # fmt: skip
    table = Grid("layers", ("layer",), [cell.key for cell in cells], columns, split=False, turn=as_sentence)
    blocks: list[Block] = [*_parity(report), SPACE, table, SPACE, note(_legend(cells))]
    blocks += [note(f"{cell.full_name}: {text}.") for cell in cells for text in (*cell.notes, *_special(cell))]
    return Section("The layers", "opened up, on all that they read", tuple(blocks))


def _is_wide(width: int) -> bool:
    """Tell whether a window has room for the columns that tell less."""
    return width >= WIDE


def _whole(value: int) -> str:
    return f"{value:,}"


def _off(cell: CellSeen, _size: int) -> Text:
    """Write how far ours are off."""
    text = "0" if not cell.difference else f"{cell.difference:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return Text(text, "grad.alive" if cell.agrees else "grad.vanished")


def _parity(report: LookReport) -> Iterator[Block]:
    """Say whether what is shown is what the model did."""
    compared = [cell for cell in report.cells if cell.agrees is not None]
    wrong = [cell for cell in compared if not cell.agrees]
    names = list(dict.fromkeys(cell.name for cell in wrong))
    if wrong:
        worst = max(wrong, key=_badness)
        text = (
            f"{LOUD}: in {', '.join(names)} our outputs are up to {worst.difference:.1e} from the model's own, where "
            f"{worst.precision} allows {worst.bar:g}."
        )
        yield Paragraph(Text(text, "grad.vanished"), mark=Text("✗ ", "grad.vanished"), hang=3)
    elif compared:
        worst = max(compared, key=_badness)
        text = (
            f"Our outputs are the model's own, to {worst.difference:.1e} at most ({worst.precision} allows "
            f"{worst.bar:g}): what stands here is what it did."
        )
        yield Paragraph(text, mark=Text("✓ ", "grad.alive"), hang=3)
    else:
        yield Paragraph("The file holds weights and no outputs, so there is nothing to hold ours against.")


def _badness(cell: CellSeen) -> float:
    """Return how far a cell is off against what its precision allows; a NaN is the worst."""
    off = cell.difference or 0.0
    return inf if isnan(off) else off / cell.bar


def _special(cell: CellSeen) -> Iterator[str]:
    """Say what a cell has beyond the plain equations."""
    if cell.special:
        yield f"has {' and '.join(cell.special)}"


def _legend(cells: Sequence[CellSeen]) -> str:
    """Say what the columns are."""
    gated = any(cell.keeps is not None for cell in cells)
    gates = "Keeps, adds, shows: means of the gates. " if gated else ""
    return (
        "Off by: the largest difference between the layer's outputs and ours, relative where they are above 1. "
        f"{gates}Largest: absolute value of the memory."
    )


def _steps(report: LookReport, cell: CellSeen) -> Section:
    """What one cell did, step by step."""
    steps = cell.along
    busiest = sorted(range(len(steps)), key=lambda n: (-steps[n].written - (steps[n].wiped or 0.0), n))
    which = f"sequence {report.sequence} of {cell.batch}, from 0; " if cell.batch > 1 else ""
    about = f"{cell.full_name}; {which}means over {counted(cell.hidden_size, 'unit')}"
    grid = _grid("steps", steps, list(_columns(cell)), busiest)
    return Section("Step by step", about, (grid, SPACE, *_left_out(steps), Paragraph(_closing(cell))))


def _grid(name: str, steps: Sequence[StepSeen], columns: Sequence[Column], important: Sequence[int]) -> Grid:
    """Return a table with a row a step; of many the head, the tail and those that matter are drawn."""
    rows = rows_to_show(len(steps), MOST_STEPS, important)
    return Grid(name, ("step", "text"), [step.word for step in steps], columns, rows, "step", numbered=True,
                most=word_room)  # fmt: skip


def _left_out(steps: Sequence[StepSeen]) -> Iterator[Block]:
    """Say that not all steps are drawn."""
    if len(steps) > MOST_STEPS:
        yield note(f"{len(steps):,} steps: the head, the tail and what matters between; to_dict() has all.")


def _columns(cell: CellSeen) -> Iterator[Column]:
    """Yield the columns of the steps."""
    kind, steps = cell.kind, cell.along
    if steps and steps[0].keeps is not None:
        verbs = ("keeps", "adds", kind.show_verb)
        fields = ("keeps", "adds", "shows")
        for name, field, verb, style in zip(kind.flow_labels.values(), fields, verbs, STYLES, strict=True):
            values = [getattr(step, field) for step in steps]
            yield Column(verb, values, (name, verb), partial(_share, style), GATE, 4)
        yield Column("wrote", [step.written for step in steps], ("", "wrote"), _amount, room=5)
        yield Column("wiped", [step.wiped for step in steps], ("", "wiped"), _amount, room=5)
    else:
        yield Column("moved", [step.written for step in steps], ("", "moved"), _amount, room=5)
    largest = max((step.size for step in steps), default=0.0) or 1.0
    yield Column("size of the memory", [step.size for step in steps], ("size of the", "memory"),
                 lambda value, size: bar(value / largest, size, "state").append(f" {number(value)}"), (4, 6, 10, 20),
                 6)  # fmt: skip


def _share(style: str, value: float, size: int) -> Text:
    """Draw a gate as a bar and a number."""
    return bar(value, size, style).append(f" {short(value)}")


def _amount(value: float, _size: int) -> Text:
    return Text(f"{plain(value):>5}")


def _closing(cell: CellSeen) -> str:
    """Say what is to be seen, from the figures."""
    steps = cell.along
    if not steps:
        return "The sequence has no step."
    broken = next((step for step in steps if not isfinite(step.size)), None)
    if broken:
        return f"From step {_named(broken)} on the memory is no number: an input or a weight is none, or too large."
    most = max(steps, key=lambda step: (step.written, -step.number))
    if not most.written:
        return "No step wrote anything into the memory."
    if most.wiped is None:
        return f"An RNN has no gates: step {_named(most)} moved the state most, by {plain(most.written)}."
    wiper = max(steps, key=lambda step: (step.wiped or 0.0, -step.number))
    wrote = f"Step {_named(most)} wrote most ({plain(most.written)})"
    if not wiper.wiped:
        return f"{wrote}, nothing was wiped; sums over units."
    wiped = f"wiped most ({plain(wiper.wiped)}); sums over units."
    return f"{wrote} and {wiped}" if wiper is most else f"{wrote}, step {_named(wiper)} {wiped}"


def _named(step: StepSeen) -> str:
    """Name a step by its number, and by its text where it has one of its own."""
    return str(step.number) if step.word == f"x{step.number}" else f"{step.number}, “{step.word}”,"


def _gradient(report: LookReport, cell: CellSeen) -> Section:
    """How far the answer's own gradient reaches back in the cell that is told."""
    answer = f"the answer is {number(report.answer or 0.0)}"
    memory = cell.kind.state_names[-1]
    about = f"∂answer/∂{memory} at each step of {cell.full_name}; {answer}"
    steps = cell.along
    logs = logs_of(steps)
    unreached = [note(f"No gradient reaches {one.full_name}: the model detaches it, or doesn't use it for this answer.")
                 for one in report.cells if one.reached is False]  # fmt: skip
    if not logs or max(logs) == -inf:
        return Section("The gradient", about, (Paragraph("The answer doesn't depend on this cell."), *unreached))
    values = [step.gradient for step in steps]
    columns = [
        Column(
            "size",
            values,
            ("", "size"),
            lambda value, _: Text(power(log10(value) if value > 0 else None)),
            room=5,
            right=True,
        ),
        Column(
            "of the largest",
            logs,
            ("of the", "largest"),
            _level,
            ERROR,
            6,
            exact=lambda value: Power(None if value == -inf else value),
        ),
    ]
    grid = _grid("gradient", steps, columns, sorted(range(len(logs)), key=lambda n: -logs[n]))
    return Section("The gradient", about, (grid, SPACE, Paragraph(_reach(steps, logs)), *unreached))


def logs_of(steps: Sequence[StepSeen]) -> list[float]:
    """Return log10 of the gradient at each step against the largest of them; −∞ for none, or where it is no number."""
    values = [step.gradient if step.gradient and isfinite(step.gradient) else 0.0 for step in steps]
    largest = max(values, default=0.0)
    return [log10(value / largest) if value > 0 else -inf for value in values]


def _level(value: float, size: int) -> Text:
    """Draw a gradient on a log scale from the threshold of vanishing to 1."""
    share = 0.0 if value <= VANISHED else 1 - value / VANISHED
    return bar(share, size, grade(value)).append(f" {power(None if value == -inf else value)}")


def _reach(steps: Sequence[StepSeen], logs: Sequence[float]) -> str:
    """Say where the gradient is largest, and where it has vanished."""
    top = steps[max(range(len(logs)), key=lambda n: (logs[n], n))]
    gone = [step for step, value in zip(steps, logs, strict=True) if value <= VANISHED]
    text = f"It is largest at step {_named(top)}".rstrip(",")
    if not gone:
        return f"{text}, and nowhere has it vanished ({VANISHED_AS_TEXT} of that or less)."
    where = f"{counted(len(gone), 'step')} of {len(steps):,}"
    return f"{text}. At {where} it has vanished ({VANISHED_AS_TEXT} of that or less)."
