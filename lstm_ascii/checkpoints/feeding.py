"""The real input of a recurrent layer, computed by running the whole model (``--feed``).

The model is run by ONNX Runtime with what the layer reads and gives exposed; one sequence of it becomes the network's
input, and how far the network's outputs are from the layer's own is measured on the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Site
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.files import damaged
from lstm_ascii.checkpoints.input_files import MAGIC, ZIP, array_of
from lstm_ascii.checkpoints.layers import Hints, NetworkParts
from lstm_ascii.checkpoints.networks import recognise, vocabulary_for
from lstm_ascii.checkpoints.running import ModelInput, Runner, SeenLayer, seen, wanted_of
from lstm_ascii.checkpoints.series_files import content_of, read_series, windowed
from lstm_ascii.errors import FileError, UsageError, argument
from lstm_ascii.language.text import visible
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass

LEAST = 1e-30  # below which outputs count as zeros
RIGHT = 1e-4  # of the largest output: what single precision may be off over many steps
BATCH = ("batch", "n", "b", "bs", "n_batch", "num_batch")  # what the axis of sequences may be called
STEPS = ("t", "time", "steps", "step", "seq", "sequence", "length", "len", "frames", "timesteps", "samples")


@dataclass(frozen=True)
class Fed:
    """How a layer was fed, and how far its network is from ONNX Runtime.

    Attributes:
        file: of the model's input, safe to print.
        sequence: which of the batch, from 0.
        sequences, steps: how many there are, and how long that one is.
        runtime: the version of ONNX Runtime.
        compared: what of the layer was compared: ``outputs``, ``last state``; empty where it gives neither.
        deviation: the largest, absolute.
        largest: the largest absolute value of the layer's own.
        started: the letters of the states that did not start at zero.
        shape: of what was compared.
        broken: how many of the layer's own values are NaN or infinite; these are not compared.
    """

    file: str
    sequence: int
    sequences: int
    steps: int
    runtime: str
    compared: str
    deviation: float
    largest: float
    started: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    broken: int = 0

    @property
    def agrees(self) -> bool:
        """Whether that is rounding."""
        return bool(self.compared) and not self.broken and self.deviation <= RIGHT * max(self.largest, LEAST)


@dataclass(frozen=True, eq=False)
class FedNetwork:
    """A network, what its first layer read, and how that came.

    Attributes:
        network: that starts where the model let its layers start.
        words: names of the steps, to show.
        vectors: ``(T, 1, D)``; ``None`` where it read words.
        fed: how far it is from the model.
        outputs: the layer's own, by ONNX Runtime, ``(T, H · directions)``; ``None`` where it gives none.
    """

    network: Network
    words: tuple[str, ...]
    vectors: Array | None
    fed: Fed
    outputs: Array | None


@dataclass(frozen=True)
class Feed:
    """What is asked for.

    Attributes:
        file: of the model's input.
        columns, window: of a table.
        sequence: which of the batch, from 0.
    """

    file: str
    columns: str = ""
    window: str = ""
    sequence: int = 0


def fed_network(
    model: Path, network: Network, feed: Feed, vocabulary: str = "", hints: Hints | None = None
) -> FedNetwork:
    """Run a model on its own input and return a network of it with what its first layer read.

    Args:
        model: the ONNX file.
        network: of it, as it was opened with these hints.
        feed: what the model is given, and which sequence is looked into.
        vocabulary: the file of words that it was opened with.
        hints: what the reader says by hand.

    Raises:
        FileError: the model is none of ONNX, can't be run on this, or the layer did not run.
        UsageError: there is no such sequence, or a table is spoken of if there is none.
        LstmAsciiError: ONNX Runtime is not installed.
    """
    contents = read_contents(model)
    if contents.format != "ONNX":
        instead = f"{argument('input', 'FILE')} gives what its layers read"
        raise FileError(f"{contents.path}: is a {contents.format} file; only ONNX models can be run; {instead}")
    words = vocabulary_for(contents, vocabulary)
    parts = recognise(contents, hints or Hints(), None if words is None else len(words))
    if not parts.nodes:
        raise FileError(f"{contents.path}: its layers are known by their names only, so nothing can be fed to them")
    wanted = [wanted_of(model, layer) for layer in parts.nodes]
    runner = Runner(model, [*wanted, *_looked_up(parts)])
    inputs, names = _inputs(Path(feed.file), runner.inputs, feed)
    values = runner.run(inputs)
    layers = [seen(model, layer, found) for layer, found in zip(parts.nodes, values, strict=False)]
    place = _sequence(layers[0], feed.sequence)
    steps = _steps(network, layers[0], place)
    started = _started(network, layers, place)
    vectors = layers[0].x[:steps, place, None].astype(float)
    run = started.run_vectors(vectors)
    compared, theirs, ours = _compared(layers[-1], run.outputs[:, 0], steps, place)
    whole = np.isfinite(theirs)
    deviation = float(np.abs(ours - theirs)[whole].max(initial=0.0))
    fed = Fed(
        visible(feed.file), place, layers[0].x.shape[1], steps, runner.version, compared, deviation,
        float(np.abs(theirs[whole]).max(initial=0.0)),
        tuple(sorted({letter for layer in started.layers for way in layer for letter in way.start})),
        theirs.shape, int(theirs.size - whole.sum()),
    )  # fmt: skip
    outputs = None if layers[-1].outputs is None else layers[-1].outputs[:steps, place]
    read = _words_read(started, vectors, values[len(wanted) :], place)
    steps_named = names if len(names) == steps else tuple(f"x{step}" for step in range(1, steps + 1))
    source = network.source
    for note in parts.settled:
        source = source.replace(f"; {note}", "")
    source = f"{source}; {in_words(fed)}"
    return FedNetwork(replace(started, source=source), read or steps_named, None if read else vectors, fed, outputs)


def in_words(fed: Fed) -> str:
    """Say how a layer was fed, and how far our outputs are from ONNX Runtime's."""
    which = f"sequence {fed.sequence} of {fed.sequences}, from 0, " if fed.sequences > 1 else ""
    start = f", from the {' and '.join(fed.started)} that the model gives it" if fed.started else ""
    said = f"fed by the whole model with {fed.file} ({which}{fed.steps} step{'s' * (fed.steps != 1)}{start})"
    if not fed.compared:
        return f"{said}; the model asks the layer for no output that could be compared"
    how = "" if fed.agrees else " — NOT the same layer: look at it with inspect"
    return (
        f"{said}: our {fed.compared} {_plural(fed.compared)} {fed.deviation:.2g} at most from ONNX Runtime's, "
        f"whose values reach {fed.largest:.2g}{how}"
    )


