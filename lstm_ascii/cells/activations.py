"""The functions that squash a cell's sums, each with its slope.

Names and numbers are those of ONNX's recurrent operators, written with underscores; other frameworks' spellings are
understood. Everything works on complex numbers as well, so that derivatives can be checked by complex steps: what has
a kink decides by the real part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import erf, pi, sqrt
from typing import Self

import numpy as np

from lstm_ascii.cells.base import Array
from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass


class ActivationError(LstmAsciiError, ValueError):
    """There is no such function among those that the engine knows."""


@dataclass(frozen=True)
class Formula:
    """A function and its slope, both of the sums a, α and β.

    Attributes:
        value: the function.
        slope: its derivative; at a kink one of the two that meet there.
        usual: α, or α and β, where nothing is said; as many as the function has.
    """

    value: Callable[[Array, float, float], Array]
    slope: Callable[[Array, float, float], Array]
    usual: tuple[float, ...] = ()


def _either(condition: Array, then: Array | float, otherwise: Array | float, like: Array) -> Array:
    """Choose entry by entry, in the type of ``like``."""
    values: Array = np.where(condition, then, otherwise).astype(like.dtype, copy=False)
    return values


def _size(a: Array) -> Array:
    """Return |a|; of complex numbers what continues it."""
    return _either(a.real >= 0, a, -a, a)


def _positive(a: Array) -> Array:
    """Return a where it is positive, else 0."""
    return _either(a.real >= 0, a, 0, a)


def _negative(a: Array) -> Array:
    """Return a where it is negative, else 0."""
    return _either(a.real < 0, a, 0, a)


def _sigmoid(a: Array) -> Array:
    """Return σ(a) = (1 + tanh(a/2)) / 2, which never overflows."""
    values: Array = 0.5 * np.tanh(0.5 * a) + 0.5
    return values


def _ramp(line: Array) -> Array:
    """Return ``line``, between 0 and 1."""
    return _either(line.real >= 1, 1, _positive(line), line)


def _bell(a: Array) -> Array:
    """Return the density of the normal distribution, which is nothing beyond 40."""
    near = _either(np.abs(a.real) < 40, a, 40, a)
    values: Array = np.exp(-0.5 * near * near) / sqrt(2 * pi)
    return values


def _normal(a: Array) -> Array:
    """Return Φ(a), the normal distribution; of complex numbers what continues it to the first order."""
    real = np.asarray(a.real, np.float64)
    values = np.fromiter(map(erf, (real / sqrt(2)).ravel()), np.float64, real.size).reshape(real.shape)
    values = (1 + values) / 2
    continued = values + 1j * a.imag * _bell(real) if np.iscomplexobj(a) else values
    return np.asarray(continued).astype(a.dtype, copy=False)


def _gelu(a: Array) -> Array:
    """Return a · Φ(a) (Hendrycks & Gimpel 2016), exact, as Keras has it where nothing else is said."""
    values: Array = a * _normal(a)
    return values


FORMULAS: dict[str, Formula] = {
    "sigmoid": Formula(lambda a, _α, _β: _sigmoid(a), lambda a, _α, _β: _sigmoid(a) * (1 - _sigmoid(a))),
    "tanh": Formula(lambda a, _α, _β: np.tanh(a), lambda a, _α, _β: 1 - np.tanh(a) ** 2),
    "relu": Formula(lambda a, _α, _β: _positive(a), lambda a, _α, _β: _either(a.real > 0, 1, 0, a)),
    "hard_sigmoid": Formula(
        lambda a, α, β: _ramp(α * a + β), lambda a, α, β: _either(abs(α * a.real + β - 0.5) < 0.5, α, 0, a), (0.2, 0.5)
    ),
    "affine": Formula(lambda a, α, β: α * a + β, lambda a, α, _β: np.full_like(a, α), (1.0, 0.0)),
    "leaky_relu": Formula(
        lambda a, α, _β: _either(a.real >= 0, a, α * a, a), lambda a, α, _β: _either(a.real >= 0, 1, α, a), (0.01,)
    ),
    "thresholded_relu": Formula(
        lambda a, α, _β: _either(a.real > α, a, 0, a), lambda a, α, _β: _either(a.real > α, 1, 0, a), (1.0,)
    ),
    "scaled_tanh": Formula(
        lambda a, α, β: α * np.tanh(β * a), lambda a, α, β: α * β * (1 - np.tanh(β * a) ** 2), (1.0, 1.0)
    ),
    "elu": Formula(
        lambda a, α, _β: _positive(a) + α * np.expm1(_negative(a)),
        lambda a, α, _β: _either(a.real >= 0, 1, α * np.exp(_negative(a)), a),
        (1.0,),
    ),
    "softsign": Formula(lambda a, _α, _β: a / (1 + _size(a)), lambda a, _α, _β: (1 / (1 + _size(a))) ** 2),
    "softplus": Formula(  # ln(1 + eᵃ), written so that it never overflows
        lambda a, _α, _β: _positive(a) + np.log1p(np.exp(-_size(a))), lambda a, _α, _β: _sigmoid(a)
    ),
    "selu": Formula(  # Klambauer et al. 2017
        lambda a, α, β: β * (_positive(a) + α * np.expm1(_negative(a))),
        lambda a, α, β: β * _either(a.real >= 0, 1, α * np.exp(_negative(a)), a),
        (1.6732632423543772, 1.0507009873554805),
    ),
    "silu": Formula(lambda a, _α, _β: a * _sigmoid(a), lambda a, _α, _β: _sigmoid(a) * (1 + a * (1 - _sigmoid(a)))),
    "gelu": Formula(lambda a, _α, _β: _gelu(a), lambda a, _α, _β: _normal(a) + a * _bell(a)),
    "linear": Formula(lambda a, _α, _β: a.copy(), lambda a, _α, _β: np.ones_like(a)),
}


@dataclass(frozen=True)
class Activation:
    """A function of a cell's sums.

    Attributes:
        name: a key of ``FORMULAS``.
        alpha: its first number, where it has one.
        beta: its second.

    Raises:
        ActivationError: there is no function of that name.
    """

    name: str
    alpha: float = 0.0
    beta: float = 0.0

    def __post_init__(self) -> None:
        """Check the name."""
        if self.name not in FORMULAS:
            raise ActivationError(f"activation: expected one of {', '.join(FORMULAS)}, got {visible(self.name)}")

    @classmethod
    def named(cls, name: str, alpha: float | None = None, beta: float | None = None) -> Self:
        """Return the function that a framework calls ``name``, as ``HardSigmoid`` or ``hard_sigmoid``.

        Args:
            name: in any case, with or without underscores.
            alpha: ``None`` for ONNX's own; left aside where the function has no such number.
            beta: the same.

        Raises:
            ActivationError: there is no function of that name.
        """
        spellings = {formula.replace("_", ""): formula for formula in FORMULAS} | {"swish": "silu"}
        formula_name = cls(spellings.get(name.lower().replace("_", ""), name)).name
        usual = FORMULAS[formula_name].usual
        arguments = zip((alpha, beta), usual, strict=False)
        return cls(formula_name, *(other if number is None else float(number) for number, other in arguments))

    def __str__(self) -> str:
        """Return the name and the numbers, as ``hard_sigmoid(0.2, 0.5)``."""
        numbers = (self.alpha, self.beta)[: len(FORMULAS[self.name].usual)]
        return self.name + (f"({', '.join(f'{number:.4g}' for number in numbers)})" if numbers else "")

    def __call__(self, a: Array) -> Array:
        """Return the function's values, of the shape and type of ``a``."""
        return FORMULAS[self.name].value(a, self.alpha, self.beta)

    def slope(self, a: Array) -> Array:
        """Return the derivative at ``a``."""
        return FORMULAS[self.name].slope(a, self.alpha, self.beta)


