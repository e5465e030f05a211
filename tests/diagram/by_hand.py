"""Reports written by hand: pictures don't depend on networks."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.diagram.pictures import PICTURES
from lstm_ascii.reports.diagram.report import (
    BY_UNIT,
    ROUNDS,
    CellAtWord,
    DiagramReport,
    Loop,
    Track,
    Training,
    UnitAtWord,
)
from lstm_ascii.reports.explain.decision import Choice

WORDS = ("The", "cat", "that", "chased", "the", "mice", "was", "hungry", ".")
AFTER = 6  # the choice is made after "mice"
VALUES = {
    "LSTM": {"i": 0.17, "f": 0.88, "g": 0.38, "o": 0.77, "h'": 0.21, "h": 0.54, "c'": 1.19, "c": 1.29, "x": 0.3},
    "GRU": {"r": 0.52, "z": 0.29, "n": 0.79, "h'": 0.87, "h": 0.78, "x": 0.3},
    "RNN": {"h'": 0.89, "h": 0.94, "x": 0.3},
}
KEEP = (0.0, 0.91, 0.72, 1.0, 0.96, 1.0, 1.0, 0.52, 0.06)
ERRORS = {
    "LSTM": (-0.4, -0.39, -0.34, -0.35, -0.25, 0.0),
    "GRU": (-1.06, -0.63, -0.57, -0.1, -0.13, 0.0),
    "RNN": (-3.5, -2.9, -2.1, -1.4, -0.7, 0.0),
}
BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}


def cell(name: str, live: bool) -> CellAtWord:
    """Return a cell of 32 units."""
    size = BLOCKS[name] * 32 * 66
    return CellAtWord(
        name, 32, 32, BLOCKS[name], size, "trained on agreement English", (), VALUES[name] if live else {}
    )


def track(name: str) -> Track:
    """Return a network along the words; one unit of the LSTM and the GRU."""
    if name == "RNN":
        return Track(name, None, (0.89, 0.94, 0.87, 0.94, 0.87, 0.93, 0.96, 0.9, 1.0), None, None, None, ERRORS[name])
    state = (0.01, 0.76, 1.06, 1.23, 1.18, 1.21, 1.21, 0.63, -0.04)
    carousel = (-0.2, -0.16, -0.02, -0.02, 0.0, 0.0)
    message = (None, 0.0, -0.14, -0.14, -0.16, -0.16, -0.16, -0.44, -1.67)
    return Track(name, 29, state, KEEP, carousel, message, ERRORS[name])


def unit(index: int) -> UnitAtWord:
    """Return one unit's step; unit 29 is the one to look at."""
    f, before, i, g = 0.91 - index / 100, 0.5 - index / 20, index / 40, (-1) ** index * 0.9
    kept, written = f * before, i * g
    values = {"f": f, "c'": before, "i": i, "g": g, "o": 0.77, "kept": kept, "written": written, "c": kept + written}
    return UnitAtWord(index, index == 29, values)


def report(name: str, live: bool = True, **changes: object) -> DiagramReport:
    """Return the report of a picture, with a sentence or with letters only."""
    cells, by_word = tuple(one.upper() for one in PICTURES[name].cells), PICTURES[name].by_word and live
    training = Training(32, 48, 11_000, 0.02, 0.005, 100, 1.0, 1639, 115_047, *((3.72, 1.33) if live else (None, None)))
    made = DiagramReport(
        schema_version=1,
        name=name,
        sentence=" ".join(WORDS) if live else "",
        words=WORDS if live else (),
        word=2 if by_word else None,
        reason="it decides the choice" if by_word else "",
        unit=None,
        cells=tuple(cell(one, by_word) for one in cells),
        tracks=tuple(map(track, cells)) if by_word else (),
        choice=Choice(AFTER, "was", "were", "next word", 0.34, 0.002, 5.1) if by_word else None,
        error_after=AFTER if by_word else None,
        loops=tuple(Loop(f, tuple(f**n for n in ROUNDS)) for f in (1.0, 0.9)) if name == "carousel" else (),
        training=training if name == "training" else None,
        units=tuple(map(unit, (0, 1, 2, 29, 31))) if by_word and name in BY_UNIT else (),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
