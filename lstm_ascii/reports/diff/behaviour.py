"""Where the behaviour of two networks on the same input first differs: by step, layer, gate and unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lstm_ascii.answer import LABELS, VALUES, Answer, Squash
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.errors import LstmAsciiError, UsageError, argument
from lstm_ascii.language.text import visible
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network, Run
from lstm_ascii.records import dataclass
from lstm_ascii.reports.diff.moves import named_directions
from lstm_ascii.reports.material import Material
from lstm_ascii.thresholds import HOLDS, PARTED

STATES = ("memory c", "output h")


@dataclass(frozen=True)
class Gap:
    """The largest difference of a quantity at one step.

    Attributes:
        size: the absolute difference; ``None`` where one of the two is no number.
        unit: where it is, from 0.
        first, second: the two values there; ``None`` for no number.
    """

    size: float | None
    unit: int
    first: float | None
    second: float | None


@dataclass(frozen=True)
class Parting:
    """The first step at which a gate or state of a direction differs by as much as counts.

    Attributes:
        step: its number, from 1.
        word: that was read there.
        where: ``layer 1``.
        quantity: ``forget gate``, ``candidate``, ``memory c``, ``output h``.
        gap: the values.
    """

    step: int
    word: str
    where: str
    quantity: str
    gap: Gap


@dataclass(frozen=True)
class LayerGaps:
    """One direction of one layer, compared step by step.

    Attributes:
        where: ``layer 1``, ``layer 2, backward``.
        quantities: what is compared: the gates, then the states.
        steps: for every step, in the order of the words, the largest gap of each quantity.
        parting: where it first parts, in the order in which the cell reads; ``None`` where it nowhere does.
    """

    where: str
    quantities: tuple[str, ...]
    steps: tuple[tuple[Gap, ...], ...]
    parting: Parting | None


@dataclass(frozen=True)
class Answers:
    """What both answer after a step; at the only one where a network answers but once.

    Attributes:
        step: its number, from 1.
        word: that was read there.
        first, second: the likeliest next word or class, or the value; safe to print.
        distance: between what they say: half of Σ abs(p − q) of probabilities, else the largest absolute difference;
            ``None`` where a number is none.
        same: whether the two say the same.
    """

    step: int
    word: str
    first: str
    second: str
    distance: float | None
    same: bool


@dataclass(frozen=True)
class Behaviour:
    """Both networks on the same steps.

    Attributes:
        words: as both read them.
        layers: what can be compared unit by unit.
        answers: by step; none where one of the two has none, or another number of outputs.
        parting: the first of all, the lowest layer and then the widest gap of equals; ``None`` where they nowhere part.
        parted: the difference from which on that is said.
        read_otherwise: words that one of the two knows and the other reads as unknown.
        notes: what could not be compared, and why.
        is_series: whether the words are the steps of a series of numbers.
    """

    words: tuple[str, ...]
    layers: tuple[LayerGaps, ...]
    answers: tuple[Answers, ...]
    parting: Parting | None
    parted: float
    read_otherwise: tuple[str, ...]
    notes: tuple[str, ...]
    is_series: bool = False

    @property
    def same(self) -> bool:
        """Whether no gate, state or answer of what is compared differs at any step."""
        gaps = (gap.size for layer in self.layers for step in layer.steps for gap in step)
        return all(size == 0 for size in gaps) and all(answer.distance == 0 for answer in self.answers)

    @property
    def first_other_answer(self) -> Answers | None:
        """The first step after which the two say something else."""
        return next((answer for answer in self.answers if not answer.same), None)


def behaviour_of(networks: tuple[Network, Network], materials: tuple[Material, Material]) -> Behaviour:
    """Let both networks read, and compare what they do.

    Raises:
        UsageError: they split the sentence into different words.
        LstmAsciiError: one of them can't read it.
    """
    first, second = networks
    words = materials[0].words
    if words != materials[1].words:
        split = " and ".join(f"{len(one.words)} ({', '.join(one.words[:4])}, …)" for one in materials)
        numbers = f"numbers with {argument('input', 'FILE')}"
        raise UsageError(f"the two split the sentence into different words: {split}; give {numbers} instead")
    runs = materials[0].run(first), materials[1].run(second)
    layers, notes = [], []
    theirs = dict(_directions(second, runs[1]))
    for where, (direction, trace) in _directions(first, runs[0]):
        if where not in theirs:
            notes.append(f"{where} is in the first only")
            continue
        other, other_trace = theirs.pop(where)
        if why := _unlike(direction.cell, other.cell):
            notes.append(f"{where} is not compared unit by unit: {why}")
            continue
        layers.append(_layer(where, words, (direction, other), (trace, other_trace)))
    notes += [f"{where} is in the second only" for where in theirs]
    answers: tuple[Answers, ...] = ()
    try:
        answers = tuple(_answers(networks, runs, words))
    except LstmAsciiError as error:
        notes.append(str(error))
    partings = [layer.parting for layer in layers if layer.parting]
    known = [[reading.known for reading in material.readings(network)]
             for network, material in zip(networks, materials, strict=True)]  # fmt: skip
    otherwise = dict.fromkeys(word for word, a, b in zip(words, *known, strict=True) if a != b)
    return Behaviour(words, tuple(layers), answers, _earliest(partings), PARTED, tuple(otherwise), tuple(notes),
                     materials[0].vectors is not None)  # fmt: skip


def _earliest(partings: Sequence[Parting]) -> Parting | None:
    """Return the parting that the reader meets first: by step, of one step that of the lowest layer."""
    return min(partings, key=lambda parting: parting.step, default=None)


def _directions(network: Network, run: Run) -> Iterator[tuple[str, tuple[Direction, Trace]]]:
    """Yield each direction by name, with what it computed."""
    pairs = (
        pair
        for layer, traces in zip(network.layers, run.traces, strict=True)
        for pair in zip(layer, traces, strict=True)
    )
    for (name, _), pair in zip(named_directions(network), pairs, strict=True):
        yield name, pair


def _unlike(first: Cell, second: Cell) -> str:
    """Say why the units of two cells are not each other's; empty where they are."""
    if first.name != second.name:
        return f"{first.name} and {second.name}"
    if first.hidden_size != second.hidden_size:
        return f"{first.hidden_size} and {second.hidden_size} units"
    return "" if first.output_size == second.output_size else f"{first.output_size} and {second.output_size} outputs"


