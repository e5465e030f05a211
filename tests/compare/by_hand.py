"""Reports of a comparison, written by hand."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.agreement.report import NetworkAgreement
from lstm_ascii.reports.compare.claims import claims_of
from lstm_ascii.reports.compare.report import (
    CompareReport,
    RadiusReach,
    Reach,
    SeriesRead,
    Size,
    StepTime,
    TrainedFigures,
)
from lstm_ascii.reports.gradients.network import GateUse
from lstm_ascii.reports.scored.shares import Group, wilson
from lstm_ascii.training.recipe import RECIPES
from tests.recall import by_hand as race_by_hand

DISTANCES = ("0", "1-4", "5-9", "25-29")
RIGHT = {"RNN": (400, 399, 398, 389), "LSTM": (400, 400, 399, 400), "GRU": (400, 400, 400, 398)}
SIZES = {"RNN": 2112, "LSTM": 8448, "GRU": 6336}
TIMES = {"RNN": (3.4, 3.5, 3.9), "LSTM": (9.1, 9.3, 9.9), "GRU": (10.2, 10.4, 11.5)}
RANDOM = {
    "RNN": (-1.4, -8.8, -18.8), "LSTM +1": (-0.7, -4.0, -8.6), "LSTM chrono": (-0.03, -0.15, -0.31),
    "GRU": (-1.8, -10.3, None),
}  # fmt: skip
RADII = {0.9: RANDOM["RNN"], 1.5: (0.05, -1.7, -4.1), 4.0: (2.1, 7.9, 14.8)}
INSIDE = {"RNN": (-2.4, -6.5), "LSTM": (0.1, 0.2), "GRU": (0.08, 0.15)}
ALONG = {"RNN": (-2.2, -17.6, -34.6), "LSTM": (0.06, 0.03, 0.01), "GRU": (-0.3, -4.5, -10.8)}
INSIDE_CHOICE = {"RNN": (-3.0, -7.0), "LSTM": (-0.45, -0.48), "GRU": (-0.18, -0.5)}
ALONG_CHOICE = {"RNN": (-3.7, -19.5, -39.9), "LSTM": (-0.8, -1.1, -1.2), "GRU": (-0.3, -5.2, -14.6)}
GATES = {
    "RNN": (),
    "LSTM": (GateUse("i", 0.1, 0.05, 0.84), GateUse("f", 0.91, 0.85, 0.04), GateUse("o", 0.62, 0.55, 0.31)),
    "GRU": (GateUse("r", 0.59, 0.41, 0.23), GateUse("z", 0.38, 0.27, 0.51)),
}
SOURCE = "trained on agreement English"


def group(name: str, right: int, total: int = 400) -> Group:
    return Group(name, right, total, right / total if total else None, wilson(right, total))


def agreement(cell: str, right: tuple[int, ...], source: str = SOURCE, total: int = 400) -> NetworkAgreement:
    groups = tuple(group(name, count, total) for name, count in zip(DISTANCES, right, strict=True))
    whole = group("", sum(right), total * len(right))
    return NetworkAgreement(
        cell, 32, source, whole.accuracy, whole.right, whole.total, whole.interval, (), groups, 0, (), 0, 0
    )


def trained(label: str, source: str = SOURCE) -> TrainedFigures:
    cell = label.split()[-1]
    return TrainedFigures(
        label, cell, 32, 1639, (106_567 + SIZES[cell], SIZES[cell]), source, agreement(cell, RIGHT[cell], source),
        Reach(label, (10, 25), INSIDE[cell]), Reach(label, (10, 50, 100), ALONG[cell]),
        Reach(label, (10, 25), INSIDE_CHOICE[cell]), Reach(label, (10, 50, 100), ALONG_CHOICE[cell]), GATES[cell],
        RECIPES[cell.lower()] if source == SOURCE else None,
    )  # fmt: skip


def along_a_sentence() -> CompareReport:
    """Return the report with the reader's own sentence, in which no choice is followed."""
    made = report()
    return replace(
        made, sentence="The cat was hungry .", trained=tuple(replace(one, inside_choice=None) for one in made.trained)
    )


def judged(report: CompareReport) -> CompareReport:
    return replace(report, claims=claims_of(report))


def report(cells: tuple[str, ...] = ("RNN", "LSTM", "GRU"), own: bool = False) -> CompareReport:
    race = race_by_hand.report()
    networks = tuple(one for one in race.networks if one.cell in cells and one.label != "LSTM +0")
    found = [trained(cell) for cell in cells] + ([trained("your GRU", "mine.safetensors")] if own else [])
    return judged(
        CompareReport(
            schema_version=1,
            cells=cells,
            hidden_size=32,
            seed=0,
            sentence="",
            pairs=400,
            texts=8,
            random_seeds=5,
            thresholds=(1e-3, 1e3),
            sizes=tuple(Size(cell, 32, SIZES[cell]) for cell in cells),
            times=tuple(
                StepTime(cell, TIMES[cell], tuple(2.2 * time for time in TIMES[cell]), 15, 200)  # type: ignore[arg-type]
                for cell in cells
            ),
            recall=replace(race, networks=networks, steps=1000),
            random=tuple(
                Reach(label, (10, 50, 100), sizes) for label, sizes in RANDOM.items() if label.split()[0] in cells
            ),
            radii=tuple(
                RadiusReach(radius, Reach("RNN", (10, 50, 100), sizes))
                for radius, sizes in RADII.items()
                if "RNN" in cells
            ),
            trained=tuple(found),
            claims=(),
        )
    )


def along_a_series() -> CompareReport:
    """Return the report of a network of one's own along a series, beside random ones."""
    made = report()
    back = (1, 10, 50)
    sizes = {"RNN": (-0.04, -2.1, -12.3), "LSTM": (-0.09, -0.54, -2.8), "GRU": (-0.17, -1.8, -9.6)}
    random = [_along(f"random {cell}", (SIZES[cell], SIZES[cell]), "random weights, seeds 0 to 4",
                     Reach(f"random {cell}", back, sizes[cell])) for cell in SIZES]  # fmt: skip
    own = _along("your LSTM", (8481, 8448), "echo.onnx", Reach("your LSTM", back, (-0.01, 1.36, None)))
    series = SeriesRead(60, "00:00", "09:50", ("pressure", "flow"))
    return replace(made, sizes=(), recall=None, random=(), radii=(), trained=(*random, own), claims=(), series=series)


def _along(label: str, parameters: tuple[int, int], source: str, reach: Reach) -> TrainedFigures:
    cell = label.split()[-1]
    return TrainedFigures(label, cell, 32, 0, parameters, source, None, reach, None, None, None, GATES[cell], None)
