"""The plain cells over many sequences side by side, again and again: as fast as NumPy does it, step after step.

Units stand in rows here and sequences in columns, so that each gate is one piece of memory; all gates take one product
a step, of the state and the input below each other. A one-hot word needs no room for the biases: its column of W_ih has
them. What is computed is what :mod:`lstm_ascii.cells` says, to rounding; tests hold it against that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import GRU, LSTM, RNN, Array, Cell, Trace
from lstm_ascii.cells.base import blocks_backward


class ColumnPass(ABC):
    """Forward and backward of a cell over up to ``T`` steps of ``B`` sequences, again and again in the same memory.

    The cell's own arrays are read at each pass, so that they may be trained meanwhile; another one of the same kind and
    sizes may take its place.
    """

    recurrent: ClassVar[tuple[int | None, ...]]
    """Of each block of H rows here: which block of ``weight_hh`` and ``bias_hh`` it has, if any."""
    fed: ClassVar[tuple[int | None, ...]]
    """Likewise of ``weight_ih`` and ``bias_ih``."""
    sigmoids: ClassVar[int]
    """So many blocks, the first ones, go into σ(a) = (1 + tanh(a/2)) / 2."""
    letters: ClassVar[str]
    """Of the gates, block by block."""

    def __init__(self, cell: Cell, steps: int, batch: int, one_hot: bool) -> None:
        """Make room; for words if ``one_hot``, else for vectors."""
        self.cell, self._steps, self._batch, self._one_hot = cell, steps, batch, one_hot
        self._units, self._blocks = cell.hidden_size, len(self.fed)
        size, self._dtype = self._units + cell.input_size + (not one_hot), cell.weight_hh.dtype
        self._matrix = np.zeros((self._blocks, self._units, size), self._dtype)
        self._read = np.zeros((steps + 1, size, batch), self._dtype)  # h' above x, above 1 for the biases
        self._read[:, self._units + cell.input_size :] = 1
        self._h = self._read[:, : self._units]
        self._states = {"h": self._h}
        self._acts = self._room(self._blocks, steps)
        self._d_h = self._room(1, 1)[0, 0]
        self._prepare()

    def forward(self, words: npt.NDArray[np.intp]) -> Array:
        """Read one-hot words ``(T, B)`` from a zero state, and return the last outputs, ``(H, B)``."""
        words_of_rows = np.arange(self.cell.input_size)[:, None]
        np.equal(words[:, None], words_of_rows, out=self._read[:-1, self._units :], casting="unsafe")
        self._gather()
        self._back = np.ascontiguousarray(self._flat(self._matrix)[:, : self._units].T)
        self._step(self._steps)
        last: Array = self._h[-1]
        return last

    def trace(self, x: Array, start: Mapping[str, Array]) -> Trace:
        """Read vectors ``(T, B, D)``, of no more steps and sequences than there is room for.

        Returns:
            States and gates, as views of this pass's memory: the next one writes over them. They lie with the sequences
            side by side. There is no ``block`` and nothing ``extra``, as nobody goes back from here.
        """
        steps, batch, size = x.shape
        self._read[:steps, self._units : self._units + size, :batch] = x.transpose(0, 2, 1)
        for name, state in self._states.items():
            state[0] = np.reshape(start.get(name, 0), (-1, 1))
        self._gather()
        self._step(steps)
        states = {name: state[: steps + 1, :, :batch].transpose(0, 2, 1) for name, state in self._states.items()}
        gates = {letter: self._acts[:steps, k, :, :batch].transpose(0, 2, 1) for k, letter in enumerate(self.letters)}
        return Trace(x, states, np.empty((steps, batch, 0), self._dtype), gates, {})

    def _step(self, steps: int) -> None:
        """Step through the first steps."""
        self._matrix[: self.sigmoids] *= 0.5
        self._ahead(steps)

    def backward(self, d_last: Array) -> dict[str, Array]:
        """Return the gradients by the cell's parameters for ``d_last`` ``(H, B)``, ∂L/∂ the last outputs."""
        self._d_h[:] = d_last
        total = np.zeros_like(self._flat(self._matrix))
        for block in blocks_backward(self._acts.reshape(self._steps, -1, self._batch)):
            d_sums = self._sums_back(block)
            total += np.matmul(d_sums, self._read[block].transpose(0, 2, 1)).sum(axis=0)
        return self._scattered(total.reshape(self._matrix.shape))

    @abstractmethod
    def _prepare(self) -> None:
        """Make what the cell needs beside; all views are made once."""

    @abstractmethod
    def _ahead(self, steps: int) -> None:
        """Step through the first of the steps that there is room for."""

    @abstractmethod
    def _sums_back(self, block: slice) -> Array:
        """Return ∂L/∂ the sums of some steps, ``(n, G·H, B)``; ``_d_h`` comes from behind them, and goes on."""

    def _room(self, blocks: int, steps: int) -> Array:
        """Make an array ``(steps, blocks, H, B)``."""
        return np.zeros((steps, blocks, self._units, self._batch), self._dtype)

    def _flat(self, array: Array) -> Array:
        """Put the blocks of units of ``(..., G, H, n)`` below each other."""
        return array.reshape(*array.shape[:-3], -1, array.shape[-1])

    def _gather(self) -> None:
        """Put the parameters side by side: what h' is multiplied by, and x; biases come with a word, or with the 1."""
        cell, units, bias = self.cell, self._units, self.cell.bias_ih[:, None]
        of_inputs = cell.weight_ih + bias if self._one_hot else np.hstack([cell.weight_ih, bias])
        with_bias = slice(units if self._one_hot else -1, None)
        for rows, of_h, of_x in zip(self._matrix, self.recurrent, self.fed, strict=True):
            rows[:, units:] = 0
            if of_h is not None:
                part = slice(of_h * units, (of_h + 1) * units)
                rows[:, :units] = cell.weight_hh[part]
                rows[:, with_bias] += cell.bias_hh[part, None]
            if of_x is not None:
                rows[:, units:] += of_inputs[of_x * units : (of_x + 1) * units]

    def _scattered(self, total: Array) -> dict[str, Array]:
        """Return the gradients by parameter: that of a bias is the sum over all words."""
        cell, units = self.cell, self._units
        gradients = {name: np.empty_like(value) for name, value in cell.parameters.items()}
        for rows, of_h, of_x in zip(total, self.recurrent, self.fed, strict=True):
            of_words = rows[:, units:]
            if of_h is not None:
                part = slice(of_h * units, (of_h + 1) * units)
                gradients["weight_hh"][part] = rows[:, :units]
                gradients["bias_hh"][part] = of_words.sum(axis=1)
            if of_x is not None:
                part = slice(of_x * units, (of_x + 1) * units)
                gradients["weight_ih"][part] = of_words
                gradients["bias_ih"][part] = of_words.sum(axis=1)
        return gradients


