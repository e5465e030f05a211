"""Loading a network from a file of weights of any format."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import field, replace
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints import between, own
from lstm_ascii.checkpoints.choosing import not_finite
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.files import damaged, shown
from lstm_ascii.checkpoints.layers import Hints, Matrix, NetworkParts, Stack, in_double
from lstm_ascii.checkpoints.vocabulary_files import MOST_WORDS, read_vocabulary, vocabulary_of
from lstm_ascii.checkpoints.word_parts import with_word_parts
from lstm_ascii.errors import FileError, UsageError, argument
from lstm_ascii.language.text import visible
from lstm_ascii.language.typed import typed
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.mapped import release
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass

MOST_NAMED = 4
LARGEST_WIDENED = 1 << 22  # numbers of a decoder


def recognise(contents: FileContents, hints: Hints, words: int | None = None) -> NetworkParts:
    """Find the parts of the network in a file; without recurrent layers there are none.

    Args:
        contents: of the file.
        hints: what the user says about it.
        words: the size of the vocabulary, if known.

    Raises:
        FileError: a part can't be read correctly, or is ambiguous.
    """
    from lstm_ascii.checkpoints import by_word

    if by_word.told(hints):
        stack = by_word.told_stack(contents, hints)
        if contents.layers or contents.graph.operations:
            return NetworkParts(stack, notes=(*stack.notes, "nothing but the layer that was named is looked at"))
        return with_word_parts(contents, [stack], hints, words)
    if hints.gates:
        need = f"{argument('roles')} weight_ih=NAME {argument('roles')} weight_hh=NAME"
        raise UsageError(f"is the order in arrays that are named by hand; {need} names them", "gates")
    if contents.format == "ONNX":
        from lstm_ascii.checkpoints.onnx_graph import onnx_network

        return onnx_network(contents, hints, words)
    if contents.format == "Keras":
        from lstm_ascii.checkpoints.keras_layers import keras_network

        return keras_network(contents, hints, words)
    from lstm_ascii.checkpoints.array_layouts import array_stacks
    from lstm_ascii.checkpoints.conventions import convention_stacks
    from lstm_ascii.checkpoints.gates_apart import apart_stacks
    from lstm_ascii.checkpoints.side_by_side import side_by_side_stacks
    from lstm_ascii.checkpoints.torch_names import torch_stacks

    ways = (torch_stacks, array_stacks, convention_stacks, apart_stacks, side_by_side_stacks)
    stacks: list[Stack] = []
    for find in ways:  # tensors that one of them has recognised are no further network for the others
        known = {name for stack in stacks for name in stack.tensors}
        stacks += [stack for stack in find(contents, hints) if known.isdisjoint(stack.tensors)]
    if not stacks and contents.unread:
        raise FileError(f"{contents.path}: holds {', '.join(contents.unread)} layers, which are not read")
    if not stacks:
        return NetworkParts(None)
    from lstm_ascii.checkpoints.learned_starts import with_learned_starts

    return with_word_parts(contents, with_learned_starts(contents, stacks), hints, words)


def what_there_is(contents: FileContents) -> str:
    """List what a file without a network contains: the kinds of its operations or layers, else its tensors."""
    stored = contents.tensors.stored
    kinds = list(dict.fromkeys(operation.kind for operation in contents.graph.operations))
    names = kinds or [f"{name} {tensor.shape}" for name, tensor in stored.items()]
    listed = ", ".join(map(shown, names[:MOST_NAMED])) + (", …" if len(names) > MOST_NAMED else "")
    return listed or "nothing"


def incidental(contents: FileContents) -> frozenset[str]:
    """Return the names of a graph's tensors that are no weights: integers, such as shapes, and scalars."""
    if contents.format != "ONNX":
        return frozenset()
    return frozenset(
        name for name, tensor in contents.tensors.stored.items() if "int" in tensor.dtype or not tensor.shape
    )


