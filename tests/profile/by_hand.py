"""A report of ``profile`` written by hand."""

from __future__ import annotations

from lstm_ascii.reports.profile.report import (
    Chosen,
    Followed,
    HighPlace,
    LayerProfile,
    ProfileReport,
    Spread,
    UnitProfile,
)

UP = tuple(n / 136 for n in range(1, 17))
NUMBER = Followed("number", "the number of the subject", -0.8123, True)
DEPTH = Followed("brackets", "inside brackets", 0.31, True)
CHANCE = Followed("position", "the position in the line", 0.02, False)


def unit(number: int, gated: bool = True, dead: bool = False) -> UnitProfile:
    """Return a unit."""
    gate = Spread(0.75, 0.2, 0.01, 0.999, (0.1, 0.6, 0.8, 0.9, 0.98))
    words = ("The", "keys", "to", "the", "cabinet", "are", "on", "the", "table", ".")
    return UnitProfile(
        number,
        Spread(0.25 - number, 1.0, -2.0, 12.5, (-1.2, -0.5, 0.1, 0.6, 1.9)),
        dict.fromkeys(("keep", "add", "show"), gate) if gated else {},
        UP[number:] + UP[:number],
        (2.5, None, 1234.5)[number % 3] if gated else None,
        (NUMBER, DEPTH, CHANCE) if number % 2 == 0 else (CHANCE,),
        (HighPlace(12.5, "corpus.txt", words, 5), HighPlace(-0.5, "corpus.txt", ("Why", "?"), 0)) if not dead else (),
        dead,
        (0, 0.995) if number else (3, -0.31),
    )


def report() -> ProfileReport:
    """Return the report of a network of two layers."""
    gated = tuple(unit(number, dead=number == 3) for number in range(4))
    layers = (
        LayerProfile("layer 1", "LSTM", gated, (3,), ((0, 2, 0.9991), (0, 1, -0.995)), 2, 2.5,
                     (Chosen(0, ("number", "shortest memory")), Chosen(2, ("longest memory",)))),
        LayerProfile("layer 2", "RNN", tuple(unit(number, gated=False) for number in range(2)), (), (), None, None,
                     (Chosen(1, ("largest spread",)),)),
    )  # fmt: skip
    return ProfileReport(1, "models/big.safetensors", "big.safetensors; tanh assumed", "novels/a.txt and 11 more", 12,
                         123_456_789, 2_345_678, 23_456_789, 345_678, 9, layers,
                         {"dead": 1e-3, "twins": 0.99, "follows": 0.3})  # fmt: skip
