"""What else ONNX Runtime says: every activation in every place, its own numbers, lengths of sequences, and mutants."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cells import Array, Cell
from lstm_ascii.cells.activations import FORMULAS, KERAS_ONLY
from lstm_ascii.cells.variants import Activation
from lstm_ascii.layer import Direction
from tests.numerics.random_cells import random_cell, random_inputs, random_states

try:
    from tests.numerics.onnx_oracle import DIRECTIONS, onnx_run, reordered
except ImportError:
    if sys.version_info < (3, 14):  # both have wheels there, and come with the extra "test"
        raise
    pytest.skip("no wheel of ONNX Runtime for this Python", allow_module_level=True)

STEPS, BATCH, INPUTS, HIDDEN = 6, 3, 5, 6
PLACES = [("lstm-plain", place) for place in ("gate", "candidate", "output")]
PLACES += [(kind, place) for kind in ("gru-plain", "gru-paper-plain") for place in ("gate", "candidate")]
PLACES += [("rnn-plain", "activation")]
OF_ONNX = [name for name in FORMULAS if name != "linear" and name not in KERAS_ONLY]


def single(kind: str, **changes: Any) -> Cell:
    """Draw a cell in single precision, with other options."""
    return replace(random_cell(kind, INPUTS, HIDDEN, 10, "float32"), **changes)


def given(cell: Cell) -> tuple[Array, dict[str, Array]]:
    """Draw inputs and a start state."""
    return random_inputs(cell, STEPS, BATCH, 20, "float32"), random_states(cell, (BATCH,), 30, "float32")


def outputs(cell: Cell, steps: int = STEPS, **onnx: Any) -> tuple[Array, Array]:
    """Return our outputs and ONNX Runtime's, ``(T, B, H)``."""
    x, start = given(cell)
    x = x[:steps]
    return cell.forward(x, start).h, onnx_run([cell], "forward", x, [start], **onnx)[0][:, 0]


@pytest.mark.parametrize(("kind", "place"), PLACES)
@pytest.mark.parametrize("name", OF_ONNX)
def test_every_activation_in_every_place_is_that_of_onnx_runtime(kind: str, place: str, name: str) -> None:
    numbers = (0.4, 0.3)[: len(FORMULAS[name].usual)]
    cell = single(kind, **{place: Activation(name, *numbers)})
    found, expected = outputs(cell, steps=3)  # gates beyond 1 make the state grow, and rounding with it
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


# For the others the format names numbers that are not 0, and ONNX Runtime takes 0.
@pytest.mark.parametrize("name", ["hard_sigmoid", "leaky_relu", "elu"])
def test_numbers_that_a_file_leaves_out_are_those_of_onnx_runtime(name: str) -> None:
    cell = single("gru-plain", candidate=Activation.named(name))
    found, expected = outputs(cell, changed={"activation_alpha": None, "activation_beta": None})
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "kind", ["rnn-clip", "lstm-peepholes", "lstm-clip", "lstm-activations", "gru-clip", "gru-paper"]
)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_each_sequence_by_its_own_length_gives_what_sequence_lens_gives(kind: str, direction: str) -> None:
    ways, lengths = DIRECTIONS[direction], [6, 2, 5]
    cells = [random_cell(kind, INPUTS, HIDDEN, 10 + way, "float32") for way in ways]
    x = random_inputs(cells[0], STEPS, BATCH, seed=20, dtype="float32")
    starts = [random_states(cell, (BATCH,), 30 + k, "float32") for k, cell in enumerate(cells)]
    expected = onnx_run(cells, direction, x, starts, lengths)[0]
    for b, length in enumerate(lengths):
        for k, (cell, way) in enumerate(zip(cells, ways, strict=True)):
            one = Direction(cell, backward=way)
            trace = one.trace(x[:length, b : b + 1], {name: state[b : b + 1] for name, state in starts[k].items()})
            np.testing.assert_allclose(one.ordered(trace.h)[:, 0], expected[:length, k, b], rtol=1e-5, atol=1e-5)
        assert (expected[length:, :, b] == 0).all()


def away(kind: str, **changes: Any) -> float:
    """Return how far the outputs are from ONNX Runtime's when the cell here is changed."""
    cell = single(kind)
    return float(np.abs(replace(cell, **changes).forward(*given(cell)).h - outputs(cell)[1]).max())


def test_lost_peepholes_a_lost_clip_and_lost_coupling_are_noticed() -> None:
    assert away("lstm-peepholes") < 1e-5
    assert away("lstm-peepholes", weight_peephole=None) > 0.01
    for kind in ("lstm-clip", "gru-clip", "gru-paper-clip", "rnn-clip"):
        assert away(kind, clip=None) > 0.01, kind
    assert away("lstm-coupled", coupled=False) > 0.01


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_every_wrong_order_of_the_peepholes_is_noticed(order: tuple[int, ...]) -> None:
    peepholes = single("lstm-peepholes").parameters["weight_peephole"]
    assert away("lstm-peepholes", weight_peephole=reordered(peepholes, list(order))) > 0.01


@pytest.mark.parametrize(("kind", "place"), PLACES)
def test_another_activation_is_noticed(kind: str, place: str) -> None:
    usual = "sigmoid" if place == "gate" else "tanh"
    for name in set(FORMULAS) - {usual, "scaled_tanh"}:  # with its usual numbers that one is tanh
        assert away(kind, **{place: Activation.named(name)}) > 0.01, name