class _RNN(ColumnPass):
    recurrent = fed = (0,)
    sigmoids, letters = 0, ""

    def _prepare(self) -> None:
        self._steps_ahead = list(zip(self._read, self._acts[:, 0], self._h[1:], strict=False))

    def _ahead(self, steps: int) -> None:
        (matrix,) = self._matrix
        for read, a, h in self._steps_ahead[:steps]:
            np.dot(matrix, read, out=a)
            np.tanh(a, out=h)

    def _sums_back(self, block: slice) -> Array:
        h = self._h[1:][block]
        d_sums = 1 - h * h
        for d_a in d_sums[::-1]:
            np.multiply(d_a, self._d_h, out=d_a)
            np.dot(self._back, d_a, out=self._d_h)
        return d_sums


class _LSTM(ColumnPass):
    recurrent = fed = (3, 0, 1, 2)  # o, i, f, g
    sigmoids, letters = 3, "oifg"

    def _prepare(self) -> None:
        acts = self._acts
        self._c, self._tanh_c = self._room(1, self._steps + 1)[:, 0], self._room(1, self._steps)[:, 0]
        self._states["c"] = self._c
        self._d_c, self._write = np.zeros_like(self._d_h), np.empty_like(self._d_h)
        gates = (acts[:, k] for k in range(4))
        self._steps_ahead = list(
            zip(self._read, acts, acts[:, :3], *gates, self._c, self._c[1:], self._tanh_c, self._h[1:],
                strict=False)
        )  # fmt: skip

    def _ahead(self, steps: int) -> None:
        matrix, write = self._matrix, self._write
        for read, a, sigmoids, o, i, f, g, c_, c, tanh_c, h in self._steps_ahead[:steps]:
            np.matmul(matrix, read, out=a)  # gate by gate: BLAS is faster with small products
            np.tanh(a, out=a)
            np.multiply(sigmoids, 0.5, out=sigmoids)
            np.add(sigmoids, 0.5, out=sigmoids)
            np.multiply(f, c_, out=c)
            np.add(c, np.multiply(i, g, out=write), out=c)
            np.tanh(c, out=tanh_c)
            np.multiply(o, tanh_c, out=h)
        self._d_c[:] = 0

    def _sums_back(self, block: slice) -> Array:
        o, i, f, g = (self._acts[block, k] for k in range(4))
        tanh_c, sigmoids = self._tanh_c[block], self._acts[block, :3]
        factors = np.empty((len(o), 5, *o.shape[1:]), o.dtype)  # ∂h/∂c, and what turns ∂L/∂h (o), ∂L/∂c into ∂L/∂a
        through, of_g = factors[:, 0], factors[:, 4]
        np.subtract(1, np.multiply(tanh_c, tanh_c, out=through), out=through)
        through *= o
        np.subtract(1, sigmoids, out=factors[:, 1:4])
        factors[:, 1:4] *= sigmoids
        for number, times in enumerate((tanh_c, g, self._c[:-1][block]), 1):
            factors[:, number] *= times
        np.subtract(1, np.multiply(g, g, out=of_g), out=of_g)
        of_g *= i
        d_sums, d_h, d_c = self._flat(factors[:, 1:]), self._d_h, self._d_c
        parts = zip(factors[:, :2], through, factors[:, 2:], d_sums, f, strict=True)
        for by_h, from_h, by_c, d_a, keep in reversed(list(parts)):
            np.multiply(by_h, d_h, out=by_h)
            np.add(d_c, from_h, out=d_c)
            np.multiply(by_c, d_c, out=by_c)
            np.dot(self._back, d_a, out=d_h)
            np.multiply(d_c, keep, out=d_c)
        return d_sums


