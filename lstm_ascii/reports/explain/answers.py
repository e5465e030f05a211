"""What a network answers that names no next word.

Its classes, tags or values, the question that is looked into, and the gradient of what decides it.
"""

from __future__ import annotations

import numpy as np

from lstm_ascii.analysis.asked import Asked
from lstm_ascii.answer import Answer
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.layer import parted
from lstm_ascii.network import Network, Run, gradient_below
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.passes import Loss
from lstm_ascii.reports.explain.view import View

MOST_OUTPUTS = 50  # that are told; of more the largest


@dataclass(frozen=True)
class Likely:
    """A class, tag or label, and the probability that the network gives it."""

    label: str
    probability: float


@dataclass(frozen=True)
class Valued:
    """A number that the network gives."""

    label: str
    value: float


@dataclass(frozen=True)
class StepAnswer:
    """What the network answers after a step: of that step, or had the sequence ended there.

    Attributes:
        number: of the step, from 1.
        likeliest: the class; empty where the answer is no choice.
        asked: of the output that is asked for, its probability or value.
    """

    number: int
    likeliest: str
    asked: float


@dataclass(frozen=True)
class Answered:
    """An answer, and the question that is looked into.

    Attributes:
        kind: ``classes``, ``tags`` (a class a step), ``labels`` (each yes or no) or ``values``.
        pooling: what is done with the steps: ``last``, ``first``, ``mean``, ``max``, ``ends`` or ``each``.
        function: the last one: ``softmax``, ``sigmoid``, ``linear``.
        step: the number of the step that is answered; 0 where all of them have one answer.
        outputs: in their order, or of many the largest.
        asked: which of them is looked into.
        against: which it is held against; empty where it stands alone.
        difference: of the sums ahead of the last function where they are probabilities, which are the log-odds;
            else of the values; of one output alone its own.
        error_after: the number of the word, or step, after which the cell's error is measured.
        steps: one each; none where a step's answer needs those behind it.
        assumed: what the file doesn't say of the answer.
    """

    kind: str
    pooling: str
    function: str
    step: int
    outputs: tuple[Likely | Valued, ...]
    asked: str
    against: str
    difference: float
    error_after: int
    steps: tuple[StepAnswer, ...]
    assumed: tuple[str, ...]

    @property
    def is_probable(self) -> bool:
        """Whether it is told in probabilities."""
        return self.kind != "values"

    @property
    def figure(self) -> float:
        """The probability or the value of what is asked."""
        found = next(output for output in self.outputs if output.label == self.asked)
        return found.probability if isinstance(found, Likely) else found.value


def answered(view: View, asked: Asked) -> tuple[Answered, Loss]:
    """Return what a network answers on a pass, and the gradient of what is looked into.

    Args:
        view: of a cell of a network with a head.
        asked: what is looked into; see :func:`asked_of`.
    """
    answer, outputs = asked.answer, view.run.outputs
    sums = answer.sums(outputs)
    figures = _figures(answer, sums[asked.step - 1, 0] if asked.step else sums[0])
    names = answer.names
    loss = loss_of_asked(view, asked)
    order = range(len(names)) if len(names) <= MOST_OUTPUTS else np.argsort(-figures, kind="stable")[:MOST_OUTPUTS]
    against = [] if asked.against is None else [asked.against]
    kept = dict.fromkeys([*map(int, order), asked.output, *against])
    made = Likely if answer.is_probable else Valued
    return Answered(
        kind=answer.kind,
        pooling=answer.pooling,
        function=str(answer.squash),
        step=asked.step,
        outputs=tuple(made(names[k], float(figures[k])) for k in kept),
        asked=names[asked.output],
        against="" if asked.against is None else names[asked.against],
        difference=float(asked.figures(outputs)[0]),
        error_after=view.turned(loss.last),
        steps=_steps(view, answer, asked.output),
        assumed=answer.assumed,
    ), loss


