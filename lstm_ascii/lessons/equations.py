"""The equations of the cells and of their gradients, in the paper's letters, as data.

``C_t-1`` is the cell state after the word before; ``⊙`` multiplies element by element. W weighs the word, U the
state, b is a bias, one of each for every gate. Only such signs are used as mean the same in pure ASCII.
"""

from __future__ import annotations

from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Equation:
    """One equation.

    Attributes:
        name: of what it gives, as ``forget gate``.
        left, right: of the sign of equality.
        says: what it means, as a clause.
    """

    name: str
    left: str
    right: str
    says: str

    def __str__(self) -> str:
        """Write it in one line."""
        return f"{self.left} = {self.right}"


def _gate(name: str, letter: str, says: str) -> Equation:
    """Return the equation of a gate: a layer of its own, squashed to 0…1."""
    return Equation(name, f"{letter}_t", f"σ(W_{letter} x_t + U_{letter} h_t-1 + b_{letter})", says)


@dataclass(frozen=True)
class Notation:
    """What is written one way here and another way elsewhere.

    Attributes:
        ours, theirs: the two ways.
        says: what it is, as a clause.
    """

    ours: str
    theirs: str
    says: str


NOTATIONS = (
    Notation("W_f x_t + U_f h_t-1", "W_f [h_t-1, x_t]", "W_f and U_f side by side are one matrix"),
    Notation("g_t", "C̃_t", "the candidate, before it is written"),
    Notation("C_t", "c_t", "the memory, or cell state"),
    Notation("a ⊙ b", "a ∘ b, a * b", "number by number, no product of matrices"),
)
EQUATIONS: dict[str, dict[str, Equation]] = {
    "ANN": {
        "h": Equation("hidden layer", "h", "tanh(W_1 x + b_1)", "the inputs, weighed and squashed"),
        "y": Equation("output", "y", "W_2 h + b_2", "made from this input alone"),
    },
    "RNN": {
        "h": Equation("state", "h_t", "tanh(W x_t + U h_t-1 + b)", "the word and all before it, in one vector"),
    },
    "LSTM": {
        "f": _gate("forget gate", "f", "what stays of C: 0 drops, 1 keeps"),
        "i": _gate("input gate", "i", "how much of the candidate is written"),
        "g": Equation("candidate", "g_t", "tanh(W_g x_t + U_g h_t-1 + b_g)", "what could be written, from −1 to 1"),
        "o": _gate("output gate", "o", "how much of the memory is shown"),
        "c": Equation("memory", "C_t", "f_t ⊙ C_t-1 + i_t ⊙ g_t", "keep some, add some"),
        "h": Equation("state", "h_t", "o_t ⊙ tanh(C_t)", "what the next step sees"),
    },
    "GRU": {
        "z": _gate("update gate", "z", "the share of h that stays"),
        "r": _gate("reset gate", "r", "how much of h_t-1 n_t sees"),
        "n": Equation("candidate", "n_t", "tanh(W_n x_t + b_n + r_t ⊙ (U_n h_t-1 + d_n))", "what could be written"),
        "h": Equation("state", "h_t", "(1 − z_t) ⊙ n_t + z_t ⊙ h_t-1", "memory and output in one"),
    },
    "PATHS": {
        "step": Equation("one step back", "∂C_t/∂C_t-1", "f_t", "along the memory, for each unit by itself"),
        "carousel": Equation(
            "many steps back", "∂C_T/∂C_k", "f_T ⊙ ... ⊙ f_k+1", "the direct path: no weight, no slope"
        ),
        "rnn": Equation("in the RNN", "∂h_t/∂h_t-1", "diag(1 − h_t ⊙ h_t) U", "a slope and a matrix at every step"),
        "error": Equation("error at a word", "∂L/∂s_k", "∂L/∂s_T J_T ... J_k+1", "J_t = ∂s_t/∂s_t-1, by all paths"),
        "weights": Equation(
            "gradient of a weight", "∂L/∂W", "∂L_1/∂W + ... + ∂L_T/∂W", "the steps share W, so theirs add up"
        ),
    },
    "TRAINING": {
        "loss": Equation("loss", "L", "mean(−log p(x_t+1))", "how much the next words surprise"),
        "clip": Equation("clip", "d", "d × min(1, c / ‖d‖)", "shortened, not turned"),
        "adam": Equation(
            "update", "W", "W − rate × m / (sqrt(v) + ε)", "Adam; m, v: running means of d and its square"
        ),
    },
}