def _plural(compared: str) -> str:
    return "are" if compared.endswith("s") else "is"


def _sequence(layer: SeenLayer, wanted: int) -> int:
    """Return the place of a sequence in the batch.

    Raises:
        UsageError: there is none.
    """
    count = layer.x.shape[1]
    if not 0 <= wanted < count:
        raise UsageError(f"expected 0 to {count - 1}, as there are {count} in the batch, got {wanted}", "sequence")
    return wanted


def _steps(network: Network, layer: SeenLayer, place: int) -> int:
    """Return how many steps of a sequence a layer reads.

    Raises:
        FileError: none.
    """
    steps = len(layer.x) if layer.lengths is None else int(layer.lengths[place])
    most = min((way.most_steps for way in network.layers[0] if way.most_steps), default=steps)
    if min(steps, most) < 1 or not layer.x.shape[2]:
        raise FileError("the layer read no steps of this input; give the model more")
    return min(steps, most, len(layer.x))


def _started(network: Network, layers: Sequence[SeenLayer], place: int) -> Network:
    """Return the network with the start states that its layers were given for one sequence."""

    def begun(direction: Direction, layer: SeenLayer, way: int) -> Direction:
        states = {letter: value[way, place].astype(float) for letter, value in layer.start.items()}
        return replace(direction, start={letter: value for letter, value in states.items() if value.any()})

    new = tuple(
        tuple(begun(direction, layer, way) for way, direction in enumerate(own))
        for own, layer in zip(network.layers, layers, strict=True)
    )
    return replace(network, layers=new)


def _compared(layer: SeenLayer, ours: Array, steps: int, place: int) -> tuple[str, Array, Array]:
    """Return what is compared, the layer's own, and of ours ``(T, H · directions)`` the same."""
    if layer.outputs is not None:
        return "outputs", layer.outputs[:steps, place], ours
    if layer.last is None:
        return "", np.zeros(0), np.zeros(0)
    width = layer.last.shape[2]
    ways = [ours[-1, :width], *([ours[0, width:]] if len(layer.last) == 2 else [])]
    return "last state", layer.last[:, place].reshape(-1), np.concatenate(ways)


def _looked_up(parts: NetworkParts) -> list[tuple[Site, tuple[str, ...]]]:
    """Return where the indices of words stand, if words are looked up."""
    lookup = parts.lookup
    if lookup is None or lookup.site is None or len(lookup.site.inputs) < 2:
        return []
    return [(lookup.site, (lookup.site.inputs[1],))]


