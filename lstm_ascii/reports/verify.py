"""Whether a file is read correctly: the outputs of our network against those of its framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError, ShapeError
from lstm_ascii.language.text import visible
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.sources import Source, fed_by, open_networks

SCHEMA_VERSION = 1
INDICES, VECTORS = ("ids", "tokens", "input_ids"), ("x", "input", "inputs")
# of the largest value: what the digits of a type allow, of outputs and of the weights that made them
TOLERANCES = {"float64": 1e-12, "float32": 1e-5, "float16": 1e-2, "bfloat16": 5e-2}
ROUGH = 1e-2  # of any other type
_Orders = tuple[bool, bool]  # whether the sequences come first: in what goes in, in what comes out
PLAIN_ORDERS: tuple[_Orders, ...] = ((False, False), (True, True), (False, True), (True, False))
RESULTS = ("output", "logits", "answer")
AXES = (2, 3)  # of indices and of vectors, for several sequences
NEARER = 10.0  # times, by which sequences that come first are told where neither order agrees


@dataclass(frozen=True)
class Compared:
    """One stored array and ours.

    Attributes:
        name: in the reference.
        shape: of it.
        dtype: of it.
        deviation: the largest, absolute, where both are numbers.
        largest: the largest absolute value of the reference.
        tolerance: how much of that may be off.
        digits: whose digits allow no less: a type, such as ``float32``, or ``float16 weights``.
        broken: how many values of the reference are NaN or infinite.
        ours_broken: how many of ours.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    deviation: float
    largest: float
    tolerance: float
    digits: str
    broken: int = 0
    ours_broken: int = 0

    @property
    def relative(self) -> float:
        """The deviation as a share of the largest value."""
        return self.deviation / self.largest if self.largest else self.deviation

    @property
    def agrees(self) -> bool:
        """Whether that is rounding; NaN never agrees."""
        return not (self.broken or self.ours_broken) and self.relative <= self.tolerance

    @property
    def by_weights(self) -> bool:
        """Whether it needs the tolerance of the stored weights."""
        return self.digits.endswith("weights")


@dataclass(frozen=True)
class VerifyReport:
    """All that ``--verify`` shows.

    Attributes:
        schema_version: of this layout.
        model: the file of weights.
        reference: the file of inputs and outputs.
        steps, sequences: T and B of them.
        turned: whether what goes in has the sequences first, and was turned.
        compared: what could be compared.
        passed: whether all of it agrees.
        outputs_turned: whether what the framework gave has the sequences first.
    """

    schema_version: int
    model: str
    reference: str
    steps: int
    sequences: int
    turned: bool
    compared: tuple[Compared, ...]
    passed: bool
    outputs_turned: bool = False


def verify_report(source: Source, reference: str) -> VerifyReport:
    """Run a network on stored inputs and compare with stored outputs.

    Args:
        source: of one network.
        reference: an npz with ``ids`` ``(T, B)`` or ``x`` ``(T, B, D)``, and ``output``, of the last layer
            ``(T, B, P · directions)``, or ``logits`` ``(T, B, V)``, or both; of a network that answers once a sequence
            ``answer`` ``(B, n)``, or ``logits`` ahead of its last function. Sequences may come first, in what goes in
            and in what comes out; one sequence may stand without its axis in both.

    Raises:
        FileError: a file can't be read, or the arrays don't belong to the network.
    """
    (network,) = open_networks((), (), source)
    network = network.with_layers_in(np.float64)  # the reference may be in it
    path = Path(reference)
    tensors = read_contents(path).tensors
    arrays = {name: np.asarray(tensors[name]) for name in tensors}
    inputs = _given(path, network, arrays)
    targets: dict[str, Array] = {name: arrays[name] for name in RESULTS if name in arrays}
    if not targets:
        raise FileError(f"{visible(reference)}: expected an array named {' or '.join(RESULTS)}, got {_named(arrays)}")
    stepwise = {name for name in targets if name == "output" or network.head is None or network.head.pooling == "each"}
    if inputs.ndim == AXES[inputs.dtype.kind == "f"] - 1:  # one sequence
        inputs, targets = inputs[:, None], {
            name: value[:, None] if name in stepwise else value[None] if value.ndim == 1 else value
            for name, value in targets.items() if value.ndim
        }  # fmt: skip
    types = {name: tensors.stored[name].dtype for name in (*targets, *_inputs_of(arrays))}
    weights = _roughest(source)
    comparisons: dict[_Orders, tuple[Compared, ...]] = {}
    errors: list[ShapeError | FileError] = []
    for way in (False, True):
        try:
            ours = _answers(network, inputs.swapaxes(0, 1) if way else inputs, targets)
        except ShapeError as error:  # the file says how many steps it reads
            errors.append(error)
            continue
        for turned in (way, not way):
            given = {name: value.swapaxes(0, 1) if turned and name in stepwise else value
                     for name, value in ours.items()}  # fmt: skip
            try:
                comparisons[way, turned] = tuple(_compared(path, given, targets, types, weights))
            except FileError as error:  # of other sizes
                errors.append(error)
    if errors and not any(map(_all_agree, comparisons.values())):
        first = next((error for error in errors if isinstance(error, ShapeError)), None)
        if first is not None or not comparisons:
            raise first or errors[0]
    orders = _orders(comparisons)
    batch_first, comparison = orders[0], comparisons[orders]
    sequences, steps = inputs.shape[:2] if batch_first else inputs.shape[1::-1]
    return VerifyReport(
        SCHEMA_VERSION, visible(source.model), visible(reference), steps, sequences, batch_first, comparison,
        _all_agree(comparison), orders[1],
    )  # fmt: skip