def left_out(contents: FileContents, parts: NetworkParts, mentioned: Collection[str] = ()) -> list[str]:
    """Return notes on tensors that are not used, and on layers with NaN or infinities, safe to print.

    Tensors in ``mentioned`` are not named again.
    """
    origins = {origin for name in parts.used for origin in contents.origins.get(name, ())}
    accounted = parts.used.union(incidental(contents), mentioned, origins)
    tensors, notes = contents.tensors.stored, []
    if unexplained := [name for name in tensors if name not in accounted]:
        names = ", ".join(map(shown, unexplained[:MOST_NAMED])) + (", …" if len(unexplained) > MOST_NAMED else "")
        notes.append(f"not used: {names} ({len(unexplained)} of {len(tensors)} tensors)")
    if broken := not_finite(parts):
        notes.append(f"NaN or infinities in {', '.join(broken)}")
    return notes


@dataclass(frozen=True, eq=False)
class Opened:
    """A file of weights with the parts of its network.

    Attributes:
        contents: of the file.
        recognised: the parts of the network.
        vocabulary: the words, from this file or one of their own, with numbers for further rows; ``None`` if unknown.
        notes: what was assumed or left out, each safe to print.
    """

    contents: FileContents
    recognised: NetworkParts
    vocabulary: Vocabulary | None
    notes: tuple[str, ...] = field(default=())


def vocabulary_for(contents: FileContents, vocabulary: str) -> Vocabulary | None:
    """Return the vocabulary of a network: from the file ``vocabulary``, if given, else from the file of weights."""
    rows = max(
        (max(tensor.shape, default=0) for tensor in contents.tensors.stored.values() if tensor.nbytes), default=0
    )
    if vocabulary:
        return read_vocabulary(Path(vocabulary), rows)
    return vocabulary_of(contents.metadata, Path(contents.path), rows)


def examined(contents: FileContents, words: Vocabulary | None, hints: Hints) -> Opened:
    """Find the parts of the network in a file, and check them against the hints.

    Args:
        contents: of the file.
        words: the vocabulary, if known.
        hints: what the user says about it.

    Raises:
        FileError: a part can't be read correctly.
        UsageError: a hint doesn't apply to this file.
    """
    parts = recognise(contents, hints, None if words is None else len(words))
    _check_activation(contents, parts, hints)
    between.check_ignored(contents, parts, hints)
    parts = between.with_sure_head(contents, parts, hints)
    notes = [*contents.notes, *parts.notes, *between.unused_notes(contents, parts)]
    parts = _labelled(contents, parts, hints)
    if words is not None:
        parts, uneven = _of_one_length(parts, len(words))
        words, number_notes = _with_numbers(parts, words)
        notes += uneven + number_notes
    return Opened(contents, parts, words, tuple(notes))


def _labelled(contents: FileContents, parts: NetworkParts, hints: Hints) -> NetworkParts:
    """Name the outputs as the hints say.

    Raises:
        UsageError: their number is wrong, or the outputs are words or unknown.
    """
    if not hints.labels or parts.stack is None:
        return parts
    if parts.head is None:
        named = "names next words, which have their own names"
        why = named if parts.decoder_weight else "has no answer that could be named"
        raise UsageError(f"{contents.path} {why}; leave it out", "labels")
    from lstm_ascii.checkpoints.heads import named as with_labels

    return replace(parts, head=with_labels(parts.head, hints.labels))


def _check_activation(contents: FileContents, parts: NetworkParts, hints: Hints) -> None:
    """Refuse a hint for the activation that would have no effect."""
    if not hints.activation or parts.stack is None:
        return
    kinds = dict.fromkeys(layer.direction.cell.name for layer in parts.stack.directions)
    if contents.graph.operations or contents.layers:
        raise UsageError(f"{contents.path} says itself what its layers do; leave it out", "activation")
    if "RNN" not in kinds:
        raise UsageError(f"is for an RNN, and {contents.path} holds {' and '.join(kinds)}; leave it out", "activation")


def load_network(path: Path, vocabulary: str = "", hints: Hints | None = None) -> Network:
    """Load the network in a file.

    Args:
        path: of the file.
        vocabulary: a file with its words, if it has none itself.
        hints: what the user says about it.

    Raises:
        FileError: the file can't be read, or not correctly, or has no recurrent layers.
        LstmAsciiError: a package that reads such files is missing.
    """
    contents = read_contents(path)
    if contents.metadata.get("format") == own.FORMAT and not vocabulary and hints is None:
        return own.load(path)
    return network_of(contents, vocabulary, hints)


