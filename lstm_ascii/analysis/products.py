"""Products of Jacobians of many steps and many networks, in the log domain, and how fast they grow.

The product is kept as ``rows · 2**exponent``. Its size does not depend on rotations from the left: once a
product has lost rank, as almost every one does, it is rotated and its empty rows are dropped.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array

LOG10_2 = float(np.log10(2))
RENORMALISE = 16  # steps between two renormalisations, where the range of float64 is wide enough for so many
SAFE = 2.0**200  # the fourth power of a size is taken below
LOOK = 64  # steps between two looks whether rank was lost; after a look in vain as many as were done so far
NOTHING = 1e-15  # rows below this share of the largest are beyond what float64 adds up
LEAST_STEPS = 20  # the directions start anywhere: over fewer steps that still shows in the growth
DOMINANT, CONVERGED, TURNS = 0.6, 1e-7, 3  # see largest_singular_values

Needed = Callable[[Array, Array], npt.NDArray[np.bool_]]


class Products:
    """∂s_T/∂s_k for ``B`` networks side by side, carried back from k = T.

    The rows are those of the memory (the last H of the state): c for the LSTM, else h. Some directions of
    the whole state are carried along and orthonormalised by QR: the mean logarithms of R's diagonal are the
    Lyapunov exponents. (They are read backwards, from the end of the run: transposed Jacobians have the
    same exponents.) Benettin et al. 1980; for recurrent networks Vogt et al. 2022.
    """

    def __init__(self, batch: int, size: int, wide: int, skip: int = 0, spectrum: bool = False) -> None:
        """Start with the identity.

        Args:
            batch: B, networks.
            size: H, units.
            wide: S, of the state: H, or 2·H for (h, c).
            skip: first steps in which the directions settle and no growth is counted.
            spectrum: carry S directions, not one.
        """
        self._size, self._count, self._skip = size, size, skip
        first = np.cos(np.arange(1.0, wide + 1))  # in no special direction
        directions = np.eye(wide) if spectrum else first[None] / np.linalg.norm(first)
        self._rows = np.tile(np.concatenate([np.eye(wide)[-size:], directions]), (batch, 1, 1))
        self._exponent = np.zeros(batch, np.int64)
        self._guess = np.full((batch, size), size**-0.5)
        self._every = 1 if spectrum else RENORMALISE
        self._done, self._look = 0, LOOK
        self._logs, self._counted = np.zeros((batch, len(directions))), 0

    def back(self, jacobians: Array, needed: Needed | None = None) -> Array:
        """Go back through ``jacobians`` ``(B, n, S, S)``, from the last of them to the first.

        Args:
            jacobians: of the steps.
            needed: says after which of them the value is needed, ``(n,)``, given what it lies between, ``(n, B)``: the
                others cost less. By default after all.

        Returns:
            log10 of the product's largest singular value after each, ``(n, B)``; −∞ for nothing. Where it isn't needed,
            of its Frobenius norm, which is no smaller, and at most √R times as large.
        """
        steps = jacobians.shape[1]
        step_sizes, exponents = np.empty((steps, *self._rows.shape)), np.empty((steps, len(self._rows)))
        stop = 0
        while stop < steps:
            first, settling = stop, self._skip - self._done
            stop = min(first + self._every, steps, first + settling if settling > 0 else steps)
            if not self._multiply(jacobians, first, stop, step_sizes, exponents):
                for n in range(first, stop):  # the range of float64 is too small for so many at once
                    self._multiply(jacobians, n, n + 1, step_sizes, exponents)
        logs = self._sizes(step_sizes[:, :, : self._count, -self._size :], exponents * LOG10_2, needed)
        if self._done >= self._look:
            self._drop_nothing()
        return logs

    def _sizes(self, products: Array, log_scales: Array, needed: Needed | None) -> Array:
        """Return log10 of the largest singular values of ``products`` ``(n, B, R, H)``, as :meth:`back` does."""
        with np.errstate(divide="ignore"):
            if needed is None:
                sizes, self._guess = largest_singular_values(products, self._guess)
                return np.asarray(np.log10(sizes) + log_scales)
            most: Array = np.log10(np.sqrt(np.einsum("nbrc,nbrc->nb", products, products))) + log_scales
            asked = needed(most - 0.5 * np.log10(self._count), most)
            if asked.any():
                sizes, self._guess = largest_singular_values(products[asked], self._guess)
                most[asked] = np.log10(sizes) + log_scales[asked]
        return most

    def growth(self) -> Array:
        """Return the Lyapunov exponents in nats per step, largest first, ``(B, 1 or S)``; −∞ where all is lost.

        Of fewer than ``LEAST_STEPS`` steps they are NaN.
        """
        if not self._counted or self._done < LEAST_STEPS:
            return np.full(self._logs.shape, np.nan)
        return -np.sort(-self._logs / self._counted, axis=-1)

    def _multiply(self, jacobians: Array, first: int, stop: int, step_sizes: Array, exponents: Array) -> bool:
        """Go back ``stop − first`` steps, then renormalise; tell whether all stayed within the range of float64."""
        rows, last = self._rows, jacobians.shape[1] - 1
        with np.errstate(over="ignore", invalid="ignore"):
            for n in range(first, stop):
                rows = np.matmul(rows, jacobians[:, last - n], out=step_sizes[n])
            peak = np.abs(rows[:, : self._count]).max(axis=(1, 2))
        if stop - first > 1 and not (1 / SAFE < peak.min() <= peak.max() < SAFE):
            return False
        exponents[first:stop] = self._exponent
        exponent = np.frexp(peak)[1]
        self._renormalise(rows, exponent, stop - first)
        if stop - first == 1:  # a single step may be tiny or huge
            exponents[first] += exponent
            step_sizes[first, :, : self._count] = self._rows[:, : self._count]
        return True

    def _renormalise(self, rows: Array, exponent: Array, steps: int) -> None:
        """Bring the product back to size 1, by a power of 2, and the directions by QR."""
        directions = rows[:, self._count :]
        self._rows = np.ldexp(rows, -exponent[:, None, None])
        if directions.shape[1] == 1:
            r = np.sqrt(np.einsum("bks,bks->bk", directions, directions))  # (B, 1)
            np.divide(directions, np.where(r > 0, r, 1)[:, :, None], out=self._rows[:, self._count :])
        else:
            q, upper = np.linalg.qr(directions.transpose(0, 2, 1))
            r = np.abs(np.diagonal(upper, axis1=1, axis2=2))
            self._rows[:, self._count :] = q.transpose(0, 2, 1)
        if self._done >= self._skip:
            with np.errstate(divide="ignore"):
                self._logs += np.log(r)
            self._counted += steps
        self._done += steps
        self._exponent += exponent

    def _drop_nothing(self) -> None:
        """Rotate the product and drop the rows that are nothing in every network."""
        if self._count == 1:
            return
        _, values, rows = np.linalg.svd(self._rows[:, : self._count], full_matrices=False)
        rank = max(1, int((values > NOTHING * values[:, :1]).sum(axis=-1).max()))
        if rank < self._count:
            product = values[:, :rank, None] * rows[:, :rank]
            self._rows = np.concatenate([product, self._rows[:, self._count :]], axis=1)
            self._count = rank
            self._guess = np.tile(np.eye(rank)[0], (len(values), 1))
            self._look = self._done + LOOK
        else:
            self._look = 2 * self._done


def largest_singular_values(matrices: Array, guess: Array) -> tuple[Array, Array]:
    """Return the largest singular values of ``matrices`` ``(n, B, R, C)``, ``(n, B)``.

    A few turns of the power method find it where it dominates: a Rayleigh quotient above half of the squared
    Frobenius norm can belong to no other, and its error is about the residual squared. For the others all
    eigenvalues of M Mᵀ are computed.

    Args:
        matrices: to be measured.
        guess: left vectors to start with, ``(B, R)``.

    Returns:
        The values, and left vectors to start with next time.
    """
    vectors = np.broadcast_to(guess[None, :, None], (*matrices.shape[:2], 1, guess.shape[-1]))  # (n, B, 1, R)
    across = np.swapaxes(matrices, -1, -2)
    if guess.shape[-1] == 1:
        return np.sqrt(np.einsum("nbrc,nbrc->nb", matrices, matrices)), guess
    for turn in range(TURNS):
        right = vectors @ matrices  # (n, B, 1, C)
        rotated = right @ across
        if turn == TURNS - 1:
            break
        length = np.sqrt((rotated * rotated).sum(axis=-1, keepdims=True))
        vectors = rotated / np.where(length > 0, length, 1)
    squares: Array = (right * right).sum(axis=(-1, -2))
    residual = np.abs(rotated - squares[..., None, None] * vectors).max(axis=(-1, -2))
    total = np.einsum("nbrc,nbrc->nb", matrices, matrices)
    sure = (squares >= DOMINANT * total) & (residual <= CONVERGED * squares)
    if not sure.all():
        unsure = matrices[~sure]
        gram = unsure @ np.swapaxes(unsure, -1, -2)
        squares[~sure] = np.maximum(np.linalg.eigvalsh(gram)[:, -1], 0)
    return np.sqrt(squares), _next_guess(vectors[-1, :, 0], guess)


def _next_guess(vectors: Array, guess: Array) -> Array:
    """Return ``vectors`` with a little of everything, so that none starts at right angles to what it seeks."""
    next_vectors: Array = vectors + 1e-3 * guess.shape[-1] ** -0.5
    return next_vectors


def spectral_radius(matrix: npt.NDArray[np.float64]) -> float:
    """Return the largest absolute eigenvalue of ``matrix``: what rules powers of it in the long run."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def largest_singular_value(matrix: npt.NDArray[np.float64]) -> float:
    """Return the most that ``matrix`` can stretch a vector in one step."""
    return float(np.linalg.norm(matrix, 2))
