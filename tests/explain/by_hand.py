"""A report written by hand: its pictures depend on no network and no BLAS."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.explain.decision import Carrier, Choice, Prediction, Split
from lstm_ascii.reports.explain.painted import Painted
from lstm_ascii.reports.explain.passes import Gates, Gradient, Holding, Inside, Share, Step, Unit, UnitStep
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from lstm_ascii.reports.explain.swaps import Swap
from lstm_ascii.reports.explain.verdict import verdict_of, why_of
from lstm_ascii.reports.explain.view import Where
from lstm_ascii.reports.explain.writings import Writing

WORDS = ("The", "cat", "near", "the", "doors", "was", "hungry", ".")
KEEPS = (0.12, 0.9, 0.97, 0.98, 0.95, 0.4, 0.85, 0.0)
ADDS = (0.02, 0.63, 0.1, 0.05, 0.21, 0.3, 0.12, 0.5)
SHOWS = (0.3, 0.8, 0.55, 0.5, 0.995, 0.62, 0.7, 0.25)
CLEARS = (2, 0, 0, 0, 0, 1, 0, 3)
WRITES = (0, 2, 0, 0, 1, 1, 0, 0)
HOLDS = (0, 1, 3, 3, 2, 0, 1, 0)
WROTE = (0.2, 9.95, 1.1, 0.4, 2.25, 3.0, 1.2, 12.3)
WIPED = (0.0, 0.5, 0.3, 0.2, 0.4, 7.75, 1.0, 11.9)
VALUES = (0.0, 1.0, 0.98, 0.97, 0.93, 0.02, -0.04, 0.0)
SHARES = (
    ((1, 1.0),),
    ((2, 0.98), (1, 0.02)),
    ((2, 0.7), (3, 0.29), (1, 0.01)),
    ((2, 0.65), (3, 0.25), (4, 0.1)),
    ((2, 0.5), (5, 0.31), (3, 0.15), (4, 0.04)),
    ((6, 0.6), (5, 0.2), (2, 0.12), (3, 0.08)),
    ((6, 0.45), (7, 0.4), (2, 0.1), (5, 0.05)),
    ((8, 0.995), (7, 0.004)),
)
SENTENCE_CHOICE = {"after": 5, "right": "was", "wrong": "were", "kind": "next word"}


def report(cells: tuple[str, ...] = ("RNN", "LSTM", "GRU")) -> ExplainReport:
    """Return the report of a sentence with one attractor."""
    networks = tuple(_network(cell) for cell in cells)
    return ExplainReport(1, " ".join(WORDS), WORDS, 2, "it decides the choice", networks)


def lower_layer() -> ExplainReport:
    """Return the report of the first layer of a large network with a vocabulary of its own."""
    one = report(("LSTM",))
    main = one.main
    assert main.carrier is not None
    swaps = (*main.swaps[:2], replace(main.swaps[2], tried=4, among="neighbours"), main.swaps[3])
    steps = tuple(
        step if step.known else replace(step, read_as="<unk>", next_words=(Prediction("Ġcat", 0.002), *step.next_words))
        for step in main.steps
    )
    large = replace(
        main, hidden_size=1300, source="lm.safetensors", where=Where(1, 2), special=("projection to 3", "peepholes"),
        choice=replace(main.asked, probability_right=3.4e-4, probability_wrong=6e-6), steps=steps, swaps=swaps,
        carrier=replace(main.carrier, patched=32), split=None, paths_within=0.05, paths_rows=48,
        memory=tuple(
            tuple(value * ((7 * unit) % 13 - 6) / 6 for unit in range(1300)) for value in VALUES
        ),
    )  # fmt: skip
    return replace(one, networks=(large,))


def backward() -> ExplainReport:
    """Return the report of a layer that reads both ways, looked into backward: it has no choice."""
    one = report(("GRU",))
    count = len(one.words)
    reversed_steps = tuple(
        replace(
            step,
            number=count + 1 - step.number,
            word=one.words[count - step.number],
            holds=step.holds and replace(
                step.holds, words=tuple(Share(count + 1 - share.word, share.share) for share in step.holds.words)
            ),
            gradient=Gradient(-0.2 * (count - step.number), -0.1 * (count - step.number), -0.3 * (count - step.number)),
            next_words=(),
            pair=None,
        )
        for step in one.main.steps
    )[::-1]  # fmt: skip
    both = replace(
        one.main, where=Where(2, 2, "backward", 2), source="encoder.onnx", choice=None,
        no_choice="the network also reads from the end, so it has seen the word that comes next", steps=reversed_steps,
        swaps=(), carrier=None, split=None, unit=None, carousel_unit=None, memory=one.main.memory[::-1],
        verdict=verdict_of(None, (), reversed_steps, count), why=why_of(reversed_steps[-1].gradient, count - 1),
        inside_unit=None,
        writings=(),
    )  # fmt: skip
    return replace(one, focus=7, focus_reason="where most happens", networks=(both,))


def _network(cell: str) -> NetworkPass:
    """Return one network's pass: the RNN is wrong, the others are right."""
    gated = cell != "RNN"
    probabilities = (0.34, 0.004, 4.4) if gated else (0.11, 0.15, -0.3)
    choice = Choice(**SENTENCE_CHOICE, probability_right=probabilities[0], probability_wrong=probabilities[1],
                    log_odds=probabilities[2])  # fmt: skip
    swaps = (
        Swap(1, "", 7, 0.04, False),
        Swap(2, "cats", 1, -9.5 if gated else -0.25, gated),
        Swap(3, "", 12, 0.2, False),
        Swap(5, "door", 1, 0.1 if gated else 3.5, not gated),
    )
    with_cats = (0.0, -0.9, -0.9, -0.88, -0.91, 0.0, 0.03, 0.0)
    carrier = Carrier(1, 2, "cats", 4, -7.6, -9.5, 0.8, with_cats, 3, SHOWS, False) if gated else None
    steps = tuple(_step(number, gated) for number in range(1, len(WORDS) + 1))
    return NetworkPass(
        cell=cell,
        hidden_size=3,
        source="written by hand",
        where=Where(),
        special=(),
        no_choice="",
        choice=choice,
        steps=steps,
        inside=Inside(2, _inside(cell)),
        swaps=swaps,
        carrier=carrier,
        split=Split((0.05, 3.1, 0.4, -0.15, 0.6), 0.3, 0.1) if gated else None,
        unit=_unit() if gated else None,
        carousel_unit=1 if gated else None,
        memory=tuple((value / 3, value, -value / 6) for value in VALUES),
        paths_within=0.0,
        paths_rows=0,
        verdict=verdict_of(choice, swaps, steps, 2),
        why=why_of(steps[1].gradient, 3),
        inside_unit=Inside(2, _inside_unit(cell)) if gated else None,
        writings=_writings(cell) if gated else (),
        painted=_painted("c" if gated else "h"),
    )