def network_of(contents: FileContents, vocabulary: str = "", hints: Hints | None = None) -> Network:
    """Return the network in the contents of a file, or in arrays that stand for one.

    Raises:
        FileError: it can't be read correctly, or has no recurrent layers.
    """
    path = Path(contents.path)
    network_file = examined(contents, vocabulary_for(contents, vocabulary), hints or Hints())
    parts = network_file.recognised
    between.check_the_way(contents, parts, hints or Hints())
    if parts.stack is None:
        from lstm_ascii.checkpoints.by_word import suggestion

        other = suggestion(contents) or f"{typed(['inspect', str(path)])} shows them"
        raise damaged(path, f"no RNN, LSTM or GRU in it, only {what_there_is(contents)}; {other}")
    layers = tuple(tuple(direction.direction for direction in layer) for layer in parts.stack.layers)
    embedding = np.zeros((0, parts.stack.input_size)) if parts.embedding is None else parts.embedding.value
    weight = np.zeros((0, parts.stack.output_size)) if parts.decoder_weight is None else _wide(parts.decoder_weight)
    rows = max(len(embedding), len(weight))
    if rows > MOST_WORDS:
        raise damaged(path, f"{_rows(parts)}; at most {MOST_WORDS:,} words are read")
    words = network_file.vocabulary or Vocabulary.of_numbers(rows)
    if not rows:
        words = Vocabulary(())
    elif len(words) != rows:
        raise damaged(path, f"{len(words)} words in the vocabulary, but {_rows(parts)}")
    bias = np.zeros(len(weight), weight.dtype) if parts.decoder_bias is None else _wide(parts.decoder_bias)
    for value in (embedding, weight):
        release(value)  # reading the file has loaded its pages, and the cells have copies of theirs
    warnings = left_out(contents, parts, between.in_the_way(contents, parts))
    if any(way.cell.weight_hh.dtype == np.float32 for layer in layers for way in layer):
        warnings.append("computed in single precision, as it is stored")
    source = "; ".join((visible(path.name), *network_file.notes, *warnings))
    head = None if parts.head is None else parts.head.answer
    return Network(words, embedding, layers, weight, bias, source, parts.parameters, head, parts.mask)


def _wide(part: Matrix) -> Array:
    """Return a part of the decoder in double precision, unless it is large."""
    if part.value.size > LARGEST_WIDENED or part.value.dtype.kind != "f":
        return part.value
    return in_double(part.value)


def _rows(network_parts: NetworkParts) -> str:
    """Describe the parts that have a row for each word."""
    parts = [part for part in (network_parts.embedding, network_parts.decoder_weight) if part is not None]
    return " and ".join(dict.fromkeys(f"{len(part.value)} rows in {shown(part.name)}" for part in parts))


def _of_one_length(recognised: NetworkParts, words: int) -> tuple[NetworkParts, list[str]]:
    """Cut embedding and decoder to the same number of rows, if one has more rows after the last word than the other."""
    parts = [part for part in (recognised.embedding, recognised.decoder_weight) if part is not None]
    rows = min((len(part.value) for part in parts), default=0)
    if rows < words:
        return recognised, []

    def cut(part: Matrix | None) -> Matrix | None:
        return part if part is None or len(part.value) <= rows else Matrix(part.name, part.value[:rows])

    notes = {
        f"{shown(part.name)}: {len(part.value) - rows} rows left out, which the other matrix of words has not": None
        for part in parts
        if len(part.value) > rows
    }
    embedding, weight, bias = map(cut, (recognised.embedding, recognised.decoder_weight, recognised.decoder_bias))
    return replace(recognised, embedding=embedding, decoder_weight=weight, decoder_bias=bias), list(notes)


def _with_numbers(network_parts: NetworkParts, words: Vocabulary) -> tuple[Vocabulary, list[str]]:
    """Name rows after the last word by their numbers, as the softmax of the framework includes them."""
    parts = [part for part in (network_parts.embedding, network_parts.decoder_weight) if part is not None]
    rows, count = max((len(part.value) for part in parts), default=0), len(words)
    if not count < rows <= MOST_WORDS:
        return words, []
    vocabulary = replace(words, words=(*words.words, *(f"#{number}" for number in range(count, rows))))
    last = f" to #{rows - 1}" if rows > count + 1 else ""
    return vocabulary, [f"{count:,} words for {rows:,} rows: the others are written as #{count}{last}"]
