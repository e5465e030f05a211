"""What is in a file of weights: the network, if there is one, and every tensor with its statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.by_word import suggestion
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.layers import Hints, LayerDirection, Matrix, in_double
from lstm_ascii.checkpoints.layers import NetworkFacts as NetworkFacts  # part of the report
from lstm_ascii.checkpoints.networks import Opened, examined, incidental, words_for
from lstm_ascii.checkpoints.pieces import UndecidedError
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.mapped import release
from lstm_ascii.progress import Progress, Watch, counted, labelled
from lstm_ascii.progress import part as part_of
from lstm_ascii.records import dataclass
from lstm_ascii.sources import Source

BINS = 12  # of a histogram, from the smallest to the largest number
NUMBERS_AT_ONCE = 1 << 18  # that are looked at in double precision
SCHEMA_VERSION = 1
FIRST_WORDS = 8
LONGEST_TEXT = 400  # of the metadata's texts
NO_NETWORK = "There is no RNN, LSTM or GRU in it"
OWN_SECTION = ("vocabulary", "vocab")  # metadata that are told elsewhere
Tell = Callable[[FileError], str]


@dataclass(frozen=True)
class TensorFacts:
    """One tensor.

    Attributes:
        name: in the file, safe to print.
        role: ``embedding``, ``decoder``, ``answer``, ``layer 1``, ``layer 1 backward``, ``constant`` of a graph; empty
            where nothing was made of it.
        shape, dtype, bytes: as it is stored.
        mean, deviation, smallest, largest: of its finite numbers; ``None`` where there are none.
        histogram: how many of them are in each of equal parts between the smallest and the largest.
        nan, infinite: how many are no numbers, or no finite ones.
    """

    name: str
    role: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    mean: float | None
    deviation: float | None
    smallest: float | None
    largest: float | None
    histogram: tuple[int, ...]
    nan: int
    infinite: int


def facts_of(name: str, role: str, tensor: Stored, progress: Progress | None = None) -> TensorFacts:
    """Measure one tensor, some of its numbers at a time."""
    nan = infinite = count = 0
    mean = squares = 0.0
    smallest, largest = np.inf, -np.inf
    values = tensor.load()
    for block in _blocks(values, part_of(progress, 0, 0.5)):
        finite = block[np.isfinite(block)]
        bad = len(block) - len(finite)
        nans = int(np.isnan(block).sum()) if bad else 0
        nan, infinite = nan + nans, infinite + bad - nans
        if not len(finite):
            continue
        smallest, largest = min(smallest, float(finite.min())), max(largest, float(finite.max()))
        with np.errstate(over="ignore", invalid="ignore"):
            here, total = float(finite.mean()), count + len(finite)
            step = here - mean  # Chan, Golub & LeVeque 1979: two samples' squares, put together
            squares += float(((finite - here) ** 2).sum()) + step * step * count * len(finite) / total
            mean += step * len(finite) / total
        count = total
    histogram = _histogram(values, smallest, largest, part_of(progress, 0.5, 1)) if count else (0,) * BINS
    return TensorFacts(
        name=visible(name),
        role=role,
        shape=tensor.shape,
        dtype=tensor.dtype,
        bytes=tensor.nbytes,
        mean=mean if count else None,
        deviation=(squares / count) ** 0.5 if count else None,
        smallest=smallest if count else None,
        largest=largest if count else None,
        histogram=histogram,
        nan=nan,
        infinite=infinite,
    )


def _blocks(values: Array, progress: Progress | None) -> Iterator[Array]:
    """Yield the numbers in double precision, flat, some at a time."""
    flat = values.reshape(-1) if values.flags.c_contiguous else values.T.reshape(-1)
    begins = range(0, flat.size, NUMBERS_AT_ONCE)
    for begin in counted(begins, len(begins), progress, every=1):
        yield in_double(flat[begin : begin + NUMBERS_AT_ONCE])
        release(values)


def _histogram(values: Array, smallest: float, largest: float, progress: Progress | None) -> tuple[int, ...]:
    """Count the finite numbers in equal parts between the two; all in the middle where they are equal."""
    counts = np.zeros(BINS, np.int64)
    scale = largest - smallest
    for block in _blocks(values, progress):
        finite = block[np.isfinite(block)]
        if not 0 < scale < np.inf:
            counts[BINS // 2] += len(finite)
            continue
        places = ((finite - smallest) * (BINS / scale)).astype(np.intp)
        counts += np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
    return tuple(counts.tolist())


@dataclass(frozen=True)
class Spread:
    """A mean, and the smallest and the largest of what it is the mean of."""

    mean: float
    smallest: float
    largest: float


@dataclass(frozen=True)
class CellFacts:
    """One direction of one layer.

    Attributes:
        layer: its number, from 1 at the input.
        backward: whether it reads from the last word to the first.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        inputs, units, outputs: D, H, and the width of h, which is another than H with a projection.
        order: its gates as they are stored; empty for the RNN.
        forget_bias: of the LSTM, both biases together, over the units.
        traits: what is special about it.
        started: whether it starts from a state of its own, not from zero.
        parameters: how many numbers it has.
    """

    layer: int
    backward: bool
    cell: str
    inputs: int
    units: int
    outputs: int
    order: str
    forget_bias: Spread | None
    traits: tuple[str, ...]
    started: bool
    parameters: int


@dataclass(frozen=True)
class WordPart:
    """The embedding or the decoder.

    Attributes:
        name: of its tensor, safe to print; empty for one-hot vectors.
        words: its rows.
        width: of the vectors.
        bias: the name of its bias; empty where there is none.
        parameters: how many numbers it has, its bias with it; of a decoder that is the embedding, only the bias.
    """

    name: str
    words: int
    width: int
    bias: str
    parameters: int


@dataclass(frozen=True)
class DenseFacts:
    """One dense layer of the answer.

    Attributes:
        name: of its weight, safe to print.
        inputs, outputs: their numbers.
        bias: the name of its bias; empty where there is none.
        function: of its sums: ``relu``, ``softmax``, ``linear``.
        parameters: how many numbers it has.
    """

    name: str
    inputs: int
    outputs: int
    bias: str
    function: str
    parameters: int


@dataclass(frozen=True)
class AnswerFacts:
    """What is done with the outputs of the last layer, where that names no next word.

    Attributes:
        kind: what comes out: ``classes``, ``tags`` (a class a step), ``labels`` (each yes or no), or ``values``.
        pooling: what is done with the steps: ``last``, ``first``, ``mean``, ``max``, ``ends`` or ``each``.
        ahead: a function of the pooled outputs ahead of the first dense layer; ``linear`` for none.
        layers: the dense layers, from the outputs up.
        labels: what the outputs are called; none where nobody said.
        assumed: what the file doesn't say of it.
    """

    kind: str
    pooling: str
    ahead: str
    layers: tuple[DenseFacts, ...]
    labels: tuple[str, ...]
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class InspectReport:
    """All that ``inspect`` shows.

    Attributes:
        schema_version: of this layout.
        file: its path, safe to print.
        format: ``safetensors``, ``npz``, ``ONNX`` or ``Keras``.
        bytes: of the file, and of the one beside it that holds the weights of an ONNX file.
        cells: of the network, from the input up; none where there is no network, or none that can be read.
        embedding, decoder: ``None`` where there is none.
        answer: what it answers in place of a next word; ``None`` where it names that, or nothing is known of it.
        tied: whether embedding and decoder are one matrix.
        vocabulary: how many words were told; ``None`` for none.
        first_words: some of them.
        notes: what was assumed or left out; that there is no network, where there is none.
        problem: why the network can't be read; empty where it can.
        parameters: numbers in all tensors.
        unused: numbers in tensors that nothing was made of.
        metadata: the file's texts about itself.
        tensors: in the order of the file.
        networks: what there is to choose from, where a graph falls into several networks.
    """

    schema_version: int
    file: str
    format: str
    bytes: int
    cells: tuple[CellFacts, ...]
    embedding: WordPart | None
    decoder: WordPart | None
    tied: bool
    vocabulary: int | None
    first_words: tuple[str, ...]
    notes: tuple[str, ...]
    problem: str
    parameters: int
    unused: int
    metadata: tuple[tuple[str, str], ...]
    tensors: tuple[TensorFacts, ...]
    networks: tuple[NetworkFacts, ...] = ()
    answer: AnswerFacts | None = None


def inspect_report(source: Source, tell: Tell = str, watch: Watch | None = None) -> InspectReport:
    """Look into the file that ``source`` names.

    Args:
        source: names the file.
        tell: says what keeps its network from being read, for the report.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        FileError: it can't be read.
        LstmAsciiError: a package is missing that reads such files.
    """
    path = source.file
    contents = read_contents(path)
    words = words_for(contents, source.vocabulary)
    network_file, problem, networks = _examined(contents, words, source.hints or Hints(), tell)
    roles = {} if network_file is None else _roles(network_file)
    tensors = _tensors(contents, roles, labelled(watch, "reading"))
    unused_numbers = sum(prod(facts.shape) for facts in tensors if not facts.role)
    return InspectReport(
        schema_version=SCHEMA_VERSION,
        file=contents.path,
        format=contents.format,
        bytes=path.stat().st_size + contents.beside,
        cells=() if network_file is None else tuple(_cells(network_file)),
        embedding=None if network_file is None else _embedding(network_file),
        decoder=None if network_file is None else _decoder(network_file),
        tied=network_file is not None and network_file.recognised.tied,
        vocabulary=None if words is None else len(words),
        first_words=() if words is None else words.words[:FIRST_WORDS],
        notes=() if network_file is None else _notes(network_file, tell),
        problem=problem,
        parameters=sum(prod(facts.shape) for facts in tensors),
        unused=unused_numbers,
        metadata=tuple(
            (visible(name), visible(text[:LONGEST_TEXT]) + ("…" if len(text) > LONGEST_TEXT else ""))
            for name, text in contents.metadata.items()
            if name not in OWN_SECTION
        ),
        tensors=tensors,
        networks=networks,
        answer=None if network_file is None else _answer(network_file),
    )


def _tensors(contents: FileContents, roles: Mapping[str, str], progress: Progress | None) -> tuple[TensorFacts, ...]:
    """Measure every tensor; how far that is goes by the numbers in them."""
    stored = contents.tensors.stored
    total, done, facts = sum(prod(tensor.shape) for tensor in stored.values()) or 1, 0, []
    for name, tensor in stored.items():
        size = prod(tensor.shape)
        facts.append(
            facts_of(name, roles.get(name, ""), tensor, part_of(progress, done / total, (done + size) / total))
        )
        done += size
    return tuple(facts)


def _examined(
    contents: FileContents, words: Vocabulary | None, hints: Hints, tell: Tell
) -> tuple[Opened | None, str, tuple[NetworkFacts, ...]]:
    """Return the network's parts, or why there are none, and what there is to choose from.

    The tensors are shown whatever it is.
    """
    try:
        opened = examined(contents, words, hints)
    except FileError as error:
        pieces = error.pieces if isinstance(error, UndecidedError) else ()
        return None, tell(error).removeprefix(f"{contents.path}: "), pieces
    return opened, "", opened.recognised.pieces


def _notes(network_file: Opened, tell: Tell) -> tuple[str, ...]:
    """Return what was assumed or left out, or that there is no network to assume anything of, and what may be one."""
    notes = network_file.notes
    if network_file.recognised.stack:
        return notes
    may_be = suggestion(network_file.contents)
    return (*notes, f"{NO_NETWORK}.", *([tell(FileError(may_be))] if may_be else []))


def _roles(network_file: Opened) -> dict[str, str]:
    """Return what each tensor is that was used."""
    parts, roles = network_file.recognised, dict.fromkeys(incidental(network_file.contents), "constant")
    for number, layer in enumerate(parts.stack.layers if parts.stack else (), 1):
        for layer_cell in layer:
            for name in layer_cell.tensors:  # ONNX keeps both directions in one
                shared = len(layer) > 1 and name in layer[0].tensors and name in layer[1].tensors
                backward = layer_cell.direction.backward and not shared
                roles[name] = f"layer {number}" + (" backward" if backward else "")
    for role, part in (
        ("decoder", parts.decoder_bias),
        ("decoder", parts.decoder_weight),
        ("embedding", parts.embedding),
    ):
        if part is not None and part.name:
            roles[part.name] = role
    if parts.head is not None:
        roles |= dict.fromkeys(parts.head.used, "answer")
    return {**_of_origins(network_file, roles), **roles}


def _of_origins(network_file: Opened, roles: Mapping[str, str]) -> dict[str, str]:
    """Return the roles of the tensors that a graph makes what is used of; sizes and places stay constants."""
    origins = network_file.contents.origins
    made = {name: role for name, role in roles.items() if role != "constant"}
    return {origin: role for name, role in made.items() for origin in origins.get(name, ())}


def _cells(network_file: Opened) -> Iterator[CellFacts]:
    """Describe every direction of every layer."""
    stack = network_file.recognised.stack
    for number, layer in enumerate(stack.layers if stack else (), 1):
        for way in layer:
            yield _cell(number, way)


def _cell(number: int, layer_direction: LayerDirection) -> CellFacts:
    direction = layer_direction.direction
    cell = direction.cell
    forget_bias = None
    if cell.name == "LSTM":
        forget = (cell.bias_ih + cell.bias_hh)[cell.hidden_size : 2 * cell.hidden_size]  # gates i, f, g, o
        forget_bias = Spread(float(forget.mean()), float(forget.min()), float(forget.max()))
    return CellFacts(
        layer=number,
        backward=direction.backward,
        cell=cell.name,
        inputs=cell.input_size,
        units=cell.hidden_size,
        outputs=cell.output_size,
        order=layer_direction.order,
        forget_bias=forget_bias if layer_direction.biases else None,
        traits=layer_direction.traits,
        started=bool(direction.start),
        parameters=layer_direction.parameters,
    )


def _embedding(network_file: Opened) -> WordPart | None:
    part = network_file.recognised.embedding
    if part is None:
        return None
    rows, width = part.value.shape
    return WordPart(visible(part.name), rows, width, "", network_file.recognised.embedding_parameters)


def _decoder(network_file: Opened) -> WordPart | None:
    parts = network_file.recognised
    if parts.decoder_weight is None:
        return None
    rows, width = parts.decoder_weight.value.shape
    bias: Matrix | None = parts.decoder_bias
    name = "" if bias is None else visible(bias.name)
    return WordPart(visible(parts.decoder_weight.name), rows, width, name, parts.decoder_parameters)


def _answer(network_file: Opened) -> AnswerFacts | None:
    head = network_file.recognised.head
    if head is None:
        return None
    answer = head.answer
    layers = tuple(
        DenseFacts(visible(weight), layer.weight.shape[1], len(layer.weight), visible(bias), str(layer.squash), size)
        for layer, (weight, bias), size in zip(answer.layers, head.tensors, head.parameters, strict=True)
    )
    return AnswerFacts(answer.kind, answer.pooling, str(answer.ahead), layers, answer.labels, answer.assumed)
