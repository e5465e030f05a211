"""The recall task: name the first of N + 2 words. How far back can a network learn to remember?

The first word is one of eight names, then come N fillers that say nothing, then the question. The loss is that of the
answer alone, so its gradient has N + 1 steps to travel back. After the long-time-lag tasks of Hochreiter &
Schmidhuber (1997).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from functools import cached_property
from zlib import crc32

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array, Cell
from lstm_ascii.cells.columns import ColumnPass, column_pass
from lstm_ascii.cells.initial import chrono, random_cell, uniform
from lstm_ascii.records import dataclass
from lstm_ascii.training.loop import cross_entropy
from lstm_ascii.training.optimiser import Adam

CHRONO = "chrono"
CLASSES = FILLERS = 8  # three random bits each
WORDS = CLASSES + FILLERS + 1  # the last is the question; every word is one input
HIDDEN, BATCH, RATE = 32, 32, 2e-3
TARGET, WINDOW = 0.99, 10  # the share of right answers that counts as learnt, over so many batches in a row
MOST_STEPS = 1000


@dataclass(frozen=True)
class Racer:
    """A kind of network in the race.

    Attributes:
        cell: ``rnn``, ``lstm`` or ``gru``.
        forget_bias: added to the LSTM's forget gate; ``chrono``: ln U(1, 1.5 N) for a gap of N, and its negative
            to the input gate (Tallec & Ollivier 2018). Other cells have none.
    """

    cell: str
    forget_bias: float | str | None = None

    @property
    def label(self) -> str:
        """The name on the screen."""
        if self.forget_bias is None:
            return self.cell.upper()
        bias = self.forget_bias if isinstance(self.forget_bias, str) else f"{self.forget_bias:+g}"
        return f"{self.cell.upper()} {bias}"


@dataclass(frozen=True)
class RecallPoint:
    """How often a network was right.

    Attributes:
        step: the last batch that is counted.
        accuracy: share of right answers in the ``WINDOW`` batches up to it. No sequence comes twice, and each is
            asked before it is learnt from: so it is measured on fresh ones.
    """

    step: int
    accuracy: float


@dataclass(frozen=True)
class Heat:
    """One network that learns one gap from one seed.

    Attributes:
        racer: the kind of network.
        gap: N, the fillers between the name and the question.
        seed: of the first weights and of the sequences; all racers get the same sequences.
        steps: batches at most.
    """

    racer: Racer
    gap: int
    seed: int
    steps: int = MOST_STEPS

    def points(self) -> Iterator[RecallPoint]:
        """Train until the network has learnt it, or the steps are used up; yield a point every ``WINDOW`` steps."""
        learner, sequences = Learner.first(self), Sequences(self.gap, self.seed)
        adam, right = Adam(learner.parameters), 0
        for step in range(1, self.steps + 1):
            found, gradients = learner.gradients(*sequences.batch(BATCH))
            adam.step(gradients, RATE)
            right += found
            if step % WINDOW == 0:
                point = RecallPoint(step, right / (WINDOW * BATCH))
                right = 0
                yield point
                if point.accuracy >= TARGET:
                    return


class Sequences:
    """Batches without end for one gap, from one seed: the raw bits of a generator, as NumPy promises them."""

    def __init__(self, gap: int, seed: int) -> None:
        """Start at the first batch."""
        self._gap = gap
        self._bits = np.random.PCG64([seed, crc32(f"recall {gap}".encode())])

    def batch(self, size: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return the words of the next sequences, ``(N + 2, B)``, and their names, ``(B,)``."""
        raw = np.asarray(self._bits.random_raw((self._gap + 1) * size), np.uint64)
        classes = (raw >> np.uint64(61)).astype(np.intp).reshape(self._gap + 1, size)
        words = np.full((self._gap + 2, size), WORDS - 1, np.intp)
        words[0], words[1:-1] = classes[0], classes[1:] + CLASSES
        return words, classes[0]


@dataclass(frozen=True, eq=False)
class Learner:
    """A cell, and what turns its last output into an answer.

    Attributes:
        cell: that reads the words.
        decoder_weight: ``(CLASSES, H)``.
        decoder_bias: ``(CLASSES,)``.
    """

    cell: Cell
    decoder_weight: Array
    decoder_bias: Array
    _passes: dict[tuple[int, ...], ColumnPass] = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def first(cls, heat: Heat) -> Learner:
        """Return the network, in float32, that ``heat`` starts from: PyTorch's default initialisation."""
        cell = random_cell(heat.racer.cell, WORDS, HIDDEN, heat.seed)
        if heat.racer.forget_bias == CHRONO:
            bias = chrono(heat.seed, HIDDEN, heat.gap)
            cell.bias_ih[HIDDEN : 2 * HIDDEN] += bias
            cell.bias_ih[:HIDDEN] -= bias
        elif isinstance(heat.racer.forget_bias, float):
            cell.bias_ih[HIDDEN : 2 * HIDDEN] += heat.racer.forget_bias
        weight = uniform(heat.seed, "recall.decoder", (CLASSES, HIDDEN), HIDDEN**-0.5)
        parameters = {name: value.astype(np.float32) for name, value in cell.parameters.items()}
        return cls(type(cell)(**parameters), weight.astype(np.float32), np.zeros(CLASSES, np.float32))

    @cached_property
    def parameters(self) -> dict[str, Array]:
        """All that is trained, by name; the network's own arrays."""
        return {**self.cell.parameters, "decoder_weight": self.decoder_weight, "decoder_bias": self.decoder_bias}

    def gradients(self, words: npt.NDArray[np.intp], names: npt.NDArray[np.intp]) -> tuple[int, dict[str, Array]]:
        """Return how many answers are right, and the gradients of the mean of -log p(name), by parameter.

        Args:
            words: of the sequences, ``(T, B)``.
            names: the right answers, ``(B,)``.
        """
        if words.shape not in self._passes:
            steps, batch = words.shape
            self._passes[steps, batch] = column_pass(self.cell, steps, batch, one_hot=True)
        cell_pass = self._passes[words.shape]
        last = cell_pass.forward(words)
        logits = last.T @ self.decoder_weight.T + self.decoder_bias
        right = int(np.count_nonzero(logits.argmax(axis=1) == names))
        cross_entropy(logits, names, np.ones(len(names), logits.dtype))  # now their gradient
        gradients = cell_pass.backward((logits @ self.decoder_weight).T)
        return right, gradients | {"decoder_weight": (last @ logits).T, "decoder_bias": logits.sum(axis=0)}
