"""The number of an answer that is explained (a log-odds, a value, or the difference of two), and its gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstm_ascii.answer import LINEAR, Answer
from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass


@dataclass(frozen=True, eq=False)
class Asked:
    """The target of an explanation: one output of a network's answer, or the difference of two.

    Attributes:
        answer: the head of the network.
        step: the step whose answer is meant, from 1; 0 for a head that pools all steps into one answer.
        output: the index of the output; for a single sigmoid 0 or 1, its two classes.
        against: the index of the output that is subtracted; ``None`` for no difference.
    """

    answer: Answer
    step: int
    output: int
    against: int | None = None

    def figures(self, outputs: Array) -> Array:
        """Return the number for each sequence, ``(B,)``, given the outputs of all steps, ``(T, B, W)``.

        For probabilities these are the log-odds: the pre-activations of the last layer, or their difference. Otherwise
        it is the value, or the difference of two.
        """
        sums = self._sums(outputs)
        if self.answer.is_binary:
            return sums[:, 0] if self.output else -sums[:, 0]
        numbers = sums if self.answer.is_probable else self.answer.squash(sums)
        figures: Array = numbers[:, self.output]
        return figures if self.against is None else figures - numbers[:, self.against]

    def gradient(self, outputs: Array) -> Array:
        """Return the gradient of the number with respect to outputs ``(T, B, W)``, of their shape."""
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
        """Return the pre-activations of the answer's last layer at :attr:`step`, ``(B, n)``."""
        if not self.step:
            return self.answer.sums(outputs)
        sums: Array = self.answer.sums(outputs[self.step - 1 : self.step])[0]
        return sums

    @property
    def is_choice(self) -> bool:
        """Whether its sign decides between two outputs."""
        return self.answer.is_binary or self.against is not None

    @property
    def is_of_one_step(self) -> bool:
        """Whether it depends on the outputs of a single step only, in a network that reads forward."""
        is_last = self.answer.pooling == "last" or (self.answer.pooling == "ends" and not self.answer.split)
        return bool(self.step) or is_last

    def earlier(self) -> Asked:
        """Return the same target one step earlier; a target of all steps stays as it is."""
        return replace(self, step=self.step - 1) if self.step else self

    def after(self, steps: int) -> int:
        """Return the number of the step that it depends on, from 1, in a sequence of so many steps."""
        return self.step or steps

    def direction(self) -> Array | None:
        """Return its weights on the outputs of that step, ``(W,)``, where it is linear in them; else ``None``."""
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
        """Return its constant part, where it is linear in the outputs."""
        bias = self.answer.layers[-1].bias
        if self.answer.is_binary:
            return float(bias[0] if self.output else -bias[0])
        return float(bias[self.output] - (0.0 if self.against is None else bias[self.against]))
