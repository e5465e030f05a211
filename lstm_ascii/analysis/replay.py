"""Long sequences in little memory: only the states at some places are kept, the rest is computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from math import inf, log10

import numpy as np

from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.records import dataclass

STATES_AT_ONCE = 32  # steps whose Jacobians are held at a time
STRETCH, STRETCH_BYTES = 256, 1 << 22  # steps that are held at a time; more where they are no more than so many bytes
PIECES = 32  # of a stretch, which are computed again side by side; and strips of a long passage
FORGOTTEN = 1e-12  # a difference of two states, as a share, that says nothing of where they come from


class BeyondNumbersError(LstmAsciiError):
    """A network's state has left the range of the numbers."""


Told = Callable[[int], None]
States = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Passage:
    """A cell and the steps that it goes through, any stretch of which can be computed again.

    Attributes:
        cell: the equations and their parameters.
        inputs: from the first step to before the last, from 0: gives the inputs there, ``(last − first, 1, D)``.
        steps: T.
        start: by state name, ``(H,)`` or ``(1, H)``; a state left out starts at zero.
    """

    cell: Cell
    inputs: Callable[[int, int], Array]
    steps: int
    start: Mapping[str, Array] = field(default_factory=dict)

    @property
    def step_bytes(self) -> int:
        """What the trace of a step takes, about."""
        return 8 * (self.cell.input_size + (len(self.cell.gate_letters) + 3) * self.cell.hidden_size)

    def stretch(self, networks: int = 1) -> int:
        """Return how many steps may be held at a time where ``networks`` do so side by side."""
        return max(STRETCH, STRETCH_BYTES // (self.step_bytes * networks) // PIECES * PIECES)

    def stretches_back(self, stretch: int = STRETCH, progress: Told | None = None) -> Iterator[Trace]:
        """Yield the traces of stretches of at most ``stretch`` steps, from the last stretch to the first.

        On the way there the state is noted :data:`PIECES` times a stretch; on the way back these pieces go side by
        side, as a batch. The way there has to go step by step, but for a long passage of a network that forgets: its
        strips go side by side, see :meth:`_strips`. So the same sums may be rounded otherwise.

        Args:
            stretch: steps that are held at a time, best a multiple of :data:`PIECES`.
            progress: hears after every pass over a stretch how many steps that was; see :attr:`work`.

        Raises:
            BeyondNumbersError: a state overflows.
        """
        starts = range(0, self.steps, stretch)
        piece = stretch // PIECES if stretch % PIECES == 0 else stretch
        noted, state = self._noted(len(starts) - 1, stretch, piece, progress)
        for first in reversed(starts):
            x = self.inputs(first, min(first + stretch, self.steps))
            if first == starts[-1]:
                yield bounded_forward(self.cell, x, state)
            else:
                pieces = x.reshape(-1, piece, x.shape[-1]).transpose(1, 0, 2)
                yield _joined(x, bounded_forward(self.cell, pieces, noted.pop()))
            if progress:
                progress(len(x))

    def work(self, stretch: int = STRETCH) -> int:
        """Return the steps that ``told`` hears of in all: there, and back again."""
        return self.steps + (self.steps - 1) // stretch * stretch

    def _noted(self, count: int, stretch: int, piece: int, progress: Told | None) -> tuple[list[States], States]:
        """Go through the first ``count`` stretches: return of each the states at its pieces, and the last of all."""
        noted = list[States]()
        state: States = self._at_rest(1) | {name: s.reshape(1, -1) for name, s in self.start.items()}
        if count >= PIECES and piece < stretch:
            with suppress(BeyondNumbersError):  # what starts at rest may come where the passage never does
                noted, state = self._strips(state, count // PIECES, stretch, progress) or (noted, state)
        rest, state = self._walked([len(noted) * stretch], state, count - len(noted), stretch, piece, progress)
        return noted + rest, state

    def _strips(
        self, start: States, count: int, stretch: int, progress: Told | None
    ) -> tuple[list[States], States] | None:
        """Go through :data:`PIECES` strips of ``count`` stretches side by side, as :meth:`_noted` does.

        Each starts at rest, a stretch ahead of its first step. A network that has forgotten that by then is where the
        strip before ends; else this is no way to go, and ``None`` is returned.
        """
        piece, firsts = stretch // PIECES, range(0, PIECES * count * stretch, count * stretch)
        _, here = self._walked([0], start, 1, stretch, piece)
        twice = {name: np.concatenate([here[name], rest]) for name, rest in self._at_rest(1).items()}
        _, ends = self._walked([stretch, stretch], twice, 1, stretch, piece)
        if not _alike(ends, slice(1), ends, slice(1, None)):
            return None
        _, starts = self._walked(
            [max(0, first - stretch) for first in firsts], self._at_rest(PIECES), 1, stretch, piece
        )
        for name, state in starts.items():
            state[:1] = start[name]
        alive = None if progress is None else lambda _: progress(0)  # so far it may be in vain
        noted, ends = self._walked(firsts, starts, count, stretch, piece, alive)
        if not _alike(ends, slice(-1), starts, slice(1, None)):
            return None
        if progress:
            progress(len(noted) * stretch)
        return noted, {name: state[-1:] for name, state in ends.items()}

    def _walked(
        self, firsts: Sequence[int], state: States, count: int, stretch: int, piece: int, progress: Told | None = None
    ) -> tuple[list[States], dict[str, Array]]:
        """Go through ``count`` stretches from each of some steps on, side by side.

        Returns:
            Of each stretch of the first strip, of the second, …, the states at its pieces, ``(pieces, its size)``; and
            the last states of all strips, ``(strips, its size)``.
        """
        at_once, noted = stretch // len(firsts), list[list[States]]()
        for done in range(0, count * stretch, stretch):
            found = list[States]()
            for first in range(done, done + stretch, at_once):
                x = np.concatenate([self.inputs(at + first, at + first + at_once) for at in firsts], axis=1)
                trace = bounded_forward(self.cell, x, state)
                found.append({name: states[:-1:piece].copy() for name, states in trace.states.items()})
                state = {name: states[-1].copy() for name, states in trace.states.items()}
                if progress:
                    progress(len(firsts) * at_once)
            whole = {name: np.concatenate([states[name] for states in found]) for name in state}
            noted.append([{name: states[:, n] for name, states in whole.items()} for n in range(len(firsts))])
        return [strip for strips in zip(*noted, strict=True) for strip in strips], dict(state)

    def _at_rest(self, count: int) -> dict[str, Array]:
        """Return states of zeros, each ``(count, its size)``."""
        return {
            name: np.zeros((count, size), self.cell.weight_hh.dtype) for name, size in self.cell.state_sizes.items()
        }


def _alike(some: States, these: slice, others: States, those: slice) -> bool:
    """Tell whether some of the states are the same as some others, by name, but for rounding."""
    pairs = [(states[these], others[name][those]) for name, states in some.items()]
    return all((np.abs(a - b) <= FORGOTTEN * np.maximum(1, np.abs(b))).all() for a, b in pairs)


def _joined(x: Array, pieces: Trace) -> Trace:
    """Return the trace of ``x`` ``(T, 1, D)``, given that of its pieces side by side."""

    def one(values: Array) -> Array:
        return values.transpose(1, 0, 2).reshape(len(x), 1, -1)

    block, width = one(pieces.block), pieces.block.shape[-1] // max(1, len(pieces.gates))
    return Trace(
        x=x,
        states={name: np.concatenate([s[:1, :1], one(s[1:])]) for name, s in pieces.states.items()},
        block=block,
        gates={name: block[..., n * width : (n + 1) * width] for n, name in enumerate(pieces.gates)},
        extra={name: one(value) for name, value in pieces.extra.items()},
    )


def bounded_forward(cell: Cell, x: Array, start: Mapping[str, Array]) -> Trace:
    """Step through ``x``.

    Raises:
        BeyondNumbersError: weights are no numbers, or the state overflows, as with relu it can.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        trace = cell.forward(x, start)
    # The Jacobians are products of the recurrent weights. Infinite ones may saturate the gates and leave h finite.
    factors = [value for name, value in cell.parameters.items() if not name.startswith(("bias", "weight_ih"))]
    if not all(np.isfinite(value).all() for value in (*trace.states.values(), trace.h, *factors)):
        operands = {f"the {cell.name}'s {name}": value for name, value in cell.parameters.items()}
        operands |= {f"the {cell.name}'s start state {name}": value for name, value in start.items()}
        operands["what it reads, x,"] = x
        for name, value in operands.items():
            if not np.isfinite(value).all():
                raise BeyondNumbersError(
                    f"{name} has values that are no numbers (NaN or infinite), so the state is none"
                )
        raise BeyondNumbersError(
            f"the {cell.name}'s own state grows beyond all numbers; take fewer steps or a smaller spectral radius"
        )
    return trace


def folded(trace: Trace, steps: slice) -> Trace:
    """Return a trace in which the steps of one sequence are a batch of one step each; views where it can be.

    What the equations say of one step, they say of all of them at once.
    """

    def row(array: Array) -> Array:
        return array[steps].reshape(1, -1, array.shape[-1])

    return Trace(
        x=row(trace.x),
        states={name: np.stack([row(s[:-1])[0], row(s[1:])[0]]) for name, s in trace.states.items()},
        block=row(trace.block),
        gates={letter: row(gate) for letter, gate in trace.gates.items()},
        extra={name: row(value) for name, value in trace.extra.items()},
    )


def jacobians(cell: Cell, trace: Trace, steps: slice) -> Array:
    """Return ∂s_{t+1}/∂s_t for the steps of a slice at once, ``(n, S, S)``; ``trace`` is of one sequence."""
    return cell.jacobian(folded(trace, steps), 0)


@dataclass(frozen=True, eq=False)
class WeightGradient:
    """The gradient of the recurrent weights, of a loss whose gradient on the last output is ``direct``.

    Attributes:
        length: log10 of its L2 norm; −∞ for nothing.
        parts: log10 of the length of what the step n back adds to it, for n = 0…T−1, ``(T,)``.
    """

    length: float
    parts: Array

    def clipped(self, most: float) -> float:
        """Return log10 of the factor that brings the length down to ``most``; 0 where it is no longer."""
        return min(0.0, log10(most) - self.length) if self.length > -inf else 0.0


def weight_gradient(passage: Passage, direct: Array) -> WeightGradient:
    """Return the gradient of the recurrent weights in the log domain (Pascanu et al. 2013 on its clipping).

    Args:
        passage: one network and its steps.
        direct: ∂L/∂h after the last step, ``(P,)``.
    """
    cell = passage.cell
    row = np.zeros(sum(cell.state_sizes.values()))
    row[: cell.output_size] = direct
    exponent, before, parts = 0, 0, np.full(passage.steps, -inf)
    total, total_exponent = np.zeros_like(cell.weight_hh), 0
    for trace in passage.stretches_back():
        for stop in range(len(trace), 0, -STATES_AT_ONCE):
            block = slice(max(0, stop - STATES_AT_ONCE), stop)
            steps = jacobians(cell, trace, block)
            for n in range(len(steps) - 1, -1, -1):
                contribution = _added(cell, trace, block.start + n, row)
                parts[before] = _log10_length(contribution) + exponent * log10(2)
                highest = max(exponent, total_exponent)
                total = np.ldexp(total, total_exponent - highest) + np.ldexp(contribution, exponent - highest)
                total_exponent, before = highest, before + 1
                row = row @ steps[n]
                shift = int(np.frexp(np.abs(row).max())[1])
                row, exponent = np.ldexp(row, -shift), exponent + shift
    return WeightGradient(_log10_length(total) + total_exponent * log10(2), parts)


def _log10_length(matrix: Array) -> float:
    """Return log10 of the length of ``matrix``, whose squares may be beyond all numbers; −∞ for nothing."""
    peak = float(np.abs(matrix).max())
    return log10(peak) + log10(float(np.linalg.norm(matrix / peak))) if peak else -inf


def _added(cell: Cell, trace: Trace, step: int, row: Array) -> Array:
    """Return what one step adds to the gradient of ``weight_hh``, for the gradient ``row`` ``(S,)`` after it."""
    sizes = cell.state_sizes
    parts = np.split(row, np.cumsum(list(sizes.values()))[:-1])
    direct = {name: part[None, None] for name, part in zip(sizes, parts, strict=True)}
    return cell.backward(folded(trace, slice(step, step + 1)), direct).parameters["weight_hh"]
