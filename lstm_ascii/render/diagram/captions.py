"""Sentences, notes and tables about a cell's values that several pictures share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lstm_ascii.render.cells import CANDIDATES, CellValues, beyond_the_drawing
from lstm_ascii.render.figures import counted, number
from lstm_ascii.render.layout import rows_to_show
from lstm_ascii.render.parts import Power, Table
from lstm_ascii.reports.diagram.report import CellAtWord, DiagramReport

MANY = 40  # words that are read out one by one
NAMES = {
    "f": "forget gate f_t",
    "i": "input gate i_t",
    "g": "candidate g_t",
    "o": "output gate o_t",
    "z": "update gate z_t",
    "r": "reset gate r_t",
    "n": "candidate n_t",
    "c'": "memory before C_t-1",
    "c": "memory C_t",
    "h'": "state before h_t-1",
    "h": "state h_t",
}


def values_of(report: DiagramReport, cell: str) -> CellValues:
    """Return a network's values at the word."""
    network = report.cell(cell)
    if network is None or report.word is None:
        return CellValues()
    return CellValues(network.values, report.words[report.word - 1], report.unit is not None)


def figures_of(report: DiagramReport, cell: str) -> str:
    """Say what a cell has beyond the drawing and, with a sentence, what the figures in it are."""
    network = report.cell(cell)
    if network is None:
        return ""
    special = beyond_the_drawing(cell, network.special)
    if not network.values:
        return special
    gates = "Gates: means" if set("fz") & set(network.values) else "Figures: means"
    figures = (
        f"Figures: unit {report.unit} of the {cell}." if report.unit is not None else
        f"{gates} over {counted(network.hidden_size, 'unit')}; |x|: means of absolute values."
    )  # fmt: skip
    return f"{figures} {special}".rstrip()


def size_of(cell: CellAtWord, layers: str) -> str:
    """Say how large a cell is."""
    return (
        f"This one has {counted(cell.hidden_size, 'unit')}, fed by {counted(cell.input_size, 'number')} a word: "
        f"{cell.blocks} layers of their own ({layers}), {cell.parameters:,} weights and biases."
    )


def gates_at_word(report: DiagramReport, cell: str, letters: Mapping[str, str]) -> str:
    """Say how far the gates are open at the word; nothing without a sentence."""
    at_word = values_of(report, cell)
    if not at_word.values:
        return ""
    gates = (f"{name} {number(at_word.values[letter])}" for letter, name in letters.items() if letter not in CANDIDATES)
    return f"At “{at_word.word}” (word {report.word}): {', '.join(gates)}."


def change_of(report: DiagramReport, cell: str, state: str, letter: str) -> str:
    """Say how the word changed a state; nothing without a sentence."""
    at_word = values_of(report, cell)
    if not at_word.values:
        return ""
    name = letter if at_word.one_unit else f"|{letter}|"
    before, after = (number(at_word.values[key]) for key in (f"{state}'", state))
    return f"{name} goes from {before} to {after}." if before != after else f"{name} stays at {after}."


def values_table(report: DiagramReport, cell: str) -> tuple[Table, ...]:
    """Return the values at the word as a table; none without a sentence."""
    network = report.cell(cell)
    if network is None or not network.values or report.word is None:
        return ()
    rows = tuple((name, network.values[key]) for key, name in NAMES.items() if key in network.values)
    of = (
        f"unit {report.unit}"
        if report.unit is not None
        else f"means of absolute values over {counted(network.hidden_size, 'unit')}"
    )
    return (Table(f"{cell} at word {report.word}, {report.words[report.word - 1]}, {of}", ("part", "value"), rows),)


def value_at(logarithms: Sequence[float | None], place: int) -> Power | None:
    """Return the figure at ``place`` of a column that may end before; ``None`` there."""
    return Power(logarithms[place]) if place < len(logarithms) else None


def read_out(words: Sequence[str], important: Sequence[int] = ()) -> tuple[int, ...] | None:
    """Return which words of a table are read out: the head, the tail and what matters; ``None`` for all."""
    if len(words) <= MANY:
        return None
    return tuple(row for row in rows_to_show(len(words), MANY, important) if row is not None)
