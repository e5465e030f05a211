"""Adam, clipping by the global norm, and a learning rate that warms up and decays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass


@dataclass
class Adam:
    """Adam (Kingma & Ba, 2015), changing the parameters in place.

    Attributes:
        parameters: the arrays to change, by name.
        decays: of the running means of the gradient and of its square (β1, β2).
        epsilon: keeps the division finite.
        steps: steps made so far.
        first, second: the running means, by name.
    """

    parameters: Mapping[str, Array]
    decays: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    steps: int = 0
    first: dict[str, Array] = field(default_factory=dict)
    second: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start the running means that are not given at zero."""
        for means in (self.first, self.second):
            for name, value in self.parameters.items():
                means.setdefault(name, np.zeros_like(value))

    def step(self, gradients: Mapping[str, Array], rate: float) -> None:
        """Make one step of size ``rate`` down ``gradients``, which are used up.

        ::

            m = β1 m + (1 - β1) d        v = β2 v + (1 - β2) d²
            p = p - rate · (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + ε)
        """
        self.steps += 1
        beta, beta_2 = self.decays
        size = rate / (1 - beta**self.steps)
        root = (1 - beta_2**self.steps) ** 0.5
        for name, value in self.parameters.items():
            d, m, v = gradients[name], self.first[name], self.second[name]
            m *= beta
            m += (1 - beta) * d
            d *= d
            d *= 1 - beta_2
            v *= beta_2
            v += d
            np.sqrt(v, out=d)
            d *= 1 / root
            d += self.epsilon
            np.divide(m, d, out=d)
            d *= size
            value -= d


def clip(gradients: Mapping[str, Array], limit: float) -> float:
    """Shrink all gradients together, in place, to the norm ``limit`` if they are longer; return their norm."""
    norm = float(np.sqrt(sum(float(np.vdot(d, d).real) for d in gradients.values())))
    if norm > limit:
        for d in gradients.values():
            d *= limit / norm
    return norm


def rate_at(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Return the learning rate of ``step`` (from 0): up to ``peak`` in ``warm_up`` steps, then straight to 0."""
    rising = (step + 1) / max(1, warm_up)
    falling = (steps - step) / max(1, steps - warm_up)
    return peak * max(0.0, min(1.0, rising, falling))
