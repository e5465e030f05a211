"""The LSTM engine against PyTorch and JAX: ``python -m tests.benchmarks.engine [--quick]``.

One pass is the forward and the backward pass over T words: all gates kept, gradients of all parameters and inputs.

Each side uses the threads that the environment gives it; ``python -m tests.benchmarks --only engine`` gives them one.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np

from lstm_ascii.cells import LSTM, Array
from lstm_ascii.cells.base import PARAMETER_NAMES
from tests.benchmarks.figure import Figure, alone, of_runs, turns_asked
from tests.benchmarks.timing import interleaved, median_ratio

Side = Callable[[], object]
OURS, LOOP, FUSED, SCAN = "lstm_ascii", "torch loop", "torch.nn.LSTM", "jax scan"
STEPS, SHORT = 1000, 50
SIDES = (OURS, LOOP, FUSED, SCAN)


@dataclass(frozen=True)
class Case:
    """One size: ``repeats`` turns of 1000 steps, in passes of ``steps``; ``batch`` sequences, ``hidden`` units."""

    dtype: str
    batch: int
    hidden: int
    repeats: int
    steps: int = STEPS

    @property
    def title(self) -> str:
        return f"f{self.dtype[-2:]} T={self.steps} B={self.batch} H={self.hidden}"

    def bar(self, side: str) -> float | None:
        """Return how many times our time that side must take at least, if the project promises it."""
        if self.steps == SHORT:
            return 1.0 if side == FUSED else None
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
    *(Case("float32", batch, hidden, 9, SHORT) for batch in (1, 16) for hidden in (16, 64, 256)),
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

        def step(
            state: tuple[jax.Array, jax.Array], a: jax.Array
        ) -> tuple[tuple[jax.Array, jax.Array], tuple[jax.Array, ...]]:
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


def repeated(side: Side, count: int) -> Side:
    """Return what makes so many passes."""
    return lambda: [side() for _ in range(count)]


def compared(case: Case, repeats: int, runs: int) -> Iterator[Figure]:
    """Measure one size against every side that is installed; the loop's bar has to be cleared by every run."""
    passes = STEPS // case.steps  # so that a turn of short ones doesn't measure cold caches
    installed = {name: repeated(side, passes) for name, side in sides(Problem.of(case, case.steps)).items()}
    seconds = [interleaved(installed, repeats) for _ in range(runs)]
    micro = {side: 1e6 * median(median(run[side]) for run in seconds) / STEPS for side in installed}
    for side in filter(installed.__contains__, SIDES[1:]):
        yield of_runs(
            f"{case.title}: {side}",
            [median_ratio(run[side], run[OURS]) for run in seconds],
            "x",
            case.bar(side),
            at_least=True,
            measured=f"{micro[OURS]:.1f} us a step, {micro[side]:.1f} us",
            counts=min if side == LOOP else median,
        )


def figures(quick: bool) -> Iterator[Figure]:
    """Measure how many times our time the others take; quick: one run of three turns, no H = 1024."""
    for library in ("torch", "jax"):
        if not importlib.util.find_spec(library):
            print(f"{library} is not installed: what stands against it is left out.", file=sys.stderr)
    for case in CASES:
        if not quick or case.hidden < 1024:
            yield from compared(case, 3 if quick else case.repeats, turns_asked(quick, 5 if case.hidden < 1024 else 1))


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
