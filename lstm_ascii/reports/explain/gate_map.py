"""One gate, or a state, of every unit at every word or step."""

from __future__ import annotations

from lstm_ascii.cells import Array, Cell
from lstm_ascii.errors import UsageError
from lstm_ascii.records import dataclass
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
    letter, name = named_in(view.cell, wording) or next(iter(names_in(view.cell).items()))
    return GateMap(letter, name, is_gate(view.cell, letter), tuple(map(tuple, values_of(view, letter).tolist())))


def named_in(cell: Cell, wording: str) -> tuple[str, str] | None:
    """Return the letter and the name of a gate or a state that is named by either; ``None`` where none is named.

    Raises:
        UsageError: the cell has no such gate.
    """
    text, names = wording.strip(), names_in(cell)
    if not text:
        return None
    for letter, name in names.items():
        if text.lower() == name or text == letter:
            return letter, name
    raise UsageError(f"expected {', '.join(names.values())}; the {cell.name} has no {text!r}", "gate")


def is_gate(cell: Cell, letter: str) -> bool:
    """Tell whether it is between 0 and 1."""
    return letter in cell.gate_names and letter != cell.candidate_letter


def values_of(view: View, letter: str) -> Array:
    """Return a gate or state of every unit after every word, in the order of the words, ``(T, H)``."""
    trace, is_state = view.trace, letter not in view.cell.gate_names
    return view.by_word(trace.states[letter][1:, 0] if is_state else trace.gates[letter][:, 0])


def names_in(cell: Cell) -> dict[str, str]:
    """Return what there is to map, by its letter: the gates in the order in which they are explained, the states."""
    return dict(cell.gate_names) | {letter: STATES[letter] for letter in cell.state_names[::-1]}
