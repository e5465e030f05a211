"""The contents of a file of weights: the network, if there is one, and every tensor with its statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

from lstm_ascii.checkpoints.by_word import suggestion
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.layers import Hints, LayerDirection, Matrix, NetworkParts
from lstm_ascii.checkpoints.layers import NetworkFacts as NetworkFacts  # part of the report
from lstm_ascii.checkpoints.networks import Opened, examined, incidental, vocabulary_for
from lstm_ascii.checkpoints.pieces import UndecidedError
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.progress import Watch, labelled
from lstm_ascii.records import dataclass
from lstm_ascii.reports.tensors import TensorFacts, facts_of_all
from lstm_ascii.sources import Source

SCHEMA_VERSION = 1
FIRST_WORDS = 8
LONGEST_TEXT = 400  # of the metadata's texts
NO_NETWORK = "There is no RNN, LSTM or GRU in it"
OWN_SECTION = ("vocabulary", "vocab")  # metadata that are told elsewhere
Tell = Callable[[FileError], str]


@dataclass(frozen=True)
class Spread:
    """The mean, the smallest and the largest of some values."""

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
        inputs, units, outputs: D, H, and P, which differs from H with a projection.
        order: of its gates, as stored; empty for the RNN.
        forget_bias: of the LSTM, the sum of both biases, over the units.
        traits: deviations from the usual equations, in words.
        started: whether it has a start state other than zero.
        parameters: their number.
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
        words: the number of rows.
        width: of the vectors.
        bias: the name of its bias; empty if it has none.
        parameters: their number, with the bias; for a decoder that is tied to the embedding that of the bias alone.
    """

    name: str
    words: int
    width: int
    bias: str
    parameters: int


@dataclass(frozen=True)
class DenseFacts:
    """One dense layer of the head.

    Attributes:
        name: of its weight, safe to print.
        inputs, outputs: their widths.
        bias: the name of its bias; empty if it has none.
        function: its activation: ``relu``, ``softmax``, ``linear``.
        parameters: their number.
    """

    name: str
    inputs: int
    outputs: int
    bias: str
    function: str
    parameters: int


@dataclass(frozen=True)
class AnswerFacts:
    """The head of a network that is not a language model.

    Attributes:
        kind: of the answer: ``classes``, ``tags`` (a class a step), ``labels`` (each yes or no), or ``values``.
        pooling: over the steps: ``last``, ``first``, ``mean``, ``max``, ``ends`` or ``each``.
        ahead: a function applied to the pooled outputs before the first dense layer; ``linear`` for none.
        layers: the dense layers, from the recurrent layers up.
        labels: the names of the outputs; empty if unknown.
        assumed: what the file doesn't say and was assumed.
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
        bytes: of the file, with an ONNX file's external data.
        cells: of the network, from the input up; empty if there is no network, or if it can't be read.
        embedding, decoder: ``None`` if there is none.
        answer: the head; ``None`` for a language model, or if nothing is known of it.
        tied: whether embedding and decoder are one matrix.
        vocabulary: the number of words; ``None`` if they are unknown.
        first_words: some of them.
        notes: what was assumed or left out, or that there is no network.
        problem: why the network can't be read; empty if it can.
        parameters: the number of values in all tensors.
        unused: the number of values in tensors that are not used.
        metadata: the file's texts about itself.
        tensors: in the order of the file.
        networks: the networks to choose from, if a graph consists of several.
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
    """Examine the file that ``source`` names.

    Args:
        source: names the file.
        tell: turns the error that keeps its network from being read into a text for the report.
        watch: called with the name of the work and the share that is done, from 0 to 1.

    Raises:
        FileError: it can't be read.
        LstmAsciiError: a package that reads such files is missing.
    """
    path = source.file
    contents = read_contents(path)
    words = vocabulary_for(contents, source.vocabulary)
    opened, problem, networks = _examined(contents, words, source.hints or Hints(), tell)
    tensors = facts_of_all(contents.tensors, {} if problem else _roles(opened), labelled(watch, "reading"))
    return InspectReport(
        schema_version=SCHEMA_VERSION,
        file=contents.path,
        format=contents.format,
        bytes=path.stat().st_size + contents.beside,
        cells=tuple(_cells(opened)),
        embedding=_embedding(opened),
        decoder=_decoder(opened),
        tied=opened.recognised.tied,
        vocabulary=None if words is None else len(words),
        first_words=() if words is None else words.words[:FIRST_WORDS],
        notes=() if problem else _notes(opened, tell),
        problem=problem,
        parameters=sum(prod(facts.shape) for facts in tensors),
        unused=sum(prod(facts.shape) for facts in tensors if not facts.role),
        metadata=tuple(
            (visible(name), visible(text[:LONGEST_TEXT]) + ("…" if len(text) > LONGEST_TEXT else ""))
            for name, text in contents.metadata.items()
            if name not in OWN_SECTION
        ),
        tensors=tensors,
        networks=networks,
        answer=_answer(opened),
    )


def _examined(
    contents: FileContents, words: Vocabulary | None, hints: Hints, tell: Tell
) -> tuple[Opened, str, tuple[NetworkFacts, ...]]:
    """Return the parts of the network, why it can't be read (then without parts), and the networks to choose from."""
    try:
        opened = examined(contents, words, hints)
    except FileError as error:
        pieces = error.pieces if isinstance(error, UndecidedError) else ()
        problem = tell(error).removeprefix(f"{contents.path}: ")
        return Opened(contents, NetworkParts(None), words), problem, pieces
    return opened, "", opened.recognised.pieces