def fed_report(source: Source) -> VerifyReport:
    """Let ONNX Runtime run the whole model on ``source.feed``, and compare what a network of it gives with its layer.

    Raises:
        FileError: a file can't be read, or the model can't be run on it.
        UsageError: there is no such sequence.
        LstmAsciiError: ONNX Runtime is not installed.
    """
    (network,) = open_networks((), (), source)
    fed = fed_by(source, network).fed
    reference = f"ONNX Runtime {fed.runtime}, fed with {fed.file}"
    if not fed.compared:
        raise FileError(f"{visible(source.model)}: the model asks the layer for no output that could be compared")
    comparison = Compared(
        fed.compared, fed.shape, "float32", fed.deviation, fed.largest, TOLERANCES["float32"], "float32", fed.broken
    )
    comparison = _allowing_for(comparison, _roughest(source))
    return VerifyReport(
        SCHEMA_VERSION, visible(source.model), reference, fed.steps, 1, turned=False,
        compared=(comparison,),
        passed=comparison.agrees,
    )  # fmt: skip


def _all_agree(comparisons: Sequence[Compared]) -> bool:
    return bool(comparisons) and all(comparison.agrees for comparison in comparisons)


def _orders(comparisons: Mapping[_Orders, Sequence[Compared]]) -> _Orders:
    """Return whether the sequences come first, in what goes in and in what comes out.

    What agrees is taken, else what is far nearer than the axes as they are stored; of those the arrays that all have
    the same order come first.
    """
    agreeing = [orders for orders in PLAIN_ORDERS if orders in comparisons and _all_agree(comparisons[orders])]
    if agreeing:
        return agreeing[0]
    there = [orders for orders in PLAIN_ORDERS if orders in comparisons]
    nearest = min(there[1:], key=lambda orders: _off(comparisons[orders]), default=there[0])
    return nearest if NEARER * _off(comparisons[nearest]) < _off(comparisons[there[0]]) else there[0]


def _inputs_of(arrays: Mapping[str, Array]) -> list[str]:
    """Return the names of what goes in."""
    return [name for name in (*INDICES, *VECTORS) if name in arrays][:1]


def _off(comparisons: Sequence[Compared]) -> float:
    """Return how far the arrays are off, the worst of them."""
    return max((comparison.relative for comparison in comparisons), default=0.0)


def _roughest(source: Source) -> str:
    """Return the type with the fewest digits that weights of the file are stored in."""
    types = {tensor.dtype for tensor in read_contents(source.file).tensors.stored.values() if "float" in tensor.dtype}
    return max(types, key=lambda dtype: TOLERANCES.get(dtype, ROUGH), default="float64")


def _given(path: Path, network: Network, arrays: Mapping[str, Array]) -> Array:
    """Return what goes in: indices of words ``(T, B)``, or vectors ``(T, B, D)``; one sequence may stand alone."""
    for names, kinds, axes in ((INDICES, "iu", AXES[0]), (VECTORS, "f", AXES[1])):
        for name in names:
            if name not in arrays:
                continue
            value = arrays[name]
            if value.dtype.kind not in kinds or value.ndim not in (axes - 1, axes) or not value.size:
                sizes = "(T, B)" if axes == 2 else "(T, B, D)"
                raise FileError(
                    f"{path}: {name}: expected {'whole' if axes == 2 else 'real'} numbers of shape {sizes}, "
                    f"got {value.dtype} of shape {value.shape}"
                )
            width = network.embedding.shape[1]
            if axes == AXES[1] and value.shape[-1] != width:
                raise FileError(f"{path}: {name}: expected vectors of {width} numbers, got shape {value.shape}")
            if axes == AXES[0] and not (
                network.has_embedding and 0 <= value.min() <= value.max() < len(network.embedding)
            ):
                raise FileError(f"{path}: {name}: not all are rows of an embedding of {len(network.embedding)} words")
            return value
    raise FileError(f"{path}: expected an array named {INDICES[0]} or {VECTORS[0]}, got {_named(arrays)}")


