"""Reports written by hand for the page to show: a case a thing that it must say."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.explain.decision import Carrier, Choice
from lstm_ascii.reports.explain.passes import Gates, Gradient, Inside, Step, Unit, UnitStep
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from lstm_ascii.reports.explain.swaps import Swap
from lstm_ascii.reports.explain.verdict import verdict_of, why_of
from lstm_ascii.reports.explain.view import Where

SEED = "The cat that chased the mice that ate the cheeses that sat on the tables was hungry .".split()  # noqa: SIM905
LONG = [*SEED[:15], *["that", "stood", "near", "the", "doors"] * 8, *SEED[15:]]  # 58 words
KEEP, VALUE = 0.96875, 1.5  # of the unit while it holds


def report(
    words: list[str] = SEED,
    rnn: tuple[str, int, float | None] = ("were", 15, -4.0),
    lstm: tuple[str, int, float | None] = ("was", 2, -0.625),
    gru: tuple[str, int, float | None] = ("was", 2, -0.25),
) -> ExplainReport:
    """Return the report of a sentence whose second word is the subject and whose last but two is the verb.

    Args:
        words: of it.
        rnn, lstm, gru: what a network says, the number of the word that decides, and log10 of the error at the subject.
    """
    made = tuple(_network(cell, tuple(words), *spec) for cell, spec in (("RNN", rnn), ("LSTM", lstm), ("GRU", gru)))
    return ExplainReport(1, " ".join(words), tuple(words), made[1].verdict.at, "it decides the choice", made)


def with_lstm(one: ExplainReport, **changes: object) -> ExplainReport:
    """Return a report with the LSTM changed."""
    networks = (replace(network, **changes) if network.cell == "LSTM" else network for network in one.networks)
    return replace(one, networks=tuple(networks))


def parted() -> ExplainReport:
    """The RNN lets the last noun decide and is wrong; the others remember the subject."""
    return report()


def wrong_reason() -> ExplainReport:
    """The RNN says the sentence's word, but the last noun decides it."""
    return report(rnn=("was", 15, -4.0))


def right_though_gone() -> ExplainReport:
    """The subject decides in the RNN, though almost no error reaches it."""
    return report(rnn=("was", 2, -4.0))


def grown() -> ExplainReport:
    """In the GRU the error grew 74.8-fold on its way."""
    return report(rnn=("was", 2, -0.5), gru=("was", 2, 1.874))


def too_short() -> ExplainReport:
    """Few words lie between, and the error reaches the subject in all."""
    return report(["The", "cat", "near", "the", "mice", "was", "hungry", "."], *[("was", 2, -0.5)] * 3)


def right_before() -> ExplainReport:
    """The subject stands right before the verb."""
    return report(["The", "cat", "was", "hungry", "."], *[("was", 2, 0.0)] * 3)


def no_single_unit() -> ExplainReport:
    """The unit that does most does a fifth of what the swap does."""
    one = report()
    assert one.main.carrier
    return with_lstm(one, carrier=replace(one.main.carrier, change=-1.75, share=0.2))


def by_gate() -> ExplainReport:
    """The unit's value is the same with the word swapped; its output gate is not."""
    one = report()
    carrier = one.main.carrier
    assert carrier
    assert one.main.unit
    values = tuple(step.value for step in one.main.unit.steps)
    shows = tuple(0.0 for _ in values)
    return with_lstm(one, carrier=replace(carrier, values=values, shows=shows, by_gate=True))


def no_number() -> ExplainReport:
    """Nobody asks for a number: a full stop against an exclamation mark."""
    one = report()
    choice = replace(one.main.asked, right=".", wrong="!", kind="asked")
    return with_lstm(one, choice=choice)


def long() -> ExplainReport:
    """58 words, of which a page shows those that tell something."""
    return report(LONG)


