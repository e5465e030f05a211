"""One gate, or a state, of every unit at every word or step."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_ascii.cells import Cell
from lstm_ascii.errors import UsageError
from lstm_ascii.reports.explain.view import View

STATES = {"c": "cell", "h": "hidden"}


@dataclass(frozen=True)
class GateMap:
    """The values of a gate, a candidate or a state.

    Attributes:
        letter: of the equations.
        name: ``forget``, ``candidate``, ``hidden``, …
        is_gate: whether it is between 0 and 1.
        values: of every unit after every word, in the order of the words, ``(T, H)``.
    """

    letter: str
    name: str
    is_gate: bool
    values: tuple[tuple[float, ...], ...]


def gate_map_of(view: View, wording: str = "") -> GateMap:
    """Return the map of what is named, by name or letter; by default of the first gate, of the RNN of h.

    Raises:
        UsageError: the cell has no such gate.
    """
    names = names_in(view.cell)
    text = wording.strip()
    letter = next((one for one, name in names.items() if text.lower() == name or text == one), "")
    if text and not letter:
        raise UsageError(f"expected {', '.join(names.values())}; the {view.cell.name} has no {text!r}", "gate")
    letter = letter or next(iter(names))
    trace = view.trace
    values = trace.gates[letter][:, 0] if letter in view.cell.gate_names else trace.states[letter][1:, 0]
    is_gate = letter in view.cell.gate_names and letter != view.cell.candidate_letter
    return GateMap(letter, names[letter], is_gate, tuple(map(tuple, view.by_word(values).tolist())))


def names_in(cell: Cell) -> dict[str, str]:
    """Return what there is to map, by its letter: the gates in the order in which they are explained, the states."""
    return dict(cell.gate_names) | {letter: STATES[letter] for letter in cell.state_names[::-1]}
