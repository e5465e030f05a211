"""Backpropagation through time against complex steps: every parameter, input and start state of every cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest

from lstm_ascii.cells import Array, Cell, Trace, base
from lstm_ascii.cells.activations import ClippedActivation
from lstm_ascii.cells.variants import GeneralLSTM
from tests.numerics.complex_step import assert_agree, complex_step
from tests.numerics.random_cells import ALL, KINDS, random_cell, random_inputs, random_states


@dataclass(frozen=True)
class Problem:
    """A loss that is linear in the states (and the LSTM's written terms) after every word."""

    cell: Cell
    x: Array  # (T, B, D)
    start: dict[str, Array]  # (B, H) each
    direct: dict[str, Array]  # (T, B, H) each

    @classmethod
    def of(cls, kind: str, steps: int = 6, batch: int = 2, seed: int = 1) -> Problem:
        cell = random_cell(kind, 3, 4, seed)
        direct = random_states(cell, (steps, batch), seed + 1)
        if cell.name == "LSTM":
            direct["write"] = np.random.default_rng(seed + 2).standard_normal((steps, batch, 4))
        x, start = random_inputs(cell, steps, batch, seed + 3), random_states(cell, (batch,), seed + 4)
        return cls(cell, x, start, direct)

    @property
    def arguments(self) -> dict[str, Array]:
        """Everything that the loss depends on, by name."""
        return self.cell.parameters | {"x": self.x} | {f"start_{name}": value for name, value in self.start.items()}

    def loss(self, name: str, value: Array) -> Array:
        """Return the loss with one argument replaced."""
        changed = {**self.arguments, name: value}
        cell = replace(self.cell, **{key: changed[key] for key in self.cell.parameters})
        trace = cell.forward(changed["x"], {key: changed[f"start_{key}"] for key in self.start})
        seen = {key: state[1:] for key, state in trace.states.items()}
        if "write" in self.direct:
            seen["write"] = trace.gates["i"] * trace.gates["g"]
        return np.array(sum((self.direct[key] * seen[key]).sum() for key in self.direct))

    def expected(self) -> dict[str, Array]:
        """Return every derivative by complex steps."""
        return {name: complex_step(partial(self.loss, name), value) for name, value in self.arguments.items()}

    def found(self, cell: Cell | None = None, forward_too: bool = True) -> dict[str, Array]:
        """Return every derivative by backpropagation, on purpose with another cell where one is given."""
        cell = cell or self.cell
        trace = (cell if forward_too else self.cell).forward(self.x, self.start)
        gradients = cell.backward(trace, self.direct)
        starts = {f"start_{name}": value[0] for name, value in gradients.states.items()}
        return gradients.parameters | {"x": gradients.x} | starts


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(("steps", "batch"), [(6, 2), (1, 3), (9, 1)])
def test_every_gradient_is_the_derivative(kind: str, steps: int, batch: int) -> None:
    problem = Problem.of(kind, steps, batch)
    assert_agree(problem.found(), problem.expected())


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_do_not_depend_on_how_time_is_cut(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem.of(kind, steps=7)
    monkeypatch.setattr(base, "BLOCK_BYTES", 1)
    monkeypatch.setattr(base, "BLOCK_ROWS", 4)  # two steps of two sequences
    assert len(list(base.blocks_backward(problem.cell.forward(problem.x).block))) == 4
    assert_agree(problem.found(), problem.expected())


@pytest.mark.parametrize("steps", [1, 2, 63, 64, 65, 1000])
@pytest.mark.parametrize(("batch", "width"), [(0, 16), (1, 16), (32, 256), (1, 1 << 17)])
def test_blocks_cover_all_time_once_from_the_end(steps: int, batch: int, width: int) -> None:
    block = np.broadcast_to(np.zeros(1), (steps, batch, width))
    covered = [t for part in base.blocks_backward(block) for t in reversed(range(part.start, part.stop))]
    assert covered == list(reversed(range(steps)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [1, 3])
def test_weights_too_large_to_be_turned_round_give_the_same(
    kind: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Problem.of(kind, 6, batch)
    small = problem.cell.forward(problem.x)
    monkeypatch.setattr(base, "TURNED_BYTES", 0)
    large = problem.cell.forward(problem.x)
    np.testing.assert_allclose(large.h, small.h, rtol=1e-13)
    np.testing.assert_allclose(large.block, small.block, rtol=1e-12)
    assert_agree(problem.found(), problem.expected())


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_inputs_that_are_views(kind: str) -> None:
    plain = Problem.of(kind)
    backwards = {name: value[::-1].copy()[::-1] for name, value in plain.direct.items()}
    for x in (plain.x[::-1], np.repeat(plain.x, 2, axis=1)[:, ::2], np.asfortranarray(plain.x)):
        view = replace(plain, x=x, direct=backwards)
        assert_agree(view.found(), replace(plain, x=x.copy()).found(), rtol=1e-12)
        assert_agree(view.found(), view.expected())


@pytest.mark.parametrize("name", ["h", "c", "write"])
def test_gradients_of_a_loss_on_one_state_alone(name: str) -> None:
    problem = Problem.of("lstm")
    problem = replace(problem, direct={name: problem.direct[name]})
    found, expected = problem.found(), problem.expected()
    assert_agree({key: found[key] for key in expected if key != "x"}, {k: v for k, v in expected.items() if k != "x"})
    np.testing.assert_allclose(found["x"], expected["x"], rtol=1e-10, atol=1e-18)


def shown_of(cell: Cell, trace: Trace, t: int, c: Array) -> Array:
    """Return the h that step ``t`` would show of another cell state."""
    if not isinstance(cell, GeneralLSTM):
        return trace.gates["o"][t] * np.tanh(c)
    peephole = np.zeros(cell.hidden_size) if cell.weight_peephole is None else cell.weight_peephole[-cell.hidden_size :]
    sums = trace.extra["sums"][t, :, -cell.hidden_size :] + peephole * (c - trace.states["c"][t + 1])
    own = ClippedActivation(cell.gate, cell.clip)(sums) * cell.output(c)
    return own if cell.weight_hr is None else own @ cell.weight_hr.T


@pytest.mark.parametrize("kind", ALL)
def test_the_total_gradient_on_a_state_is_that_of_a_sequence_started_there(kind: str) -> None:
    problem = Problem.of(kind)
    cell, x = problem.cell, problem.x
    direct = {name: problem.direct[name] for name in cell.state_names}
    trace = cell.forward(x, problem.start)
    total = cell.backward(trace, direct).states

    def loss_from(t: int, state: dict[str, Array]) -> Array:
        rest = cell.forward(x[t:], state).states
        now = sum((direct[name][t - 1] * state[name]).sum() for name in state) if t else 0
        return np.array(now + sum((direct[name][t:] * rest[name][1:]).sum() for name in state))

    for t in range(len(x) + 1):
        for name in cell.state_names:

            def loss(value: Array, t: int = t, name: str = name) -> Array:
                state = {key: states[t] for key, states in trace.states.items()} | {name: value}
                if name == "c" and t:  # what the cell shows of c at once is one of c's paths
                    state["h"] = shown_of(cell, trace, t - 1, value)
                return loss_from(t, state)

            expected = complex_step(loss, trace.states[name][t])
            assert_agree({f"{name}_{t}": total[name][t]}, {f"{name}_{t}": expected})


@pytest.mark.parametrize("kind", ALL)
def test_the_jacobian_is_the_derivative_of_one_step(kind: str) -> None:
    problem = Problem.of(kind)
    cell, names = problem.cell, problem.cell.state_names
    ends = np.cumsum(list(cell.state_sizes.values()))[:-1]
    trace = cell.forward(problem.x, problem.start)
    for t in range(len(trace)):
        before = np.concatenate([trace.states[name][t] for name in names], axis=-1)  # (B, S)

        def step(states: Array, t: int = t) -> Array:
            start = dict(zip(names, np.split(states, ends, axis=-1), strict=True))
            after = cell.forward(problem.x[t : t + 1], start).states
            return np.concatenate([after[name][1] for name in names], axis=-1)

        full = complex_step(step, before)  # (B, S from, B, S to)
        expected = np.stack([full[b, :, b].T for b in range(len(before))])
        assert_agree({"jacobian": cell.jacobian(trace, t)}, {"jacobian": expected})


@pytest.mark.parametrize("kind", ALL)
def test_the_product_of_the_jacobians_is_the_total_gradient(kind: str) -> None:
    problem = Problem.of(kind)
    cell, size = problem.cell, problem.cell.output_size
    trace = cell.forward(problem.x, problem.start)
    last = {name: np.zeros_like(state[1:]) for name, state in trace.states.items()}
    for name in last:
        last[name][-1] = problem.direct[name][-1]
    total = cell.backward(trace, last).states
    row = np.concatenate([last[name][-1] for name in cell.state_names], axis=-1)  # (B, S)
    for t in range(len(trace) - 1, -1, -1):
        row = np.einsum("bs,bsr->br", row, cell.jacobian(trace, t))
        np.testing.assert_allclose(row[:, :size], total["h"][t], rtol=1e-10, atol=1e-15)
    if "c" in total:
        np.testing.assert_allclose(row[:, size:], total["c"][0], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("kind", ALL)
def test_rows_and_columns_are_carried_as_by_the_jacobian(kind: str) -> None:
    cell = random_cell(kind, 3, 5, 0)
    trace = cell.forward(random_inputs(cell, 4, 1, 0))
    rows = np.random.default_rng(0).normal(size=(3, sum(cell.state_sizes.values())))
    ways = list(cell.ways_back(trace, slice(1, len(trace))))[::-1]
    assert len(ways) == len(trace) - 1
    for t in range(1, len(trace)):
        jacobian = cell.jacobian(trace, t)[0]
        np.testing.assert_allclose(ways[t - 1](rows), rows @ jacobian, rtol=0, atol=1e-13)
        np.testing.assert_allclose(cell.carried_on(trace, t, rows.T), jacobian @ rows.T, rtol=0, atol=1e-13)