def _network(cell: str, words: tuple[str, ...], says: str, decided_by: int, error: float | None) -> NetworkPass:
    """Return one network's pass."""
    after, gated = len(words) - 3, cell != "RNN"
    log_odds = 3.5 if says == "was" else -1.25
    choice = Choice(after, "was", "were", "next word", 0.25, 0.125, log_odds)
    last = -7.5 if log_odds > 0 else 3.5  # what turns the choice
    swaps = tuple(
        Swap(word, twin, 1, change, word == decided_by)
        for word, twin, change in (
            (2, "cats", -8.75 if decided_by == 2 else -0.25), (after, "table", last if decided_by == after else 0.25)
        )
        if twin == "cats" or after > 2
    )  # fmt: skip
    steps = tuple(_step(number, words, error, gated) for number in range(1, len(words) + 1))
    unit = (
        Unit(3, 22.5, tuple(_unit_step(number, words, 1.0) for number in range(1, len(words) + 1))) if gated else None
    )
    swapped = tuple(_unit_step(number, words, -1.0).value for number in range(1, len(words) + 1))
    shows = tuple(0.9 for _ in words)
    carrier = Carrier(3, 2, "cats", (3 + after) // 2, -7.5, -8.75, 0.857, swapped, 32, shows, False) if gated else None
    return NetworkPass(
        cell=cell,
        hidden_size=32,
        source="written by hand",
        where=Where(),
        special=(),
        choice=choice,
        no_choice="",
        steps=steps,
        inside=Inside(2, {"h": 0.5, "h'": 0.25, "x": 1.0}),
        swaps=swaps,
        carrier=carrier,
        split=None,
        unit=unit,
        carousel_unit=3 if gated else None,
        memory=tuple((0.5,) * 32 for _ in words),
        paths_within=0.0,
        paths_rows=0,
        verdict=verdict_of(choice, swaps, steps, 2),
        why=why_of(steps[1].gradient, after - 2),
        inside_unit=Inside(2, _inside(cell)) if gated else None,
        writings=(),
    )


def _inside(cell: str) -> dict[str, float]:
    """Return the values of the unit at the subject."""
    if cell == "LSTM":
        return {"f": 0.0, "i": 0.9375, "g": 1.0, "o": 0.875, "c'": 0.25, "c": 0.9375, "h'": 0.0, "h": 0.643}
    return {"z": 0.0625, "r": 0.5, "n": 1.0, "h'": 0.0, "h": 0.9375}


def _step(number: int, words: tuple[str, ...], error: float | None, gated: bool) -> Step:
    """Return what one word did; the error falls by as much at each."""
    after = len(words) - 3
    back = after - number
    share = back / max(1, after - 2)
    gradient = None if back < 0 else Gradient(
        None if error is None and back else (error or 0.0) * share, -0.01 * back, back * -0.0138 if gated else None
    )  # fmt: skip
    gates = Gates(0.875, 0.125, 0.5, number % 3, 2, 20 + number % 4) if gated else None
    return Step(
        number=number, word=words[number - 1], read_as=words[number - 1].lower(), known=True, state_size=2.0,
        gates=gates, written=1.5 if number in (2, after + 1) else 0.25, wiped=0.5 if gated else None, holds=None,
        gradient=gradient, next_words=(), pair=None,
    )  # fmt: skip


def _unit_step(number: int, words: tuple[str, ...], sign: float) -> UnitStep:
    """Return the unit: cleared at first, written at the subject, held, cleared at the end."""
    if number in (1, len(words)):
        return UnitStep(0.0, 0.0, 0.0, 0.125)
    if number == 2:
        return UnitStep(sign * 0.9375, 0.0, 0.9375, 0.875)
    return UnitStep(sign * VALUE, KEEP, 0.03125, 0.96875)


def plural() -> ExplainReport:
    """The sentence with another subject, and two words shorter: for the page of two sentences."""
    one = report([*SEED[:1], "cats", *SEED[2:10], "were", *SEED[16:]], *[("were", 2, -0.5)] * 3)
    negative = tuple(tuple(-value for value in values) for values in one.main.memory)
    return with_lstm(one, memory=negative)


CASES = {
    case.__name__: case()
    for case in (parted, wrong_reason, right_though_gone, grown, too_short, right_before, no_single_unit, by_gate,
                 no_number, long)
}  # fmt: skip