def _words_read(
    network: Network, vectors: Array, found: Sequence[tuple[Array, ...]], place: int
) -> tuple[str, ...] | None:
    """Return the words whose vectors the layer read, where the model looks them up; they are compared with these."""
    if not found or not network.has_embedding:
        return None
    indices = found[0][0]
    if indices.ndim != 2:
        return None
    for axis in (0, 1):
        if place >= indices.shape[axis]:
            continue
        row = np.take(indices, place, axis)[: len(vectors)].astype(int)
        row = np.where(row < 0, row + len(network.embedding), row)
        fits = len(row) == len(vectors) and 0 <= row.min() <= row.max() < len(network.embedding)
        if fits and np.array_equal(network.embedding[row].astype(np.float32), vectors[:, 0].astype(np.float32)):
            return tuple(network.vocabulary.words[index] for index in row)
    return None


def _inputs(path: Path, wanted: Sequence[ModelInput], feed: Feed) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Return arrays by the names of a model's inputs, and the names of the steps of a table.

    Raises:
        FileError: the file can't be read, or can't be what the model reads.
        UsageError: there is no such column or window.
    """
    data = content_of(path)
    if data.startswith(ZIP) and str(path) != "-":
        _refuse_of_tables(feed)
        tensors = read_contents(path).tensors
        arrays = {name: _stored(tensors.stored[name].dtype, tensors[name]) for name in tensors}
        if len(arrays) == len(wanted) == 1 and wanted[0].name not in arrays:
            return {wanted[0].name: _fitting(path, wanted[0], next(iter(arrays.values())))}, ()
        return arrays, ()
    names: tuple[str, ...] = ()
    if data.startswith(MAGIC):
        _refuse_of_tables(feed)
        value = array_of(path, data)
    else:
        series = windowed(read_series(path, data, feed.columns), feed.window)
        value, names = series.values, series.steps
    if len(wanted) != 1:
        of = "; ".join(map(str, wanted)) or "nothing"
        raise FileError(f"{visible(str(path))}: holds one array, and the model reads {of}; expected an .npz of these")
    return {wanted[0].name: _fitting(path, wanted[0], value)}, names


def _refuse_of_tables(feed: Feed) -> None:
    """Refuse what is said of a table if there is none."""
    for name in ("columns", "window"):
        if getattr(feed, name):
            raise UsageError("is for a table of numbers with commas or tabs", name)


def _stored(dtype: str, value: Array) -> Array:
    """Return an array in the type that it is stored in: half precision is read as single."""
    return value.astype(np.float16) if dtype == "float16" else value


def _fitting(path: Path, wanted: ModelInput, value: Array) -> Array:
    """Return the only array in the model's shape: a single sequence gets the axis of a batch where it is plain which.

    Numbers of a table that a model wants as whole ones are rounded nowhere: they must be whole.

    Raises:
        FileError: it can't be that.
    """
    if wanted.dtype.startswith(("int", "uint")) and value.dtype.kind == "f":
        if (value != np.floor(value)).any():
            raise damaged(path, f"the model reads {wanted}, and there are numbers that are not whole")
        value = value.astype(np.int64)
    if value.ndim == 2 and value.shape[1] == 1 and not wanted.takes(value.shape) and len(wanted.shape) < 3:
        value = value[:, 0]  # a table of one column
    if wanted.takes(value.shape):
        return value
    longer = {axis: np.expand_dims(value, axis) for axis in range(value.ndim + 1)}
    possible = [axis for axis, form in longer.items() if wanted.takes(form.shape)]
    axes = [axis for axis in possible if _is_batch(wanted, axis, possible)]
    if len(axes) == 1:
        return longer[axes[0]]
    got = f"{value.dtype} of shape {value.shape}"
    which = "; which axis is that of the batch can't be told" if axes else ""
    raise FileError(f"{visible(str(path))}: the model reads {wanted}, got {got}{which}")


def _is_batch(wanted: ModelInput, axis: int, possible: Sequence[int]) -> bool:
    """Tell whether an axis that is missing is that of the batch: by its name or size, or as no other can be."""
    names = [str(size).lower() for size in wanted.shape]
    called = [one for one in possible if names[one] in ("1", *BATCH) or "batch" in names[one]]
    other = [one for one in possible if names[one] not in STEPS and "seq" not in names[one]]
    return axis in (called or other)
