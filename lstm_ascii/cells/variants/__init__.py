"""What other frameworks' checkpoints ask of the cells beyond the plain equations.

These cells favour clarity over speed; :meth:`Cell.simplest` gives the fast one where nothing is special.
"""

from lstm_ascii.cells.activations import SIGMOID, TANH, Activation, ActivationError
from lstm_ascii.cells.base import Cell
from lstm_ascii.cells.variants.gru import GeneralGRU
from lstm_ascii.cells.variants.lstm import GeneralLSTM
from lstm_ascii.cells.variants.rnn import GeneralRNN

GENERAL: dict[str, type[Cell]] = {cell.name: cell for cell in (GeneralLSTM, GeneralGRU, GeneralRNN)}

__all__ = ["GENERAL", "SIGMOID", "TANH", "Activation", "ActivationError", "GeneralGRU", "GeneralLSTM", "GeneralRNN"]
