"""The plain cells over one-hot words of which the last output alone counts: as fast as NumPy does it, step after step.

Units stand in rows here and sequences in columns, so that each gate is one piece of memory; a word is one-hot, so its
column of W_ih and the biases come with the product that the state needs anyway: one product a word, ahead and back.
What is computed is what :mod:`lstm_ascii.cells` says, to rounding; tests hold it against that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array, Cell
from lstm_ascii.cells.base import blocks_backward


class OneHotPass(ABC):
    """Forward and backward of a cell over ``T`` words of ``B`` sequences, again and again in the same memory.

    The cell's own arrays are read at each pass, so that they may be trained meanwhile.
    """

    recurrent: ClassVar[tuple[int | None, ...]]
    """Of each block of H rows here: which block of ``weight_hh`` and ``bias_hh`` it has, if any."""
    fed: ClassVar[tuple[int | None, ...]]
    """Likewise of ``weight_ih`` and ``bias_ih``."""
    sigmoids: ClassVar[int]
    """So many blocks, the first ones, go into σ(a) = (1 + tanh(a/2)) / 2."""

    def __init__(self, cell: Cell, steps: int, batch: int) -> None:
        """Make room."""
        self._cell, self._steps, self._batch = cell, steps, batch
        self._units, self._blocks = cell.hidden_size, len(self.fed)
        size, self._dtype = self._units + cell.input_size, cell.weight_hh.dtype
        self._matrix = np.zeros((self._blocks, self._units, size), self._dtype)
        self._read = np.zeros((steps + 1, size, batch), self._dtype)  # h' above x
        self._h = self._read[:, : self._units]
        self._acts = self._room(self._blocks, steps)
        self._d_h = self._room(1, 1)[0, 0]
        self._half = np.full((self.sigmoids, self._units, batch), 0.5, self._dtype)  # of one shape, NumPy is faster
        self._prepare()

    def forward(self, words: npt.NDArray[np.intp]) -> Array:
        """Read words ``(T, B)`` from a zero state, and return the last outputs, ``(H, B)``."""
        words_of_rows = np.arange(self._cell.input_size)[:, None]
        np.equal(words[:, None], words_of_rows, out=self._read[:-1, self._units :], casting="unsafe")
        self._gather()
        self._back = np.ascontiguousarray(self._flat(self._matrix)[:, : self._units].T)
        self._matrix[: self.sigmoids] *= 0.5
        self._ahead()
        last: Array = self._h[-1]
        return last

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
    def _ahead(self) -> None:
        """Step through the words."""

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
        """Put the parameters side by side: what h' is multiplied by, and what each word adds."""
        cell, units = self._cell, self._units
        for rows, of_h, of_x in zip(self._matrix, self.recurrent, self.fed, strict=True):
            rows[:, units:] = 0
            if of_h is not None:
                part = slice(of_h * units, (of_h + 1) * units)
                rows[:, :units] = cell.weight_hh[part]
                rows[:, units:] += cell.bias_hh[part, None]
            if of_x is not None:
                part = slice(of_x * units, (of_x + 1) * units)
                rows[:, units:] += cell.weight_ih[part] + cell.bias_ih[part, None]

    def _scattered(self, total: Array) -> dict[str, Array]:
        """Return the gradients by parameter: that of a bias is the sum over all words."""
        cell, units = self._cell, self._units
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


class _RNN(OneHotPass):
    recurrent = fed = (0,)
    sigmoids = 0

    def _prepare(self) -> None:
        self._steps_ahead = list(zip(self._read, self._acts[:, 0], self._h[1:], strict=False))

    def _ahead(self) -> None:
        (matrix,) = self._matrix
        for read, a, h in self._steps_ahead:
            np.dot(matrix, read, out=a)
            np.tanh(a, out=h)

    def _sums_back(self, block: slice) -> Array:
        h = self._h[1:][block]
        d_sums = 1 - h * h
        for d_a in d_sums[::-1]:
            np.multiply(d_a, self._d_h, out=d_a)
            np.dot(self._back, d_a, out=self._d_h)
        return d_sums


class _LSTM(OneHotPass):
    recurrent = fed = (3, 0, 1, 2)  # o, i, f, g
    sigmoids = 3

    def _prepare(self) -> None:
        acts = self._acts
        self._c, self._tanh_c = self._room(1, self._steps + 1)[:, 0], self._room(1, self._steps)[:, 0]
        self._d_c, self._write = np.zeros_like(self._d_h), np.empty_like(self._d_h)
        gates = (acts[:, k] for k in range(4))
        self._steps_ahead = list(
            zip(self._read, self._flat(acts), acts[:, :3], *gates, self._c, self._c[1:], self._tanh_c, self._h[1:],
                strict=False)
        )  # fmt: skip

    def _ahead(self) -> None:
        matrix, write, half = self._flat(self._matrix), self._write, self._half
        for read, a, sigmoids, o, i, f, g, c_, c, tanh_c, h in self._steps_ahead:
            np.dot(matrix, read, out=a)
            np.tanh(a, out=a)
            np.multiply(sigmoids, half, out=sigmoids)
            np.add(sigmoids, half, out=sigmoids)
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


class _GRU(OneHotPass):
    recurrent, fed = (0, 1, None, 2), (0, 1, 2, None)  # r, z, n without its recurrent part, and that: W_hn h' + b_hn
    sigmoids = 2

    def _prepare(self) -> None:
        acts = self._acts
        self._product = np.empty_like(self._d_h)
        parts = (acts[:, k] for k in range(4))
        self._steps_ahead = list(
            zip(self._read, self._flat(acts), acts[:, :2], *parts, self._h, self._h[1:], strict=False)
        )

    def _ahead(self) -> None:
        matrix, product, half = self._flat(self._matrix), self._product, self._half
        for read, a, sigmoids, r, z, n, inner, h_, h in self._steps_ahead:
            np.dot(matrix, read, out=a)
            np.tanh(sigmoids, out=sigmoids)
            np.multiply(sigmoids, half, out=sigmoids)
            np.add(sigmoids, half, out=sigmoids)
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


_PASSES: dict[str, type[OneHotPass]] = {"RNN": _RNN, "LSTM": _LSTM, "GRU": _GRU}


def one_hot_pass(cell: Cell, steps: int, batch: int) -> OneHotPass:
    """Return the pass of a plain cell, as this package makes them (tanh in the RNN, the GRU's reset after)."""
    return _PASSES[cell.name](cell, steps, batch)
