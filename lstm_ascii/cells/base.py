"""What every recurrent cell has in common: its parameters, its trace, its gradients.

Shapes: ``T`` words, ``B`` sequences, ``D`` inputs, ``H`` units, ``P`` outputs (``H``, but with a projection), ``G``
blocks of ``H`` rows in the weights. Arrays are time-major, ``(T, B, ...)``. Parameters carry PyTorch's names, shapes
and gate order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from lstm_ascii.errors import ShapeError
from lstm_ascii.records import dataclass

Array = npt.NDArray[Any]
WayBack = Callable[[Array], Array]

PARAMETER_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
MATRICES = {"weight_ih": "(G·H, D)", "weight_hh": "(G·H, P)", "weight_hr": "(P, H)"}

# The backward pass works on this many bytes of gate factors at a time: they stay in the cache between
# being computed and being used, and its scratch memory does not grow with the length of the sequence.
BLOCK_BYTES = 1 << 20
BLOCK_ROWS = 64

# A matrix that is turned round is multiplied faster, but turning it costs as much as some steps: of so many bytes one.
TURNED_BYTES = 1 << 12


@dataclass(frozen=True, eq=False)
class Trace:
    """Everything that one forward pass computed.

    Attributes:
        x: the inputs, ``(T, B, D)``; the caller's own array.
        states: by name (``h``; for the LSTM also ``c``), each ``(T + 1, B, H)``, but ``h`` ``(T + 1, B, P)``;
            index 0 is the start state, index ``t`` the state after word ``t``.
        block: all gates side by side in the order of the weights, ``(T, B, G·H)``; the RNN has no gates,
            there it is what goes into φ.
        gates: by letter, each ``(T, B, H)``; views of ``block``. Empty for the RNN.
        extra: what the backward pass needs beside them, each ``(T, B, H)``: the LSTM's ``tanh_c``; the GRU's
            ``reset``, which is W_hn h' + b_hn with ``reset_after`` and r ⊙ h' without. The variants also keep
            ``sums``, ``(T, B, G·H)``, what goes into the activations.
    """

    x: Array
    states: dict[str, Array]
    block: Array
    gates: dict[str, Array]
    extra: dict[str, Array]

    @property
    def h(self) -> Array:
        """The outputs, ``(T, B, P)``, without the start state."""
        return self.states["h"][1:]

    def __len__(self) -> int:
        """Return the number of steps ``T``."""
        return len(self.x)


@dataclass(frozen=True, eq=False)
class CellGradients:
    """Gradients of a loss ``L``.

    Attributes:
        parameters: by parameter name, each of the parameter's shape.
        x: ∂L/∂x, ``(T, B, D)``.
        states: by state name, the *total* ∂L/∂s_t by every path, of the state's shape; index 0 belongs to
            the start state.
    """

    parameters: dict[str, Array]
    x: Array
    states: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Cell(ABC):
    """A recurrent cell: four parameters and the equations that use them.

    Attributes:
        weight_ih: ``(G·H, D)``, input to gates.
        weight_hh: ``(G·H, P)``, state to gates.
        bias_ih: ``(G·H,)``.
        bias_hh: ``(G·H,)``.

    Raises:
        ShapeError: a parameter has the wrong shape for the others.
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array
    bias_hh: Array

    name: ClassVar[str]
    """How the cell is called: ``RNN``, ``LSTM`` or ``GRU``."""
    rank: ClassVar[int]
    """Of several networks the one of the lowest rank is drawn in full."""
    gate_letters: ClassVar[tuple[str, ...]]
    """The letters of the blocks of rows in the weights, in their order, which is PyTorch's; the RNN's one is ``a``."""
    onnx_order: ClassVar[str]
    """The same letters in the order in which ONNX stores the blocks."""
    keras_order: ClassVar[str]
    """The same letters in the order in which Keras stores the blocks."""
    keras_name: ClassVar[str]
    """The name of the layer's class in Keras."""
    default_activations: ClassVar[Mapping[str, str]]
    """By the names of the general cell's fields, in ONNX's order: the functions that ONNX takes where none is said."""
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    """The states that go from step to step; the last one is the memory."""
    state_symbols: ClassVar[tuple[str, ...]] = ("h",)
    """The states as formulas and pictures write them, the memory first."""
    gate_names: ClassVar[Mapping[str, str]] = {}
    """By letter, in the order in which they are explained: ``forget``, ``candidate``; empty where nothing is gated."""
    gate_roles: ClassVar[Mapping[str, str]] = {}
    """The letter of the gate that keeps the memory (``keep``), adds to it (``add``), and lets it be seen (``show``)."""
    candidate_letter: ClassVar[str]
    """The letter of the block whose activation is written into the memory; the RNN's only one."""
    flow_labels: ClassVar[Mapping[str, str]] = {}
    """What the shares of the additive memory (``keep``, ``add``, ``show``) are called in a table's head."""
    flow_gates: ClassVar[Mapping[str, str]] = {}
    """The same in a sentence: ``forget gate``."""
    show_verb: ClassVar[str] = ""
    """What the third share does with the memory, as a verb."""

    def __post_init__(self) -> None:
        """Check that the shapes belong together."""
        for name, value in self.parameters.items():
            if name in MATRICES and value.ndim != 2:
                raise ShapeError(f"{self.name} {name}: expected shape {MATRICES[name]}, got {value.shape}")
        for name, shape in self._expected_shapes().items():
            actual = getattr(self, name).shape
            if actual != shape:
                raise ShapeError(f"{self.name} {name}: expected shape {shape}, got {actual}")

    @property
    def input_size(self) -> int:
        """D."""
        return int(self.weight_ih.shape[-1])

    @property
    def hidden_size(self) -> int:
        """H."""
        return int(self.weight_hh.shape[-1])

    @property
    def output_size(self) -> int:
        """P, the width of ``h``: H where nothing projects it."""
        return self.hidden_size

    @property
    def state_sizes(self) -> dict[str, int]:
        """The width of every state by name, in the order of :attr:`state_names`."""
        return {name: self.output_size if name == "h" else self.hidden_size for name in self.state_names}

    @property
    def parameters(self) -> dict[str, Array]:
        """The four parameters by name, and what a variant adds; the cell's own arrays."""
        return {name: getattr(self, name) for name in PARAMETER_NAMES}

    @abstractmethod
    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x`` ``(T, B, D)``; T and B may be 0.

        Args:
            x: the inputs.
            start: by state name, ``(B, H)``, or ``(H,)`` for all (P for ``h``); a state left out starts at zero.

        Raises:
            ShapeError: the inputs or a start state have the wrong shape, or there is no such state.
        """

    @abstractmethod
    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time.

        Args:
            trace: of :meth:`forward` of this cell.
            direct: the loss's direct gradient on the states after every word, by state name, each
                ``(T, B, H)`` (P for ``h``); a state left out has none. The LSTM also takes ``write``, the direct
                gradient on the written terms ``i ⊙ g``.

        Raises:
            ShapeError: a gradient has another shape than its state, or there is no such state.
        """

    @abstractmethod
    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂s_{t+1}/∂s_t of step ``t`` (from 0), ``(B, S, S)``.

        ``s`` is ``h``, or ``(h, c)`` one after the other, so ``S`` is the sum of :attr:`state_sizes`.
        """

    def ways_back(self, trace: Trace, block: slice) -> Iterator[WayBack]:
        """Yield, from the last step of ``block`` to the first, what carries rows ``(R, S)`` back through it.

        That is the rows times the step's Jacobian, ``(R, S)``; ``trace`` is of one sequence. A cell that knows how does
        it without making the Jacobian, which costs more than such a product.
        """
        for t in reversed(range(len(trace))[block]):
            yield partial(_times, self.jacobian(trace, t)[0])

    def carried_on(self, trace: Trace, t: int, columns: Array) -> Array:
        """Return the Jacobian of step ``t``, of one sequence, times ``columns`` ``(S, n)``, likewise ``(S, n)``."""
        columns_on: Array = self.jacobian(trace, t)[0] @ columns
        return columns_on

    def simplest(self) -> Cell:
        """Return the fastest cell that computes the same: the cell itself, but for a variant with nothing special."""
        return self

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Return the cell with every parameter in ``dtype``; those that are in it already are shared."""
        return replace(self, **{name: value.astype(dtype, copy=False) for name, value in self.parameters.items()})

    def own_outputs(self, trace: Trace) -> Array:
        """Return what each unit lets out, ``(T, B, H)``: the outputs, ahead of a projection where there is one."""
        return trace.h

    def own_gradient(self, d_h: Array) -> Array:
        """Return ∂L/∂ what each unit lets out, ``(.., H)``, for ∂L/∂h ``(.., P)``."""
        return d_h

    def candidate_slope(self, trace: Trace) -> Array:
        """Return the slope of the candidate's activation (RNN: that of h) at every step, ``(T, B, H)``."""
        slope: Array = 1 - trace.gates[self.gate_letters[2]] ** 2
        return slope

    @property
    def special(self) -> tuple[str, ...]:
        """What the cell has beyond the usual equations, in words that can follow "it has"; often nothing."""
        return ()

    def _expected_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes that the parameters must have, given those of ``weight_ih`` and ``weight_hh``."""
        rows = len(self.gate_letters) * self.hidden_size
        weights = {"weight_ih": (rows, self.input_size), "weight_hh": (rows, self.output_size)}
        return weights | {"bias_ih": (rows,), "bias_hh": (rows,)}

    def _start(self, x: Array, start: Mapping[str, Array] | None) -> dict[str, Array]:
        """Make room for all states, each ``(T + 1, B, its size)``, and write the start state into index 0."""
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ShapeError(f"{self.name} input: expected shape (T, B, {self.input_size}), got {x.shape}")
        steps, batch, _ = x.shape
        start, widths = start or {}, self.state_sizes
        for name, value in start.items():
            if name not in widths:
                raise ShapeError(f"{self.name} start state: the cell has no state {name!r}")
            width = widths[name]
            if value.shape not in ((batch, width), (width,)):
                raise ShapeError(f"{self.name} start state {name}: expected shape {(batch, width)}, got {value.shape}")
        dtype = np.result_type(x, *self.parameters.values(), *start.values())
        states = {name: np.empty((steps + 1, batch, width), dtype) for name, width in widths.items()}
        for name, state in states.items():
            state[0] = start.get(name, 0)
        return states

    def _total(self, trace: Trace, direct: Mapping[str, Array], also: tuple[str, ...] = ()) -> dict[str, Array]:
        """Make room for the total gradient on each state, filled with the direct one."""
        widths = self.state_sizes | dict.fromkeys(also, self.hidden_size)
        for name, value in direct.items():
            if name not in widths:
                raise ShapeError(f"{self.name} gradient: the cell has no state {name!r}")
            shape = (*trace.h.shape[:2], widths[name])
            if value.shape != shape:
                raise ShapeError(f"{self.name} gradient on {name}: expected shape {shape}, got {value.shape}")
        total = {name: np.empty_like(state) for name, state in trace.states.items()}
        for name, gradient in total.items():
            gradient[0] = 0
            gradient[1:] = direct.get(name, 0)
        return total

    def _project(self, x: Array, bias: Array, dtype: npt.DTypeLike, scale: Array | None = None) -> Array:
        """Return W_ih x + bias for all steps in one product, ``(T, B, G·H)``; times ``scale``, ``(G·H,)``."""
        sums = np.empty((*x.shape[:2], len(self.weight_ih)), dtype)
        np.matmul(_rows(x), self.weight_ih.T, out=_rows(sums))
        sums += bias
        if scale is not None:
            sums *= scale
        return sums

    def _split(self, block: Array) -> dict[str, Array]:
        """Return views of ``(..., G·H)`` by gate letter, each ``(..., H)``."""
        width = self.hidden_size
        return {letter: block[..., k * width : (k + 1) * width] for k, letter in enumerate(self.gate_letters)}


def _times(matrix: Array, rows: Array) -> Array:
    product: Array = rows @ matrix
    return product


def state_product(weight: Array, h: Array, scale: Array | None = None) -> Callable[[Array], Array]:
    """Return what multiplies the states ``(B, P)`` of one step, and gives ``scale ⊙ (W h)``, ``(B, G·H)``.

    What it gave before is overwritten. A matrix that is small for so many steps is copied, scaled and turned round; a
    larger one is used as it lies.

    Args:
        weight: W, ``(G·H, P)``.
        h: room for all states, ``(T + 1, B, P)``.
        scale: ``(G·H,)``; none is 1.
    """
    shape = (len(weight), h.shape[1])
    if weight.nbytes <= TURNED_BYTES * len(h):
        turned = np.ascontiguousarray((weight if scale is None else weight * scale[:, None]).T, h.dtype)
        turned_product = np.empty(shape[::-1], h.dtype)
        return lambda h_: h_.dot(turned, turned_product)  # np.dot takes 0.2 µs more
    product, scales = np.empty(shape, h.dtype), None if scale is None else np.repeat(scale[:, None], shape[1], axis=1)

    def multiplied(h_: Array) -> Array:
        weight.dot(h_.T, product)
        if scales is not None:
            np.multiply(product, scales, out=product)
        return product.T

    return multiplied


def blocks_backward(block: Array) -> Iterator[slice]:
    """Yield slices of time from the end to the start for gates ``(T, B, G·H)``.

    Each holds about ``BLOCK_BYTES``, but no fewer than ``BLOCK_ROWS`` rows of time and batch: below that,
    adding to the weights' gradients would cost more than computing them.
    """
    steps, batch, width = block.shape
    size = max(BLOCK_BYTES // max(1, batch * width * block.itemsize), BLOCK_ROWS // max(1, batch), 1)
    for stop in range(steps, 0, -size):
        yield slice(max(0, stop - size), stop)


def mixed_rows(parts: Sequence[Array], weights: Array) -> Array:
    """Return Σ_g diag(parts_g) weights_g, ``(B, H, P)``: the rows of ``G`` matrices, mixed unit by unit.

    One small product a unit gives it for the whole batch; adding up ``G`` scaled matrices takes twenty times
    as long.

    Args:
        parts: ``G`` arrays ``(B, H)``.
        weights: ``(G, H, P)``.
    """
    products: Array = np.matmul(np.stack(parts, axis=-1).transpose(1, 0, 2), weights.transpose(1, 0, 2))
    return products.transpose(1, 0, 2)


class Totals:
    """Sums the parameters' gradients and ∂L/∂x over blocks of time."""

    def __init__(self, cell: Cell, x: Array, dtype: npt.DTypeLike) -> None:
        """Start at zero for ``cell`` and inputs ``x`` ``(T, B, D)``."""
        self.parameters = {name: np.zeros(value.shape, dtype) for name, value in cell.parameters.items()}
        self.x = np.empty(x.shape, dtype)
        self._weight_ih = cell.weight_ih
        self._begun = set[tuple[str, int | None]]()

    def add_input(self, block: slice, x: Array, d_a: Array) -> None:
        """Add what ``d_a`` ``(n, B, G·H)``, the gradient on W_ih x + b_ih, gives at ``block``."""
        d_rows = _rows(d_a)
        self._add("weight_ih", slice(None), d_rows, _rows(x[block]))
        self.parameters["bias_ih"] += d_rows.sum(axis=0)
        np.matmul(d_rows, self._weight_ih, out=_rows(self.x[block]))

    def add_state(self, h: Array, d_a: Array, part: slice = slice(None)) -> None:
        """Add what ``d_a``, the gradient on rows ``part`` of W_hh h + b_hh, gives for ``h`` ``(n, B, H)``."""
        d_rows = _rows(d_a)
        self._add("weight_hh", part, d_rows, _rows(h))
        self.parameters["bias_hh"][part] += d_rows.sum(axis=0)

    def _add(self, name: str, part: slice, d_rows: Array, rows: Array) -> None:
        """Add d_rowsᵀ rows to some rows of a weight's gradient; what comes first takes its place, which costs less."""
        total, first = self.parameters[name][part], (name, part.start) not in self._begun
        self._begun.add((name, part.start))
        if first:
            np.matmul(d_rows.T, rows, out=total)
        else:
            total += d_rows.T @ rows

    def gradients(self, states: dict[str, Array]) -> CellGradients:
        """Return the sums, with the states' own gradients beside them."""
        return CellGradients(self.parameters, self.x, states)


def _rows(array: Array) -> Array:
    """Fold time and batch into one axis, ``(n·B, ...)``."""
    return array.reshape(-1, array.shape[-1])
