"""A report of a forecaster on a series, written by hand: a pulse of the pressure comes back, the flow does nothing."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.explain.answers import Answered, StepAnswer, Valued
from lstm_ascii.reports.explain.decision import Split
from lstm_ascii.reports.explain.gate_map import GateMap
from lstm_ascii.reports.explain.influence import Baseline, Cause, Influence
from lstm_ascii.reports.explain.passes import Gradient
from lstm_ascii.reports.explain.report import ExplainReport
from lstm_ascii.reports.explain.verdict import verdict_of, why_of
from tests.explain import by_hand

STEPS, PULSE = 48, 29  # the step whose pulse comes back at the one that follows
WORDS = tuple(f"{n // 6:02}:{n % 6}0" for n in range(STEPS))
FEATURES = ("pressure", "flow")
PRESSURE = tuple({9: -0.43, PULSE: 1.23}.get(n, 0.04 * (-1) ** n) for n in range(1, STEPS + 1))
FLOW = tuple(0.5 * ((n * 7) % 11 - 5) / 5 for n in range(STEPS))
CHANGES = {9: -0.21, PULSE: -1.02, 47: 0.04}  # of the answer, where the pressure is replaced
SLOPES = {9: 0.07, PULSE: 0.97, 47: -0.05}
ANSWER = 1.0


def influence(stretch: int = 1) -> Influence:
    """Return what replacing does, ``stretch`` steps at a time."""
    places = [range(first, first + stretch) for first in range(1, STEPS + 1, stretch)]
    replaced = tuple((sum(CHANGES.get(n, 0.0) for n in place), 0.001) for place in places)
    baseline = Baseline("mean", ((0.016, 0.0),) * STEPS)
    first = 1 + (PULSE - 1) // stretch * stretch
    strongest = Cause(first, first + stretch - 1, 0, CHANGES[PULSE], False, SLOPES[PULSE])
    return Influence(baseline=baseline, answer=ANSWER, stretch=stretch, replaced=replaced,
                     steps=tuple(line[0] + 0.002 for line in replaced), features=(-1.01, 0.0005), everything=-1.01,
                     gradients=tuple((SLOPES.get(n, 0.0), 0.0) for n in range(1, STEPS + 1)), points=64, gap=1.7e-6,
                     least=0.05, is_choice=False, strongest=strongest,
                     steepest=Cause(PULSE, PULSE, 0, CHANGES[PULSE], False, SLOPES[PULSE]))  # fmt: skip


def report(found: Influence | None = None) -> ExplainReport:
    """Return the report; of an LSTM with three units."""
    one = by_hand.report(("LSTM",))
    steps = tuple(
        replace(one.main.steps[n % 8], number=n + 1, word=WORDS[n], read_as=WORDS[n], known=True, holds=None,
                gradient=Gradient(-0.01 * (STEPS - n), -0.02 * (STEPS - n), -0.02 * (STEPS - n)), next_words=(),
                pair=None)
        for n in range(STEPS)
    )  # fmt: skip
    said = [0.02] * (PULSE - 1) + [ANSWER * (n + 1) / (STEPS - PULSE + 1) for n in range(STEPS - PULSE + 1)]
    answer = Answered("values", "last", "linear", 0, (Valued("pressure", ANSWER),), "pressure", "", ANSWER, STEPS,
                      tuple(StepAnswer(n, "", value) for n, value in enumerate(said, 1)), ())  # fmt: skip
    forget = tuple((0.95, 0.05 if n == PULSE else 0.5, 0.4 + n / 100) for n in range(1, STEPS + 1))
    held = tuple({PULSE: -0.02, 9: 0.001}.get(n, 0.0) for n in range(1, STEPS + 1))
    main = replace(
        one.main, source="echo.onnx", choice=None, no_choice="the network answers with a number", steps=steps, swaps=(),
        carrier=None, split=Split(held, 0.9, 0.119), unit=None, carousel_unit=None, writings=(), inside_unit=None,
        memory=one.main.memory * 6, answer=answer, influence=found or influence(),
        gate_map=GateMap("f", "forget", True, forget), verdict=verdict_of(None, (), steps, STEPS),
        why=why_of(steps[0].gradient, STEPS - 1),
    )  # fmt: skip
    values = tuple(zip(PRESSURE, FLOW, strict=True))
    return replace(one, sentence=" ".join(WORDS), words=WORDS, focus=PULSE, focus_reason="it counts most in the answer",
                   networks=(main,), read="vectors", features=FEATURES, values=values)  # fmt: skip
