"""Reports of ``look`` written by hand."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.look import CellSeen, LookReport, StepSeen

WORDS = ("the", "cat", "that", "chased", "an", "extraordinarily-long-word", "was")
KEEPS = (0.05, 0.31, 0.92, 0.97, 0.97, 0.96, 0.41)
GRADIENTS = (0.0, 3e-6, 0.002, 0.011, 0.05, 0.4, 1.25)

LSTM = CellSeen(
    name="encoder.rnn", layer=2, layers=2, direction="forward", directions=2, cell="LSTM",
    special=("a projection to 8",), input_size=64, hidden_size=128, steps=7, batch=3, calls=1, precision="float32",
    difference=2.4e-7, bar=1e-5, agrees=True, keeps=0.66, adds=0.41, shows=0.5, open=0.31, closed=0.125, flat=0.02,
    largest=3.75, reached=True, notes=(),
    along=tuple(
        StepSeen(n + 1, word, KEEPS[n], 0.5 - n / 20, 0.4, 12.5 / (n + 1), 0.25 * n, 1.5 + n, GRADIENTS[n])
        for n, word in enumerate(WORDS)
    ),
)  # fmt: skip
RNN = replace(
    LSTM, name="head.cell", layer=1, layers=1, directions=1, cell="RNN", special=(), input_size=8, hidden_size=16,
    calls=7, difference=0.0, keeps=None, adds=None, shows=None, open=None, closed=None, reached=False,
    notes=("the model changes the state between two steps; each is opened from what it was given",),
    along=tuple(replace(step, keeps=None, adds=None, shows=None, wiped=None, gradient=None) for step in LSTM.along),
)  # fmt: skip


def report() -> LookReport:
    """Return the report of a model of two modules, with an answer."""
    backward = replace(LSTM, direction="backward", reached=True)
    return LookReport(1, "Tagger", "PyTorch", 1, (LSTM, backward, RNN), 0, -2.53, ())


def wrong() -> LookReport:
    """Return the report of a module whose outputs are not ours, and no answer."""
    off = replace(RNN, difference=0.31, agrees=False, reached=None)
    return LookReport(1, "Odd", "Keras", 0, (off,), 0, None, ("a note of the run",))


def of_a_file() -> LookReport:
    """Return the report of weights alone, on many steps."""
    steps = tuple(replace(LSTM.along[n % 7], number=n + 1, word=f"x{n + 1}", gradient=None) for n in range(90))
    alone = replace(LSTM, name="layer1", layer=1, layers=1, directions=1, special=(), batch=1, steps=90, along=steps,
                    difference=None, agrees=None, reached=None)  # fmt: skip
    return LookReport(1, "model.pt", "lstm-ascii", 0, (alone,), 0, None, ())
