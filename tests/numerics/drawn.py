"""What is asked of PyTorch, and what this package answers: problems as arrays by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lstm_ascii.cells import LSTM, Array, Cell
from lstm_ascii.cells.base import PARAMETER_NAMES
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.complex_step import disagreement
from tests.numerics.random_cells import PROJECTION, cell_with, random_cell, random_inputs, random_states

Values = dict[str, Array]

KINDS_OF_PYTORCH = ("rnn-tanh", "rnn-relu", "lstm", "gru", "lstm-projection")
SUFFIXES = ("l0", "l0_reverse", "l1", "l1_reverse")
STORED = Path(__file__).with_name("pytorch_values.npz")
TOLERANCE = 1e-12


def cell_problem(kind: str, seed: int) -> Values:
    """Draw parameters, inputs, start states, and gradients on outputs and last states."""
    steps, batch, cell = 7, 3, random_cell(kind, 4, 5, seed)
    starts, lasts = random_states(cell, (batch,), seed + 2), random_states(cell, (batch,), seed + 3)
    return {
        **cell.parameters,
        "x": random_inputs(cell, steps, batch, seed + 1),
        **{f"start_{name}": value for name, value in starts.items()},
        **{f"d_last_{name}": value for name, value in lasts.items()},
        "d_output": random_states(cell, (steps, batch), seed + 4)["h"],
    }


def cell_answer(cell: Cell, given: Values) -> Values:
    """Return this package's outputs, last states and gradients."""
    trace = cell.forward(given["x"], {name: given[f"start_{name}"] for name in cell.state_names})
    direct = {name: np.zeros_like(state[1:]) for name, state in trace.states.items()}
    direct["h"] += given["d_output"]
    for name in cell.state_names:
        direct[name][-1] += given[f"d_last_{name}"]
    gradients = cell.backward(trace, direct)
    return {
        "output": trace.h,
        **{f"last_{name}": states[-1] for name, states in trace.states.items()},
        **{f"grad_{name}": value for name, value in gradients.parameters.items()},
        "grad_x": gradients.x,
        **{f"grad_start_{name}": value[0] for name, value in gradients.states.items()},
    }


def given_cell(kind: str, given: Values) -> Cell:
    """Return the cell with the problem's parameters."""
    return cell_with(kind, {name: given[name] for name in (*PARAMETER_NAMES, PROJECTION) if name in given})


def stack_problem(seed: int) -> Values:
    """Draw a language model: 6 words, two layers of LSTMs in both directions, learned start states."""
    random, words, width, hidden, steps, batch = np.random.default_rng(seed), 6, 4, 3, 5, 3
    given: Values = {"embedding.weight": random.standard_normal((words, width))}
    for number, suffix in enumerate(SUFFIXES):
        cell = random_cell("lstm", width if number < 2 else 2 * hidden, hidden, seed + 1 + number)
        given |= {f"rnn.{name}_{suffix}": value for name, value in cell.parameters.items()}
        starts = random_states(cell, (), seed + 10 + number)
        given |= {f"rnn.start_{name}_{suffix}": value for name, value in starts.items()}
    given |= {
        "decoder.weight": random.standard_normal((words, 2 * hidden)),
        "decoder.bias": random.standard_normal(words),
        "ids": random.integers(0, words, (steps, batch)),
        "d_logits": random.standard_normal((steps, batch, words)),
        "d_last_h": random.standard_normal((4, batch, hidden)),
        "d_last_c": random.standard_normal((4, batch, hidden)),
    }
    return given


def stack_answer(given: Values) -> Values:
    """Return this package's logits, last states and gradients."""
    directions = [
        Direction(
            LSTM(**{name: given[f"rnn.{name}_{suffix}"] for name in PARAMETER_NAMES}),
            {name: given[f"rnn.start_{name}_{suffix}"] for name in "hc"},
            backward=suffix.endswith("reverse"),
        )
        for suffix in SUFFIXES
    ]
    layers = ((directions[0], directions[1]), (directions[2], directions[3]))
    words = Vocabulary(tuple("abcdef"))
    network = Network(words, given["embedding.weight"], layers, given["decoder.weight"], given["decoder.bias"])
    run = network.run(given["ids"])
    traces = [trace for layer in run.traces for trace in layer]
    direct = [{name: np.zeros_like(trace.h) for name in "hc"} for trace in traces]
    for number, states in enumerate(direct):
        for name in "hc":
            states[name][-1] = given[f"d_last_{name}"][number]
    gradients = network.backward(run, given["d_logits"], direct)
    lasts = {f"last_{name}": np.stack([trace.states[name][-1] for trace in traces]) for name in "hc"}
    named = {f"grad_{name}": value for name, value in gradients.items()}
    return {"logits": network.decode(run.outputs), **lasts, **named}


def stored(case: str) -> tuple[Values, Values]:
    """Return a stored problem and PyTorch's values for it."""
    with np.load(STORED) as archive:
        parts = {name.removeprefix(f"{case}/"): archive[name] for name in archive.files if name.startswith(f"{case}/")}
    given = {name.removeprefix("given/"): value for name, value in parts.items() if name.startswith("given/")}
    return given, {name.removeprefix("found/"): value for name, value in parts.items() if name.startswith("found/")}


def differences(answer: Values, expected: Values) -> list[str]:
    """Return a line, with both numbers, for every array that is not PyTorch's to 1e-12."""
    lines = [f"only one side has {name}" for name in answer.keys() ^ expected.keys()]
    lines += [
        disagreement(name, answer[name], expected[name], TOLERANCE, TOLERANCE) for name in expected if name in answer
    ]
    return [line for line in lines if line]
