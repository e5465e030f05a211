"""The LSTM engine against PyTorch and JAX: ``python -m tests.benchmarks.engine [--quick]``.

One pass is the forward and the backward pass over T words: all gates kept, gradients of all parameters and inputs.

On a busy machine threads that wait for each other measure the other programs: ``OPENBLAS_NUM_THREADS=1
OMP_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false`` gives every side one.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstm_ascii.cells import LSTM, Array
from lstm_ascii.cells.base import PARAMETER_NAMES
from tests.benchmarks.timing import interleaved, median_ratio

Side = Callable[[], object]
OURS, LOOP, FUSED, SCAN = "lstm_ascii", "torch loop", "torch.nn.LSTM", "jax scan"
SIDES = (OURS, LOOP, FUSED, SCAN)


@dataclass(frozen=True)
class Case:
    """One size: ``repeats`` turns of T = 1000 steps with ``batch`` sequences and ``hidden`` units and inputs."""

    dtype: str
    batch: int
    hidden: int
    repeats: int

    @property
    def title(self) -> str:
        return f"f{self.dtype[-2:]} B={self.batch} H={self.hidden}"

    def bar(self, side: str) -> float | None:
        """Return how many times our time that side must take at least, if the project promises it."""
        if side == LOOP and self.batch == 1:
            return 8.0 if self.hidden <= 64 else 4.0
        if side == FUSED and self.dtype == "float64":
            return 1.0 if self.batch == 1 else 1 / 1.2
        if side == SCAN and self.hidden >= 256:
            return 1.0
        return None


CASES = (
    Case("float64", 1, 16, 15),
    Case("float64", 1, 64, 15),
    Case("float64", 1, 256, 9),
    Case("float64", 1, 1024, 2),
    Case("float64", 32, 64, 7),
    Case("float64", 32, 256, 5),
    Case("float32", 1, 16, 15),
    Case("float32", 1, 64, 15),
    Case("float32", 32, 64, 7),
)


@dataclass(frozen=True)
class Problem:
    """Parameters by name, inputs ``(T, B, H)`` and the loss's gradient on the outputs ``(T, B, H)``."""

    parameters: dict[str, Array]
    x: Array
    d_h: Array

    @classmethod
    def of(cls, case: Case, steps: int) -> Problem:
        """Draw a problem from a fixed seed, with PyTorch's own spread of weights."""
        random, size, spread = np.random.default_rng(0), case.hidden, case.hidden**-0.5
        shapes = [(4 * size, size), (4 * size, size), (4 * size,), (4 * size,)]
        values = [random.uniform(-spread, spread, shape).astype(case.dtype) for shape in shapes]
        x, d_h = (random.standard_normal((steps, case.batch, size)).astype(case.dtype) for _ in range(2))
        return cls(dict(zip(PARAMETER_NAMES, values, strict=True)), x, d_h)


def ours(problem: Problem) -> Side:
    """Return one pass of this package's LSTM."""
    cell = LSTM(**problem.parameters)
    return lambda: cell.backward(cell.forward(problem.x), {"h": problem.d_h})


