"""The equations of the recurrent cells, forward and backward, and nothing else (NumPy only)."""

from lstm_ascii.cells.base import Array, Cell, CellGradients, Trace
from lstm_ascii.cells.gru import GRU
from lstm_ascii.cells.lstm import LSTM
from lstm_ascii.cells.rnn import RNN

CELLS: dict[str, type[Cell]] = {cell.name.lower(): cell for cell in (RNN, LSTM, GRU)}


def cell_named(name: str) -> type[Cell]:
    """Return the class of a cell by its name, in small letters or large."""
    return CELLS[name.partition(" ")[0].lower()]


__all__ = ["CELLS", "GRU", "LSTM", "RNN", "Array", "Cell", "CellGradients", "Trace", "cell_named"]
