"""The pass over many sequences side by side computes what the cell says."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.cells.columns import column_pass
from lstm_ascii.cells.initial import CELLS, random_cell, uniform


@pytest.mark.parametrize("kind", CELLS)
def test_it_gives_what_forward_gives_again_and_again(kind: str) -> None:
    room = column_pass(random_cell(kind, 4, 5, 0), steps=9, batch=8)
    for seed, (steps, batch) in enumerate(((9, 8), (3, 2), (1, 1), (7, 5))):
        room.cell = random_cell(kind, 4, 5, seed, forget_bias=1.0)
        x = uniform(seed, "x", (steps, batch, 4), 3.0)
        start = {name: uniform(seed, name, (5,), 1.0) for name in room.cell.state_names} if seed % 2 else {}
        found, expected = room.trace(x, start), room.cell.forward(x, start)
        assert len(found) == len(expected)
        assert found.states.keys() == expected.states.keys()
        assert found.gates.keys() == expected.gates.keys()
        for name, values in (expected.states | expected.gates).items():
            np.testing.assert_allclose((found.states | found.gates)[name], values, rtol=1e-13, atol=1e-14)


def test_a_sequence_without_numbers_spoils_no_other() -> None:
    room, x = column_pass(random_cell("lstm", 4, 5, 0), 6, 3), uniform(0, "x", (6, 3, 4), 1.0)
    whole = room.trace(x, {}).h.copy()
    x[2, 1] = np.nan
    found = room.trace(x, {}).h
    assert np.isnan(found[2:, 1]).all()
    np.testing.assert_array_equal(found[:, [0, 2]], whole[:, [0, 2]])
    np.testing.assert_array_equal(room.trace(uniform(0, "x", (6, 3, 4), 1.0), {}).h, whole)