def torch_loop(problem: Problem) -> Side:
    """Return one pass of ``torch.nn.LSTMCell``'s own equations in a Python loop that keeps the gates.

    The inputs are unbound ahead of the loop: ``x[t]`` would make autograd's backward pass quadratic in T.
    """
    import torch
    from torch.nn.functional import linear

    named = {name: torch.from_numpy(value).requires_grad_() for name, value in problem.parameters.items()}
    x, d_h = torch.from_numpy(problem.x).requires_grad_(), torch.from_numpy(problem.d_h)

    def run() -> object:
        h = c = torch.zeros(x.shape[1:], dtype=x.dtype)
        outputs, gates = [], []
        for x_t in x.unbind():
            a = linear(x_t, named["weight_ih"], named["bias_ih"]) + linear(h, named["weight_hh"], named["bias_hh"])
            i, f, g, o = a.chunk(4, dim=1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            outputs.append(h)
            gates.append((i, f, g, o, c))
        return gates, torch.autograd.grad(torch.stack(outputs), [*named.values(), x], d_h)

    return run


def torch_fused(problem: Problem) -> Side:
    """Return one pass of ``torch.nn.LSTM``, which keeps its gates to itself."""
    import torch

    size = problem.x.shape[-1]
    lstm = torch.nn.LSTM(size, size, dtype=torch.from_numpy(problem.x).dtype)
    for name, value in problem.parameters.items():
        getattr(lstm, f"{name}_l0").data.copy_(torch.from_numpy(value))
    x, d_h = torch.from_numpy(problem.x).requires_grad_(), torch.from_numpy(problem.d_h)
    return lambda: torch.autograd.grad(lstm(x)[0], [*lstm.parameters(), x], d_h)


def jax_scan(problem: Problem) -> Side:
    """Return one pass of a jitted scan that gives all gates."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]

    def loss(named: dict[str, jax.Array], x: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        projected = x @ named["weight_ih"].T + named["bias_ih"] + named["bias_hh"]

        def step(state: tuple[jax.Array, jax.Array], a: jax.Array) -> tuple[tuple[jax.Array, jax.Array], object]:
            h, c = state
            i, f, g, o = jnp.split(a + h @ named["weight_hh"].T, 4, axis=1)
            i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)
            c = f * c + i * g
            h = o * jnp.tanh(c)
            return (h, c), (h, i, f, g, o, c)

        zero = jnp.zeros(x.shape[1:], x.dtype)
        _, kept = jax.lax.scan(step, (zero, zero), projected)
        return (kept[0] * problem.d_h).sum(), kept

    passes = jax.jit(jax.grad(loss, argnums=(0, 1), has_aux=True))
    named, x = {name: jnp.asarray(value) for name, value in problem.parameters.items()}, jnp.asarray(problem.x)
    return lambda: jax.block_until_ready(passes(named, x))  # type: ignore[no-untyped-call]


def sides(problem: Problem) -> dict[str, Side]:
    """Return every side whose library is installed."""
    made = {OURS: ours(problem)}
    if importlib.util.find_spec("torch"):
        made |= {LOOP: torch_loop(problem), FUSED: torch_fused(problem)}
    if importlib.util.find_spec("jax"):
        made[SCAN] = jax_scan(problem)
    return made


def row(case: Case, steps: int, repeats: int) -> tuple[str, bool]:
    """Measure one size; return its line of the table and whether it clears its bars."""
    seconds = interleaved(sides(Problem.of(case, steps)), repeats)
    cells, cleared = [f"{case.title:<16}"], True
    for side in SIDES:
        if side not in seconds:
            cells.append(f"{'not installed':>26}")
            continue
        text = f"{statistics.median(seconds[side]) / steps * 1e6:.1f}"
        if side != OURS:
            ratio, bar = median_ratio(seconds[side], seconds[OURS]), case.bar(side)
            cleared = cleared and (bar is None or ratio >= bar)
            text += f" {ratio:6.2f}x" + (" " * 9 if bar is None else f" {'≥' if ratio >= bar else '<'} {bar:.2f}   ")
        cells.append(f"{text:>26}" if side != OURS else f"{text:>12}")
    return "".join(cells), cleared


def main() -> int:
    """Print the table; the exit code is 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 steps, three turns, no H = 1024")
    quick = parser.parse_args().quick
    steps, cases = (200, [case for case in CASES if case.hidden < 1024]) if quick else (1000, list(CASES))
    if not importlib.util.find_spec("torch"):
        print(
            "PyTorch is not installed: no bar can be tested. Install it with: pip install torch==2.13.0",
            file=sys.stderr,
        )
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): see the module's docstring.", file=sys.stderr)
    print(f"Forward + backward, LSTM, T = {steps}: microseconds a step (median), times our time (median), bar.")
    print(f"{'':<16}{OURS:>12}" + "".join(f"{side:>26}" for side in SIDES[1:]))
    missed = []
    for case in cases:
        line, cleared = row(case, steps, 3 if quick else case.repeats)
        print(line, flush=True)
        missed += [] if cleared else [case.title]
    print(f"Below the bar: {', '.join(missed)}." if missed else "No bar is missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