def _quantities(cell: Cell, trace: Trace) -> dict[str, Array]:
    """Return what is compared of a pass, ``(T, H)`` each by its name: gates as they are explained, then the states."""
    named = {
        name if name == "candidate" else f"{name} gate": trace.gates[letter][:, 0]
        for letter, name in cell.gate_names.items()
    }
    states = {STATES[name == "h"]: trace.states[name][1:, 0] for name in cell.state_names[::-1]}
    return named | states


def _layer(
    where: str, words: Sequence[str], directions: tuple[Direction, Direction], traces: tuple[Trace, Trace]
) -> LayerGaps:
    """Compare two passes of one direction."""
    old, new = (_quantities(way.cell, trace) for way, trace in zip(directions, traces, strict=True))
    direction = directions[0]
    by_name = {name: [*_gaps(old[name], new[name])] for name in old}
    in_order = list(zip(*by_name.values(), strict=True))
    ordered = [*direction.ordered(np.arange(len(words)))]  # which word each step reads
    parting = None
    for step, gaps in enumerate(in_order):
        wide = [(name, gap) for name, gap in zip(by_name, gaps, strict=True) if gap.size is None or gap.size >= PARTED]
        if wide:
            causes = [pair for pair in wide if pair[0] not in STATES] or wide  # a state follows from its gates
            name, gap = max(causes, key=lambda pair: np.inf if pair[1].size is None else pair[1].size)
            word = int(ordered[step])
            parting = Parting(word + 1, words[word], where, name, gap)
            break
    return LayerGaps(where, tuple(by_name), tuple(in_order[::-1] if direction.backward else in_order), parting)


def _gaps(old: Array, new: Array) -> Iterator[Gap]:
    """Return the widest gap of every step."""
    with np.errstate(invalid="ignore"):
        sizes = np.abs(new - old)
    sizes[np.isnan(old) & np.isnan(new)] = 0
    sizes[np.isnan(sizes)] = np.inf
    for step, unit in enumerate(sizes.argmax(axis=1).tolist()):
        size, first, second = (_finite(values[step, unit]) for values in (sizes, old, new))
        yield Gap(size, unit, first, second)


def _finite(value: float) -> float | None:
    """Return a number, ``None`` for what is none."""
    return float(value) if np.isfinite(value) else None


def _answers(networks: tuple[Network, Network], runs: tuple[Run, Run], words: Sequence[str]) -> Iterator[Answers]:
    """Compare what the two answer, step by step or once at the end."""
    old_answer, new_answer = (network.answer for network in networks)
    if old_answer is None or new_answer is None:
        if old_answer or new_answer:
            raise LstmAsciiError("the answers are not compared: nothing is known of what one of the two answers")
        return
    if old_answer.kind != new_answer.kind or len(old_answer.names) != len(new_answer.names):
        kinds = f"the first answers with {old_answer.in_words}, the second with {new_answer.in_words}"
        raise LstmAsciiError(f"the answers are not compared: {kinds}")
    old, new = (_values(network, answer, run)
                for network, answer, run in zip(networks, (old_answer, new_answer), runs, strict=True))  # fmt: skip
    first_step = len(words) - len(old)
    for step, pair in enumerate(zip(old, new, strict=True), first_step):
        told = [_told(answer, values) for answer, values in zip((old_answer, new_answer), pair, strict=True)]
        gaps = np.abs(pair[1] - pair[0])
        size = _finite(gaps.sum() / 2 if _is_choice(old_answer) else gaps.max())
        yield Answers(step + 1, words[step], told[0], told[1], size, told[0] == told[1])


def _values(network: Network, answer: Answer, run: Run) -> Array:
    """Return what comes out, ``(T, n)``, or ``(1, n)`` of a network that answers once; two classes of one sigmoid."""
    if network.has_decoder:
        values = Squash("softmax")(network.decode(run.outputs))
    else:
        values = answer(run.outputs)
        if answer.squash.name == "log_softmax":
            values = np.exp(values)
    rows: Array = values[:, 0] if values.ndim == 3 else values[:1]
    return np.concatenate([1 - rows, rows], axis=-1) if answer.is_binary else rows


def _is_choice(answer: Answer) -> bool:
    """Tell whether one of the outputs is chosen."""
    return answer.kind not in (VALUES, LABELS)


def _told(answer: Answer, values: Array) -> str:
    """Say what is answered: the likeliest of several, all labels that hold, or the first values."""
    if _is_choice(answer):
        return visible(answer.names[int(np.argmax(values))])
    if answer.kind == LABELS:
        held = [visible(name) for name, value in zip(answer.names, values, strict=True) if value >= HOLDS]
        return ", ".join(held) or "none"
    return ", ".join(f"{value:.4g}" for value in values[:3]) + ", …" * (len(values) > 3)
