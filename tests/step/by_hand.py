"""Reports of a walk written by hand, and a walk that gives them: screens of it depend on no network and no BLAS."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.explain.passes import Inside, Unit, UnitStep
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.step.position import BACK, CELL, UNITS, Bounds, Position
from lstm_ascii.reports.step.report import RankedUnit, StepReport, Twin, UnitError
from lstm_ascii.reports.step.walk import Walk
from tests.explain import by_hand as explain

WORDS = explain.WORDS
SENTENCE = " ".join(WORDS)
SHARES = (0.5, 0.96, 0.9, 0.85, 0.93, 0.4, 0.5, 0.5)
ERRORS = (-0.66, -0.5, 0.4, 3e-5, 0.125, 0.0, 0.0, 0.0)
NAMES = ("rnn", "lstm", "gru")


def report(at: int = 2, network: str = "LSTM", view: str = CELL, twin: bool = False) -> StepReport:
    """Return what is seen at a word of a sentence with one attractor."""
    explained = replace(explain.report(), focus=at, focus_reason="your place")
    networks = tuple(_followed(one, at) for one in explained.networks)
    negative, others = tuple(-value for value in explain.VALUES), tuple(1 - share for share in SHARES)
    swapped = Twin(2, "cats", (negative,) * 3, ((), explain.SHOWS[::-1], explain.SHOWS), (others,) * 3)
    letters = explain._inside_unit(network) if network != "RNN" else {}
    gates = {letter: 0.25 for letter in letters if letter in "figozrn"}
    return StepReport(
        1, replace(explained, networks=networks), at, network, view, (SHARES,) * 3, swapped if twin else None,
        tuple(RankedUnit(unit, change, 0.5) for unit, change in ((1, -7.5), (0, 2.25), (2, -0.01)))
        if view == UNITS else (), True,
        tuple(UnitError(error, 1.25 * error, gates) for error in ERRORS) if view == BACK else (),
    )  # fmt: skip


def _followed(one: NetworkPass, at: int) -> NetworkPass:
    """Let a unit be followed in every network."""
    if one.unit is not None:
        return one
    steps = tuple(UnitStep(value, None, None, None) for value in explain.VALUES)
    return replace(one, unit=Unit(1, None, steps), carousel_unit=1, inside_unit=Inside(at, {"h'": 0.5, "h": 0.75}))


class WalkByHand(Walk):
    """Shows reports written by hand, at whatever word of whatever network."""

    def report(self, position: Position) -> StepReport:
        """Return what is seen."""
        return report(position.at, position.network.upper() or "LSTM", position.view, bool(position.swapped))

    def bounds(self, position: Position) -> Bounds:
        """Return how far one can go."""
        ranked = (1, 0, 2) if position.view == UNITS else ()
        unit = 1 if position.unit is None else position.unit
        return Bounds(
            len(WORDS), NAMES, position.network or "lstm", 3, unit, 1, 1, 1, ("forward",), "forward", 5, ranked
        )

    def words(self, position: Position) -> tuple[str, ...]:
        """Return what is read."""
        return WORDS