def _notes(opened: Opened, tell: Tell) -> tuple[str, ...]:
    """Return what was assumed or left out; without a network, that there is none, and what might be one."""
    notes = opened.notes
    if opened.recognised.stack:
        return notes
    may_be = suggestion(opened.contents)
    return (*notes, f"{NO_NETWORK}.", *([tell(FileError(may_be))] if may_be else []))


def _roles(opened: Opened) -> dict[str, str]:
    """Return the role of every tensor that is used, by name."""
    parts, roles = opened.recognised, dict.fromkeys(incidental(opened.contents), "constant")
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
    return {**_of_origins(opened, roles), **roles}


def _of_origins(opened: Opened, roles: Mapping[str, str]) -> dict[str, str]:
    """Return the roles of the tensors from which a graph computes those that are used; others stay constants."""
    origins = opened.contents.origins
    made = {name: role for name, role in roles.items() if role != "constant"}
    return {origin: role for name, role in made.items() for origin in origins.get(name, ())}


def _cells(opened: Opened) -> Iterator[CellFacts]:
    """Describe every direction of every layer."""
    stack = opened.recognised.stack
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


def _embedding(opened: Opened) -> WordPart | None:
    part = opened.recognised.embedding
    if part is None:
        return None
    rows, width = part.value.shape
    return WordPart(visible(part.name), rows, width, "", opened.recognised.embedding_parameters)


def _decoder(opened: Opened) -> WordPart | None:
    parts = opened.recognised
    if parts.decoder_weight is None:
        return None
    rows, width = parts.decoder_weight.value.shape
    bias: Matrix | None = parts.decoder_bias
    name = "" if bias is None else visible(bias.name)
    return WordPart(visible(parts.decoder_weight.name), rows, width, name, parts.decoder_parameters)


def _answer(opened: Opened) -> AnswerFacts | None:
    head = opened.recognised.head
    if head is None:
        return None
    answer = head.answer
    layers = tuple(
        DenseFacts(visible(weight), layer.weight.shape[1], len(layer.weight), visible(bias), str(layer.squash), size)
        for layer, (weight, bias), size in zip(answer.layers, head.tensors, head.parameters, strict=True)
    )
    return AnswerFacts(answer.kind, answer.pooling, str(answer.ahead), layers, answer.labels, answer.assumed)
