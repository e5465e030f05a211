"""The mathematics as data: for each topic its title and its steps, a formula and what it says.

``a`` is what goes into σ or tanh, ``L`` the loss. What ``E`` names is written in :mod:`lstm_ascii.lessons.equations`.
"""

from __future__ import annotations

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.records import dataclass

LSTM, PATHS = EQUATIONS["LSTM"], EQUATIONS["PATHS"]


@dataclass(frozen=True)
class DerivationStep:
    """One line of mathematics, and what it says."""

    formula: str
    says: str


@dataclass(frozen=True)
class Derivation:
    """What is derived.

    Attributes:
        topic: its name on the command line.
        title: of the section.
        about: what is beside the title.
        steps: in their order.
    """

    topic: str
    title: str
    about: str
    steps: tuple[DerivationStep, ...]


def _sigmoid_gate(letter: str, name: str, through: str, says: str) -> Derivation:
    """Return the derivation of a gate that is squashed to 0…1; ``through`` is what it multiplies."""
    state = "∂L/∂h_t" if letter == "o" else "∂L/∂C_t"
    product = {
        "f": "f_t ⊙ C_t-1 is a part of C_t, so ∂C_t/∂f_t = C_t-1",
        "i": "i_t ⊙ g_t is a part of C_t, so ∂C_t/∂i_t = g_t",
        "o": "h_t = o_t ⊙ tanh(C_t), so ∂h_t/∂o_t = tanh(C_t)",
    }[letter]
    return Derivation(
        name,
        f"The {name} gate",
        str(LSTM[letter]),
        (
            DerivationStep(
                f"a_{letter} = W_{letter} x_t + U_{letter} h_t-1 + b_{letter}",
                "A layer of its own: one row of W and U and one bias for each unit; it sees the word and the state.",
            ),
            DerivationStep(f"{letter}_t = σ(a_{letter}) = 1 / (1 + exp(−a_{letter}))", f"Squashed to 0…1: {says}"),
            DerivationStep(
                f"σ'(a) = {letter}_t (1 − {letter}_t)", "The slope is 0.25 at most, and near 0 where the gate is sure."
            ),
            DerivationStep(
                product,
                f"Element by element: the gate of a unit multiplies {through} of the same unit, and no other's.",
            ),
            DerivationStep(
                f"∂L/∂a_{letter} = {state} ⊙ {through} ⊙ {letter}_t (1 − {letter}_t)",
                "A gate learns only where there is something to multiply: with nothing there it gets no gradient.",
            ),
            DerivationStep(
                f"∂L/∂W_{letter} = Σ_t ∂L/∂a_{letter} x_tᵀ,  ∂L/∂U_{letter} = Σ_t ∂L/∂a_{letter} h_t-1ᵀ",
                "The steps share the weights, so what each step asks for is added up.",
            ),
        ),
    )