KERAS_ONLY = frozenset({"selu", "silu", "gelu"})  # which ONNX has not for recurrent operators
SIGMOID, TANH = Activation("sigmoid"), Activation("tanh")


@dataclass(frozen=True)
class ClippedActivation:
    """An activation whose sums are brought between ±``clip`` ahead, as ONNX's ``clip`` says; ``None`` for no bound.

    ONNX Runtime clamps the whole sum, biases and peepholes in it, for every gate and the candidate; the cell state
    and what the cell lets out are never clamped.
    """

    activation: Activation
    clip: float | None

    def __call__(self, a: Array) -> Array:
        """Return the function's values at what is left of ``a``."""
        return self.activation(self._bounded(a))

    def slope(self, a: Array) -> Array:
        """Return the derivative at ``a``: 0 beyond the bound."""
        slope = self.activation.slope(self._bounded(a))
        return slope if self.clip is None else _either(np.abs(a.real) <= self.clip, slope, 0, a)

    def _bounded(self, a: Array) -> Array:
        if self.clip is None:
            return a
        return _either(np.abs(a.real) <= self.clip, a, np.copysign(self.clip, a.real), a)


def differences_in_words(clip: float | None, functions: Mapping[str, tuple[Activation, Activation]]) -> tuple[str, ...]:
    """Say which functions, by what they are for, are not the usual ones that stand beside them, and the bound."""
    replacements = tuple(f"{function} for {what}" for what, (function, usual) in functions.items() if function != usual)
    return replacements + (() if clip is None else (f"sums clipped at {clip:.4g}",))
