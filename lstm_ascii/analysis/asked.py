"""One number of an answer that is looked into: a log-odds, a value, or the difference of two; and its gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstm_ascii.answer import LINEAR, Answer
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run, parted
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of an answer.

    Attributes:
        answer: of the network.
        step: the number of the step that is answered, from 1; 0 where all of them have one answer.
        output: which of the outputs; of one sigmoid 0 or 1, its two classes.
        against: which it is held against; ``None`` where it stands alone.
    """

    answer: Answer
    step: int
    output: int
    against: int | None = None

    def figures(self, outputs: Array) -> Array:
        """Return the number for outputs ``(T, B, W)`` of all steps, ``(B,)``.

        Of probabilities it is the difference of the sums ahead of the last function, which are the log-odds; else
        the value, or the difference of two.
        """
        sums = self._sums(outputs)
        if self.answer.is_binary:
            return sums[:, 0] if self.output else -sums[:, 0]
        numbers = sums if self.answer.is_probable else self.answer.squash(sums)
        figures: Array = numbers[:, self.output]
        return figures if self.against is None else figures - numbers[:, self.against]

    def gradient(self, outputs: Array) -> Array:
        """Return its gradient on outputs ``(T, B, W)``, of their shape."""
        sums = self._sums(outputs)
        seed = np.zeros_like(sums)
        if self.answer.is_binary:
            seed[:, 0] = 1.0 if self.output else -1.0
        else:
            seed[:, self.output] = 1.0
            if self.against is not None:
                seed[:, self.against] = -1.0
            if not self.answer.is_probable:
                seed = self.answer.squash.backward(sums, seed)
        if not self.step:
            return self.answer.backward(outputs, seed)[0]
        d_outputs = np.zeros(outputs.shape, seed.dtype)
        here = slice(self.step - 1, self.step)
        d_outputs[here] = self.answer.backward(outputs[here], seed[None])[0]
        return d_outputs

    def _sums(self, outputs: Array) -> Array:
        """Return what the last function reads where it is asked, ``(B, n)``."""
        if not self.step:
            return self.answer.sums(outputs)
        sums: Array = self.answer.sums(outputs[self.step - 1 : self.step])[0]
        return sums

    @property
    def is_choice(self) -> bool:
        """Whether it tells by its sign which of two the answer is."""
        return self.answer.is_binary or self.against is not None

    @property
    def is_of_one_step(self) -> bool:
        """Whether it is made of the outputs of a single step, in a network that reads forward."""
        is_last = self.answer.pooling == "last" or (self.answer.pooling == "ends" and not self.answer.split)
        return bool(self.step) or is_last

    def earlier(self) -> Asked:
        """Return the same question, a step earlier where it is of one step."""
        return replace(self, step=self.step - 1) if self.step else self

    def after(self, steps: int) -> int:
        """Return the number of that step, of so many."""
        return self.step or steps

    def direction(self) -> Array | None:
        """Return its gradient on the outputs of that step, ``(W,)``, where it is a sum of them; else ``None``."""
        layer, *more = self.answer.layers
        linear = self.answer.is_probable or self.answer.squash.name == LINEAR
        if more or not linear or self.answer.ahead.name != LINEAR or not self.is_of_one_step:
            return None
        weight = layer.weight.astype(float)
        if self.answer.is_binary:
            only: Array = weight[0] if self.output else -weight[0]
            return only
        row: Array = weight[self.output]
        return row if self.against is None else row - weight[self.against]

    def bias(self) -> float:
        """Return the part of it that no output has a share in, where it is a sum of them."""
        bias = self.answer.layers[-1].bias
        if self.answer.is_binary:
            return float(bias[0] if self.output else -bias[0])
        return float(bias[self.output] - (0.0 if self.against is None else bias[self.against]))


def gradient_below(network: Network, run: Run, d_outputs: Array, above: int = -1) -> Array:
    """Return the gradient on the outputs of layer ``above``, from 0, or on the inputs for −1, all ``(T, B, W)``.

    Args:
        network: that ran.
        run: its pass.
        d_outputs: the gradient on the outputs of the last layer.
        above: the layer that it is followed back to.
    """
    d_x = d_outputs
    for number in range(len(network.layers) - 1, above, -1):
        layer, passes = network.layers[number], run.traces[number]
        parts, d_x = parted(layer, passes, d_x), np.zeros(passes[0].x.shape, d_x.dtype)
        for direction, trace, part in zip(layer, passes, parts, strict=True):
            d_x += direction.ordered(direction.cell.backward(trace, {"h": direction.ordered(part)}).x)
    return d_x
