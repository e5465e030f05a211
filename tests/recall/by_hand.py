"""Reports of the memory race, written by hand."""

from __future__ import annotations

from lstm_ascii.reports.recall import RecallReport, report_of_outcomes
from lstm_ascii.training.recall import Heat, Racer, RecallPoint
from lstm_ascii.training.recall_race import (
    LEARNT,
    NOT_LEARNT,
    NOT_NEEDED,
    NOT_TRIED,
    RUNNING,
    STOPPED,
    WAITING,
    Outcome,
    Race,
)

RACERS = (Racer("rnn"), Racer("lstm", 0.0), Racer("lstm", 1.0), Racer("lstm", "chrono"), Racer("gru"))
GAPS, STEPS = (5, 10, 20, 50, 100), 1500
# By racer and gap: for each seed the steps until it was learnt, or minus the share that was right at the end; 0
# where the verdict didn't need it, none where it wasn't tried.
RESULTS: dict[str, tuple[tuple[float, ...], ...]] = {
    "RNN": ((60, 70, 250), (70, 80, -0.248), (400, -0.12, -0.242), (), ()),
    "LSTM +0": ((90, 120, 110), (630, 520, 610), (-0.128, -0.119, 0), (), ()),
    "LSTM +1": ((60, 80, 70), (100, 150, 130), (-0.6375, 890, -0.37), (), ()),
    "LSTM chrono": ((80, 100, 90), (90, 120, 100), (110, 150, 190), (200, 250, 260), (250, 1260, 330)),
    "GRU": ((90, 100, 110), (200, 140, 190), (460, 410, 450), (-0.128, -0.123, 0), ()),
}


def course(steps: int) -> tuple[RecallPoint, ...]:
    """Return points of a network that guesses for half of its way and then learns evenly."""
    return tuple(RecallPoint(steps * k // 20, 0.125 if k <= 10 else 0.125 + 0.087 * (k - 10)) for k in range(1, 21))


def outcome(heat: Heat, result: float | None, stage: str = "") -> Outcome:
    """Return how a heat ended: after steps, or with minus a share at the end."""
    if result is None:
        return Outcome(heat, stage or NOT_TRIED)
    if not result:
        return Outcome(heat, stage or NOT_NEEDED)
    if result > 0:
        return Outcome(heat, stage or LEARNT, course(int(result)))
    return Outcome(heat, stage or NOT_LEARNT, (RecallPoint(10, 0.125), RecallPoint(heat.steps, -result)))


def outcomes(race: Race, results: dict[str, tuple[tuple[float, ...], ...]]) -> list[Outcome]:
    """Return how all heats ended."""
    return [
        outcome(
            Heat(racer, gap, seed, race.steps),
            results[racer.label][place][number] if results[racer.label][place] else None,
        )
        for racer in race.racers
        for place, gap in enumerate(race.gaps)
        for number, seed in enumerate(race.seeds)
    ]


def race(racers: tuple[Racer, ...] = RACERS, seeds: int = 3) -> Race:
    return Race(racers, GAPS, tuple(range(seeds)), STEPS)


def report() -> RecallReport:
    return report_of_outcomes(race(), outcomes(race(), RESULTS))


def one_seed() -> RecallReport:
    """One network that has learnt every gap, from one seed."""
    alone = race((Racer("lstm", "chrono"),), 1)
    return report_of_outcomes(alone, outcomes(alone, RESULTS))


def halfway() -> list[Outcome]:
    """The race as it is when it is stopped: the RNN done, one LSTM on its way, the others not begun."""
    found = []
    for one in outcomes(race(), RESULTS):
        label, gap = one.heat.racer.label, one.heat.gap
        if label == "RNN" or (label == "LSTM +0" and gap == 5):
            found.append(one)
        elif label == "LSTM +0" and gap == 10 and one.heat.seed < 2:
            found.append(Outcome(one.heat, RUNNING, (RecallPoint(10, 0.14), RecallPoint(340, 0.62))))
        else:
            found.append(Outcome(one.heat, WAITING))
    return found


def interrupted() -> RecallReport:
    stopped = [Outcome(one.heat, STOPPED, one.points) if one.stage == RUNNING else one for one in halfway()]
    return report_of_outcomes(race(), stopped)
