"""The path from the outputs of the last recurrent layer to the answer, operation by operation.

What is known of a value on that way (:class:`OnTheWay`) is what Keras' layers and ONNX's nodes change alike: functions,
dense layers, and numbers that are multiplied and added, which are folded into the dense layer beside them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np

from lstm_ascii.answer import LINEAR, Answer, Dense, Squash
from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.layers import Head, in_double
from lstm_ascii.records import dataclass

NOTHING = Squash()


@dataclass(frozen=True, eq=False)
class OnTheWay:
    """A value between the outputs and the answer.

    Attributes:
        pooling: what was done with the steps.
        width: how many numbers there are a step.
        ahead: the function of the pooled outputs.
        layers: the dense layers so far.
        tensors: of each the name of its weight and of its bias.
        others: names of what was folded into them.
        scale, shift: what the numbers are multiplied by, and what is added, before the next dense layer.
    """

    pooling: str
    width: int
    ahead: Squash = NOTHING
    layers: tuple[Dense, ...] = ()
    tensors: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    scale: Array | None = None
    shift: Array | None = None

    def pooled(self, pooling: str) -> Self | None:
        """Return it with its steps pooled; ``None`` where that can't be told apart from what was done already."""
        is_one_step = pooling in ("last", "first", "ends")  # what was done with every step was done with this one
        if self.pooling != "each" or not (is_one_step or self._is_untouched):
            return None
        return replace(self, pooling=pooling)

    @property
    def _is_untouched(self) -> bool:
        return not self.layers and self.ahead.name == LINEAR and self.scale is None

    def dense(self, weight: Array, bias: Array | None, names: tuple[str, str], squash: Squash) -> Self | None:
        """Return it behind a dense layer of weights ``(n, m)``; ``None`` where it does not fit."""
        if weight.ndim != 2 or weight.shape[1] != self.width or weight.dtype.kind != "f" or not weight.size:
            return None
        if bias is not None and (bias.shape != (len(weight),) or bias.dtype.kind != "f"):
            return None
        weight = in_double(weight)
        offset = np.zeros(len(weight)) if bias is None else in_double(bias)
        if self.shift is not None:
            offset = offset + weight @ self.shift
        if self.scale is not None:
            weight = weight * self.scale
        layer = Dense(weight, offset, squash)
        return replace(self, width=len(weight), layers=(*self.layers, layer), tensors=(*self.tensors, names),
                       scale=None, shift=None)  # fmt: skip

    def squashed(self, squash: Squash) -> Self | None:
        """Return it behind a function; ``None`` behind a second one."""
        if squash.name == LINEAR:
            return self
        if self.scale is not None:
            return None
        if not self.layers:
            return replace(self, ahead=squash) if self.ahead.name == LINEAR else None
        last = self.layers[-1]
        if last.squash.name != LINEAR:
            return None
        return replace(self, layers=(*self.layers[:-1], replace(last, squash=squash)))

    def scaled(self, scale: Array, shift: Array, names: tuple[str, ...]) -> Self | None:
        """Return ``scale · value + shift``; each has one number, or one for each of the value's, else ``None``."""
        if any(part.size not in (1, self.width) or part.shape[:-1].count(1) != max(0, part.ndim - 1)
               for part in (scale, shift)):  # fmt: skip
            return None
        scale, shift = (np.broadcast_to(in_double(part).reshape(-1), (self.width,)) for part in (scale, shift))
        others = (*self.others, *names)
        if self.layers and self.layers[-1].squash.name == LINEAR:
            last = self.layers[-1]
            layer = replace(last, weight=last.weight * scale[:, None], bias=last.bias * scale + shift)
            return replace(self, layers=(*self.layers[:-1], layer), others=others)
        before, offset = (1.0 if self.scale is None else self.scale), (0.0 if self.shift is None else self.shift)
        return replace(self, scale=before * scale, shift=offset * scale + shift, others=others)

    def head(self, split: int) -> Head | None:
        """Return the answer that the way ends with here; ``None`` where there is no dense layer on it."""
        if not self.layers or self.scale is not None:
            return None
        answer = Answer(self.pooling, self.layers, self.ahead, split)
        return Head(answer, self.tensors, self.others)