def _answers(network: Network, inputs: Array, targets: Mapping[str, Array]) -> dict[str, Array]:
    """Return what the network gives for ``(T, B)`` indices or ``(T, B, D)`` vectors, by the targets' names."""
    outputs, head = _outputs(network, inputs), network.head
    given: dict[str, Array] = {}
    for name in targets:
        if name == "output":
            given[name] = outputs
        elif head is None:
            given[name] = network.decode(outputs)
        else:
            make = head.sums if name == "logits" else head
            given[name] = make(outputs) if head.pooling == "each" else np.concatenate(
                [make(one) for one in _alone(network, inputs, outputs)])  # fmt: skip
    return given


def _alone(network: Network, inputs: Array, outputs: Array) -> Iterator[Array]:
    """Yield the outputs of each sequence ``(T, 1, W)`` at the steps that the network reads, for its answer."""
    values, kept = _kept(network, inputs)
    for sequence in range(values.shape[1]):
        if kept is None or kept[:, sequence].all() or not kept[:, sequence].any():
            yield outputs[:, sequence : sequence + 1]
        else:
            read = network.run if values.ndim == 2 else network.run_vectors
            yield read(values[kept[:, sequence], sequence][:, None]).outputs


def _kept(network: Network, inputs: Array) -> tuple[Array, Array | None]:
    """Return what is read as the network takes it, and which steps ``(T, B)`` it doesn't skip; ``None`` for all."""
    of_words, mask = inputs.ndim == 2, network.mask
    values = inputs.astype(np.intp) if of_words else inputs.astype(float)
    return values, None if mask is None else mask.kept_words(values) if of_words else mask.kept_vectors(values)


def _outputs(network: Network, inputs: Array) -> Array:
    """Return the last layer's outputs; steps that the network skips are left out, and filled in as Keras does."""
    (values, kept), mask = _kept(network, inputs), network.mask
    read = network.run if inputs.ndim == 2 else network.run_vectors
    if mask is None or kept is None or kept.all():
        return read(values).outputs
    layer = network.layers[-1]
    ends = np.cumsum([direction.cell.output_size for direction in layer]).tolist()
    whole = np.zeros((*values.shape[:2], ends[-1]))
    for sequence in range(values.shape[1]):
        here = kept[:, sequence]
        if not here.any():
            continue
        outputs = read(values[here, sequence][:, None]).outputs[:, 0]
        for begin, end, direction in zip([0, *ends], ends, layer, strict=False):
            whole[:, sequence, begin:end] = mask.filled(outputs[:, begin:end], here, direction.backward)
    return whole


def _compared(
    path: Path, ours: Mapping[str, Array], targets: Mapping[str, Array], types: Mapping[str, str], weights: str
) -> Iterator[Compared]:
    """Compare every array.

    Args:
        path: of the reference.
        ours: our outputs by name.
        targets: the stored outputs by name.
        types: of the stored outputs and inputs.
        weights: the type of the weights with the fewest digits.
    """
    for name, target in targets.items():
        if ours[name].shape != target.shape or target.dtype.kind != "f":
            raise FileError(
                f"{path}: {name}: expected real numbers of shape {ours[name].shape}, got {target.dtype} of shape "
                f"{target.shape}"
            )
        whole, our_whole = np.isfinite(target), np.isfinite(ours[name])
        both = whole & our_whole
        deviation = float(np.abs(ours[name][both] - target[both].astype(float)).max(initial=0.0))
        rounded = [types[name], *(types[of] for of in types if of not in targets and "float" in types[of])]
        digits = max((*rounded, str(ours[name].dtype)), key=lambda dtype: TOLERANCES.get(dtype, ROUGH))
        largest = float(np.abs(target[whole]).max(initial=0.0))
        broken, ours_broken = int(target.size - whole.sum()), int(target.size - our_whole.sum())
        comparison = Compared(
            name, target.shape, types[name], deviation, largest, TOLERANCES.get(digits, ROUGH), digits, broken,
            ours_broken,
        )  # fmt: skip
        yield _allowing_for(comparison, weights)


def _allowing_for(comparison: Compared, weights: str) -> Compared:
    """Allow for the rounding of the stored ``weights``, if that of the arrays alone doesn't explain a deviation."""
    rougher = TOLERANCES.get(weights, ROUGH)
    if comparison.relative > comparison.tolerance and rougher > comparison.tolerance:
        return replace(comparison, tolerance=rougher, digits=f"{weights} weights")
    return comparison


def _named(arrays: Mapping[str, Array]) -> str:
    return ", ".join(map(visible, arrays)) or "nothing"