def _painted(letter: str) -> Painted:
    """Return the words painted by a unit; they are too few to say more."""
    name = {"c": "cell", "h": "hidden"}[letter]
    return Painted(1, False, letter, name, False, False, WORDS, VALUES, (), (), 2, 4, (), 0)


def _step(number: int, gated: bool) -> Step:
    """Return what one word did."""
    n = number - 1
    back = 5 - number
    gradient = Gradient(-0.02 * back, -0.01 * back, -0.05 * back) if gated else Gradient(-0.9 * back, -0.8 * back, None)
    holding = Holding(tuple(Share(*share) for share in SHARES[n]), 0.001 if number == 8 else 0.0, 0.5 / number)
    verb = WORDS[number] if number < len(WORDS) else ""
    return Step(
        number=number,
        word=WORDS[n],
        read_as=WORDS[n].lower() if number != 5 else "‹unknown-s›",
        known=number != 5,
        state_size=2.5 + 0.1 * number,
        gates=Gates(KEEPS[n], ADDS[n], SHOWS[n], CLEARS[n], WRITES[n], HOLDS[n]) if gated else None,
        written=WROTE[n],
        wiped=WIPED[n] if gated else None,
        holds=holding if gated else None,
        gradient=gradient if number <= 5 else None,
        next_words=(Prediction("that", 0.41), Prediction("was", 0.13), Prediction("is", 0.084)),
        pair=(Prediction("was", 0.34), Prediction("were", 0.004)) if verb == "was" else None,
    )


def _unit() -> Unit:
    """Return the number unit: cleared, written, held, cleared."""
    gates = zip(VALUES, KEEPS, ADDS, SHOWS, strict=True)
    return Unit(1, 12.5, tuple(UnitStep(*values) for values in gates))


def _writings(cell: str) -> tuple[Writing, ...]:
    """Return what became of two words' writing: halved by each later word; half of it shown."""
    return tuple(
        Writing(
            word,
            tuple(None if n < word else 0.5 ** (n - word) for n in range(1, len(WORDS) + 1)),
            tuple(None if n < word or cell == "GRU" else SHOWS[n - 1] / 2 for n in range(1, len(WORDS) + 1)),
        )
        for word in (2, 5)
    )


def _inside_unit(cell: str) -> dict[str, float]:
    """Return the values of the followed unit at "cat": c = f c' + i g, h = o tanh c; h = z h' + (1 - z) n."""
    if cell == "LSTM":
        return {"f": 0.9, "i": 0.63, "g": 0.98, "o": 0.8, "c'": 0.43, "c": 1.0, "h'": 0.0, "h": 0.61}
    return {"z": 0.9, "r": 0.8, "n": 0.99, "h'": 0.9, "h": 0.91}


def _inside(cell: str) -> dict[str, float]:
    """Return the values of the cell at "cat"."""
    values = {"h": 0.55, "h'": 0.21, "x": 0.9}
    if cell == "LSTM":
        values |= {"f": 0.96, "i": 0.06, "g": 0.9, "o": 0.79, "c": 1.2, "c'": 1.1}
    if cell == "GRU":
        values |= {"z": 0.53, "r": 0.5, "n": 0.45}
    return values