def asked_of(network: Network, run: Run, wording: str = "", contrast: str = "", word: int | None = None) -> Asked:
    """Return what is looked into, of a network that names no next word.

    Args:
        network: one with a head.
        run: its pass, ``B`` = 1.
        wording: which output to look into, by its label or its number from 0.
        contrast: two of them, as ``A:B``.
        word: which step, of an answer to each; by default the last.

    Raises:
        UsageError: there are no such outputs.
    """
    answer = network.head
    if answer is None:
        raise ValueError("the network has no answer beside next words")
    sums = answer.sums(run.outputs)
    step = (word or len(run.outputs)) if answer.pooling == "each" else 0
    figures = _figures(answer, sums[step - 1, 0] if step else sums[0])
    return Asked(answer, step, *_question(answer, figures, wording, contrast))


def _figures(answer: Answer, sums: Array) -> Array:
    """Return the probability of each class, or the values, of sums ``(…, n)``."""
    values = answer.squash(sums)
    if answer.squash.name == "log_softmax":
        return np.exp(values)
    return np.concatenate([1 - values, values], axis=-1) if answer.is_binary else values


def _question(answer: Answer, figures: Array, wording: str, contrast: str) -> tuple[int, int | None]:
    """Return which outputs are looked into: the reader's, else the likeliest class against the next, or the first."""
    if contrast:
        left, _, right = contrast.partition(":")
        asked, against = _named(answer, left, "contrast"), _named(answer, right, "contrast")
        if asked == against:
            raise UsageError(f"expected two outputs as A:B, got {contrast!r}", "contrast")
        return asked, against
    is_choice = answer.squash.over_all or answer.is_binary
    if not is_choice:
        return _named(answer, wording, "answer") if wording else 0, None
    order = np.argsort(-figures, kind="stable").tolist()
    asked = _named(answer, wording, "answer") if wording else order[0]
    return asked, next((k for k in order if k != asked), None)


def _named(answer: Answer, wording: str, parameter: str) -> int:
    """Return the index of an output by its label, or its number from 0."""
    names, text = answer.names, wording.strip()
    if text in names:
        return names.index(text)
    if text.isascii() and text.isdigit() and int(text[:9]) < len(names):
        return int(text[:9])
    some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    expected = (
        f"one of {some}, or a number from 0 to {len(names) - 1}" if len(names) > 1 else f"{some}, the only output"
    )
    raise UsageError(f"expected {expected}, got {text!r}", parameter)


def loss_of_asked(view: View, asked: Asked) -> Loss:
    """Return the gradient of what is asked on the h of the cell that is looked into, through all layers above it."""
    network, run, place = view.network, view.run, view.place
    number = place.layer % len(network.layers)
    direct = gradient_below(network, run, asked.gradient(run.outputs), number)
    part = parted(network.layers[number], run.traces[number], direct)[place.direction]
    by_step = place.direction_in(network).ordered(part[:, 0])
    felt = np.flatnonzero(by_step.any(axis=-1))
    last = int(felt[-1]) + 1 if len(felt) else len(by_step)
    return Loss(last, by_step[:last])


def _steps(view: View, answer: Answer, asked: int) -> tuple[StepAnswer, ...]:
    """Return the answer after each step: its own, or what it were had the sequence ended there."""
    outputs = view.run.outputs
    if answer.pooling != "each":
        if any(direction.backward for layer in view.network.layers for direction in layer):
            return ()
        if answer.pooling == "first":
            return ()
        if answer.pooling == "mean":
            outputs = np.cumsum(outputs, axis=0) / np.arange(1, len(outputs) + 1)[:, None, None]
        elif answer.pooling == "max":
            outputs = np.maximum.accumulate(outputs)
            outputs = np.maximum(outputs, 0) if answer.padded else outputs
    figures = _figures(answer, answer.each_step().sums(outputs)[:, 0])
    is_choice = answer.squash.over_all or answer.is_binary
    best = [answer.names[k] for k in figures.argmax(axis=-1)] if is_choice else [""] * len(figures)
    return tuple(StepAnswer(n, best[n - 1], float(figures[n - 1, asked])) for n in range(1, len(figures) + 1))