_ALL = (
    _sigmoid_gate("f", "forget", "C_t-1", "0 drops what the unit held, 1 keeps it."),
    _sigmoid_gate("i", "input", "g_t", "how much of the candidate is written."),
    Derivation(
        "candidate",
        "The candidate",
        str(LSTM["g"]),
        (
            DerivationStep("a_g = W_g x_t + U_g h_t-1 + b_g", "A layer like the gates', with weights of its own."),
            DerivationStep(
                "g_t = tanh(a_g)", "Squashed to −1…1, so that what is written can raise the memory or lower it."
            ),
            DerivationStep("tanh'(a) = 1 − g_t²", "The slope is 1 in the middle, and near 0 at both ends."),
            DerivationStep(
                "i_t ⊙ g_t is a part of C_t, so ∂C_t/∂g_t = i_t", "What the input gate shuts out learns nothing."
            ),
            DerivationStep(
                "∂L/∂a_g = ∂L/∂C_t ⊙ i_t ⊙ (1 − g_t²)",
                "The gradient passes where the gate is open and tanh is not flat.",
            ),
        ),
    ),
    _sigmoid_gate("o", "output", "tanh(C_t)", "how much of the memory is shown."),
    Derivation(
        "cell",
        "The memory",
        str(LSTM["c"]),
        (
            DerivationStep(
                str(LSTM["c"]),
                "Element by element: keep some of the old, add some new. An RNN multiplies here; the LSTM adds.",
            ),
            DerivationStep(
                f"{PATHS['step'].left} along the memory alone = diag(f_t)",
                "No weight and no slope: the error of a unit is multiplied by its own forget gate and nothing else.",
            ),
            DerivationStep(
                "dC_t/dC_t-1 by all paths = diag(f_t) + (what goes round by h_t-1 and the gates)",
                "What the line above leaves out: C_t-1 is also shown, as h_t-1, to all four layers of step t. "
                "These paths pass through weights and slopes, and can make the whole larger or smaller than f_t.",
            ),
            DerivationStep(
                "∂L/∂C_t = ∂L/∂C_t+1 ⊙ f_t+1 + ∂L/∂h_t ⊙ o_t ⊙ (1 − tanh²C_t)",
                "What comes back along the memory, and what comes back by what was shown.",
            ),
        ),
    ),
    Derivation(
        "hidden",
        "The state",
        str(LSTM["h"]),
        (
            DerivationStep(
                str(LSTM["h"]), "Not the memory: the part of it that the output gate shows, squashed to −1…1."
            ),
            DerivationStep(
                "∂h_t/∂C_t = o_t ⊙ (1 − tanh²C_t)",
                "A unit that is hidden (o near 0) or full (tanh flat) gets no error this way, only along the memory.",
            ),
            DerivationStep(
                "∂L/∂h_t = Σ_k U_kᵀ ∂L/∂a_k at t+1,  k = f, i, g, o",
                "h_t goes into all four layers of the next step, so all four send an error back; where a word is "
                "predicted, the decoder's joins them.",
            ),
        ),
    ),
    Derivation(
        "bptt",
        "Backpropagation through time",
        str(PATHS["error"]),
        (
            DerivationStep(
                "L = log p(right) − log p(wrong)", "Any loss would do; here the choice between two next words."
            ),
            DerivationStep(
                str(PATHS["error"]), "The chain rule, word by word, from the choice back: one Jacobian a step."
            ),
            DerivationStep(
                str(PATHS["carousel"]),
                "Of all those paths the direct one, along the memory: a product of forget gates.",
            ),
            DerivationStep(
                "f = 1: 1 ∙ 1 ∙ … ∙ 1 = 1     f < 1: f ∙ f ∙ … ∙ f → 0",
                "With the gate open the error rides round for ever (the constant error carousel); else it halves every "
                "ln 0.5 / ln f words.",
            ),
            DerivationStep(
                str(PATHS["weights"]), "Far words count in the weights' gradient only if their error came through."
            ),
        ),
    ),
    Derivation(
        "rnn",
        "The RNN, for comparison",
        str(EQUATIONS["RNN"]["h"]),
        (
            DerivationStep(
                "a = W x_t + U h_t-1 + b,  h_t = tanh(a)",
                "One layer for everything; the old state goes through U and tanh.",
            ),
            DerivationStep(
                str(PATHS["rnn"]), "Each step back multiplies by a slope of at most 1 and by the same matrix."
            ),
            DerivationStep(
                "∂h_T/∂h_k = ∏ diag(1 − h_t²) U,  t = k+1 … T",
                "A product of T − k such factors: sizes below 1 make it vanish, sizes above 1 can make it explode.",
            ),
            DerivationStep(
                "‖∂h_T/∂h_k‖ ≤ (max slope ∙ σ_max(U))^(T−k)",
                "A largest singular value below 1 is enough for vanishing; above 1 the gradient may explode but "
                "needn't (Pascanu et al. 2013).",
            ),
        ),
    ),
)
DERIVATIONS = {one.topic: one for one in _ALL}