class _GRU(ColumnPass):
    recurrent, fed = (0, 1, None, 2), (0, 1, 2, None)  # r, z, n without its recurrent part, and that: W_hn h' + b_hn
    sigmoids, letters = 2, "rzn"

    def _prepare(self) -> None:
        acts = self._acts
        self._product = np.empty_like(self._d_h)
        parts = (acts[:, k] for k in range(4))
        self._steps_ahead = list(zip(self._read, acts, acts[:, :2], *parts, self._h, self._h[1:], strict=False))

    def _ahead(self, steps: int) -> None:
        matrix, product = self._matrix, self._product
        for read, a, sigmoids, r, z, n, inner, h_, h in self._steps_ahead[:steps]:
            np.matmul(matrix, read, out=a)
            np.tanh(sigmoids, out=sigmoids)
            np.multiply(sigmoids, 0.5, out=sigmoids)
            np.add(sigmoids, 0.5, out=sigmoids)
            np.add(n, np.multiply(r, inner, out=product), out=n)
            np.tanh(n, out=n)
            np.subtract(h_, n, out=h)
            np.multiply(h, z, out=h)
            np.add(h, n, out=h)

    def _sums_back(self, block: slice) -> Array:
        r, z, n, inner = (self._acts[block, k] for k in range(4))
        factors = np.empty((len(r), 4, *r.shape[1:]), r.dtype)
        d_r, d_z, d_n, d_inner = (factors[:, k] for k in range(4))
        np.subtract(1, self._acts[block, :2], out=factors[:, :2])
        np.subtract(1, np.multiply(n, n, out=d_n), out=d_n)
        d_n *= d_z
        factors[:, :2] *= self._acts[block, :2]
        d_r *= inner
        d_z *= np.subtract(self._h[:-1][block], n)
        d_sums, d_h, product = self._flat(factors), self._d_h, self._product
        parts = zip(factors[:, 1:3], d_r, d_n, d_inner, d_sums, r, z, strict=True)
        for by_h, of_r, of_n, of_inner, d_a, reset, keep in reversed(list(parts)):
            np.multiply(by_h, d_h, out=by_h)
            np.multiply(of_r, of_n, out=of_r)
            np.multiply(of_n, reset, out=of_inner)
            np.multiply(d_h, keep, out=d_h)
            np.add(d_h, np.dot(self._back, d_a, out=product), out=d_h)
        return d_sums


_PASSES: dict[type[Cell], type[ColumnPass]] = {RNN: _RNN, LSTM: _LSTM, GRU: _GRU}


def has_columns(cell: Cell) -> bool:
    """Tell whether a cell has such a pass: a plain one, with tanh in the RNN, the GRU's reset after the product."""
    usual = getattr(cell, "activation", "tanh") == "tanh" and getattr(cell, "reset_after", True)
    return type(cell) in _PASSES and usual


def column_pass(cell: Cell, steps: int, batch: int, one_hot: bool = False) -> ColumnPass:
    """Return the pass of a cell that has one: over one-hot words, or over vectors."""
    return _PASSES[type(cell)](cell, steps, batch, one_hot)
