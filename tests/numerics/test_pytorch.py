"""Outputs, last states and gradients against PyTorch's, in float64: stored values; live ones where it is installed."""

from __future__ import annotations

import importlib.util

import pytest

from tests.numerics.drawn import (
    KINDS_OF_PYTORCH,
    STORED,
    cell_answer,
    cell_problem,
    differences,
    given_cell,
    stack_answer,
    stack_problem,
    stored,
)

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")


@pytest.mark.parametrize("kind", KINDS_OF_PYTORCH)
def test_a_cell_gives_the_stored_values_of_pytorch(kind: str) -> None:
    given, expected = stored(kind)
    assert len(expected) >= 8  # output, last h, six gradients
    assert differences(cell_answer(given_cell(kind, given), given), expected) == []


def test_a_network_of_two_layers_and_directions_gives_the_stored_values_of_pytorch() -> None:
    given, expected = stored("stack")
    assert len(expected) == 3 + 3 + 4 * 6  # logits, last states; embedding, decoder; six gradients a direction
    assert differences(stack_answer(given), expected) == []


def test_the_stored_values_are_a_small_file() -> None:
    assert STORED.stat().st_size < 200_000


@needs_torch
@pytest.mark.parametrize("kind", KINDS_OF_PYTORCH)
def test_the_stored_values_are_those_of_pytorch_now(kind: str) -> None:
    from tests.numerics.pytorch_oracle import cell_values

    given, expected = stored(kind)
    assert differences(cell_values(kind, given), expected) == []


@needs_torch
@pytest.mark.parametrize("kind", KINDS_OF_PYTORCH)
@pytest.mark.parametrize("seed", [7, 8])
def test_a_cell_gives_what_pytorch_gives_now(kind: str, seed: int) -> None:
    from tests.numerics.pytorch_oracle import cell_values

    given = cell_problem(kind, seed)
    assert differences(cell_answer(given_cell(kind, given), given), cell_values(kind, given)) == []


@needs_torch
def test_a_network_gives_what_pytorch_gives_now() -> None:
    from tests.numerics.pytorch_oracle import stack_values

    given = stack_problem(7)
    assert differences(stack_answer(given), stack_values(given)) == []
