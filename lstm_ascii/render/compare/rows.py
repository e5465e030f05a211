"""The figures of ``compare`` in rows, a column a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log10

from lstm_ascii.render.agreement.text import bounds
from lstm_ascii.render.compare.table import Cell, Row
from lstm_ascii.render.compare.text import scaled
from lstm_ascii.render.figures import number, percent, power, short
from lstm_ascii.render.recall.text import length, result
from lstm_ascii.reports.compare.report import CompareReport, Reach
from lstm_ascii.reports.gradients.network import GateUse
from lstm_ascii.reports.recall import RecallReport
from lstm_ascii.training.recall_race import LEARNT

Table = tuple[Sequence[str], Sequence[Row]]
# How the three kinds of gates are called on the screen, and which letter of each cell does it.
USES = {"keeps": {"f": "f", "z": "z"}, "adds": {"i": "i", "z": "1−z"}, "shows": {"o": "o", "r": "r"}}


def size_rows(report: CompareReport) -> Table:
    """Return the numbers of parameters."""
    most = max(size.parameters for size in report.sizes)
    cells = tuple(Cell(f"{size.parameters:,}", size.parameters / most, "state") for size in report.sizes)
    rows = [Row(f"cell of {report.hidden_size} units", cells)]
    if not report.trained:
        return report.cells, rows
    missing = tuple(Cell("") for _ in report.trained[len(cells) :])
    rows = [replace(row, cells=row.cells + missing) for row in rows]
    for place, label in ((0, "trained, whole"), (1, "its cells alone")):
        counts = [one.parameters[place] for one in report.trained]
        if counts != [size.parameters for size in report.sizes]:
            rows.append(Row(label, tuple(Cell(f"{count:,}", count / max(counts), "state") for count in counts)))
    return [one.label for one in report.trained], rows


def time_rows(report: CompareReport) -> Table:
    """Return the times of a step."""
    rows = []
    for label, times in (
        ("forward", [time.forward for time in report.times]),
        ("and back", [time.training for time in report.times]),
    ):
        most = max(middle for _, middle, _ in times)
        cells = [
            Cell(number(middle, 1), middle / most, "state", f"{number(low, 1)}–{number(high, 1)}")
            for low, middle, high in times
        ]
        rows.append(Row(label, tuple(cells)))
    return report.cells, rows


def span_rows(race: RecallReport) -> Table:
    """Return the memory spans, and the steps of every gap."""
    rows = [
        Row(
            "span",
            tuple(
                Cell(length(one), sum(gap <= one.span for gap in race.gaps) / len(race.gaps), "grad.alive")
                for one in race.networks
            ),
        )
    ]
    for place, gap in enumerate(race.gaps):
        found = [network.gaps[place] for network in race.networks]
        rows.append(Row(f"gap {gap:,}", tuple(Cell(result(one), None, "" if one.stage == LEARNT else "note")
                                              for one in found)))  # fmt: skip
    return [network.label for network in race.networks], rows


def agreement_rows(report: CompareReport) -> Table:
    """Return the shares of right verbs, by distance."""
    networks = [network.agreement for network in report.trained if network.agreement]
    rows = [Row("all", tuple(_share(one.accuracy, one.interval) for one in networks))]
    for groups in zip(*(network.by_distance for network in networks), strict=True):
        name = groups[0].name.replace("-", "–")
        rows.append(Row(f"{name} words", tuple(_share(one.accuracy, one.interval) for one in groups)))
    return [network.label for network in report.trained], rows


def _share(accuracy: float | None, interval: tuple[float, float] | None) -> Cell:
    """Write a share and its interval."""
    if accuracy is None or interval is None:
        return Cell("no pairs", None, "note")
    style = "positive" if interval[0] > 0.5 else "negative" if interval[1] < 0.5 else "note"
    return Cell(percent(accuracy), accuracy, style, bounds(interval))


def gradient_tables(report: CompareReport) -> Iterator[tuple[str, Sequence[str], Sequence[Row]]]:
    """Yield what is left of the gradient: random networks, trained ones inside a sentence, and along a text."""
    yield (
        "; ".join(filter(None, (f"random networks, medians of {report.random_seeds}", scaled(report)))),
        [reach.label for reach in report.random],
        list(_reach_rows(report.random, report.thresholds)),
    )
    if report.radii:
        names = [f"radius {one.radius:g}" for one in report.radii]
        rows = list(_reach_rows([one.reach for one in report.radii], report.thresholds))
        yield "the same random RNN, scaled to several spectral radii", names, rows
    inside = "your sentence" if report.sentence else "a sentence, from its verb back"
    for title, reaches, choices in (
        (f"trained networks inside {inside}", [one.inside for one in report.trained],
         [one.inside_choice for one in report.trained]),
        ("trained networks along a text of several sentences", [one.along for one in report.trained],
         [one.along_choice for one in report.trained]),
    ):  # fmt: skip
        rows = [*_reach_rows(reaches, report.thresholds), *_reach_rows(choices, report.thresholds, "choice, ")]
        if rows:
            yield title, [one.label for one in report.trained], rows


def _reach_rows(reaches: Sequence[Reach | None], thresholds: tuple[float, float], what: str = "") -> Iterator[Row]:
    """Yield a row a place; the bars are logarithmic, from the lower threshold to 1."""
    low, high = map(log10, thresholds)
    for place, back in enumerate(next((reach.steps_back for reach in reaches if reach), ())):
        cells = []
        for reach in reaches:
            size = reach.log10[place] if reach else None
            share = 0.0 if size is None else 1 - size / low
            style = "grad.vanished" if size is None or size < low else "grad.exploded" if size > high else "grad.alive"
            cells.append(Cell(power(size), share, style) if reach else Cell("none", None, "note"))
        yield Row(f"{what}{back} back", tuple(cells))


def gate_rows(report: CompareReport) -> Table:
    """Return the means of the gates, and how many of their values are open."""
    rows = []
    for use, letters in USES.items():
        cells = [_gate(network.gates or (), letters) for network in report.trained]
        rows.append(Row(use, tuple(cells)))
    return [network.label for network in report.trained], rows


def _gate(gates: Sequence[GateUse], letters: dict[str, str]) -> Cell:
    """Write a gate's mean."""
    for gate in gates:
        if name := letters.get(gate.letter):
            mean = 1 - gate.mean if name.startswith("1") else gate.mean
            return Cell(short(mean), mean, f"gate.{_style(name)}", name)
    return Cell("none", None, "note")


def _style(name: str) -> str:
    """Return the gate whose colour a letter has."""
    return {"f": "forget", "z": "forget", "i": "input", "1−z": "input"}.get(name, "output")
