"""Where networks come from: shipped, random, or a file of weights."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.cells import CELLS
from lstm_ascii.checkpoints import own
from lstm_ascii.errors import UsageError, argument, require, require_names
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import FedNetwork
    from lstm_ascii.checkpoints.input_files import GivenInput
    from lstm_ascii.checkpoints.layers import Hints

WEIGHTS = Path(__file__).with_name("weights")
END = "‹end›"  # so that there is a choice after a sentence of one word, too
LAYER_ROLES = (
    "weight_ih",
    "weight_hh",
    "weight_xh",
    "weight_hx",
    "bias",
    "bias_ih",
    "bias_hh",
    "h0",
    "c0",
)  # of a layer with any names
ROLES = ("embedding", "decoder.weight", "decoder.bias", "head", "rnn", "ignore", *LAYER_ROLES)  # of tensors
TRAINED = (*CELLS, "rnn-helped")  # the last only where it is asked for
DEFAULT_HIDDEN, DEFAULT_FORGET_BIAS = 32, 1.0


@dataclass(frozen=True)
class Source:
    """Which networks to use: the trained ones of the package, random ones, or the one in a file.

    ``hidden_size``, ``seed`` or ``forget_bias`` select random networks, ``model`` a file; all that follows ``model``
    below describes that file or its input.

    Attributes:
        hidden_size: the number of units of random networks.
        seed: of their random numbers.
        forget_bias: added to the forget gate of a random LSTM.
        model: a file of weights.
        vocabulary: a file with the vocabulary, if the file of weights has none.
        roles: the roles of tensors that can't be recognised, each as ``role=tensor``.
        activation: of its RNN, ``tanh`` or ``relu``.
        head: how the outputs become the answer, if the file doesn't say: a pooling over the steps (``last``, ``first``,
            ``mean``, ``max``, ``ends``, ``each``), then the activation of each dense layer: ``mean,relu,softmax``.
        labels: the names of the outputs, separated by commas, or a file with one on each line.
        input: a file to read instead of a sentence: vectors ``(T, D)`` or word indices ``(T,)`` as ``.npy`` or
            ``.npz``; or a table of numbers with one row per step, separated by commas, semicolons or tabs. ``-`` reads
            standard input.
        columns: the columns of that table to read, separated by commas, by name or by number from 1.
        window: the steps to read: ``last:60``, ``first:60``, ``10:60``.
        scale: mean and standard deviation of the columns: ``mean,sd``, several separated by ``;``, or a file of them.
        feed: a file with the input of the whole ONNX model, which ONNX Runtime then runs: an ``.npz`` with the arrays
            by the names of the model's inputs, or a ``.npy`` or table for a model with one input.
        sequence: the index in the batch of ``feed``, from 0.
        gates: the order of the gates in the arrays that ``roles`` names as ``weight_ih`` and ``weight_hh``: ``ifgo``.

    Raises:
        UsageError: a value is wrong, or two contradict each other.
    """

    model: str = ""
    hidden_size: int | None = None
    seed: int | None = None
    forget_bias: float | None = None
    vocabulary: str = ""
    roles: tuple[str, ...] = ()
    activation: str = ""
    input: str = ""
    head: str = ""
    labels: str = ""
    columns: str = ""
    window: str = ""
    scale: str = ""
    feed: str = ""
    sequence: int = 0
    gates: str = ""

    def __post_init__(self) -> None:
        """Refuse what can't be built."""
        require("hidden_size", self.hidden_size, (Integral, NoneType), "a whole number")
        require("seed", self.seed, (Integral, NoneType), "a whole number")
        require("forget_bias", self.forget_bias, (Real, NoneType), "a number")
        require("sequence", self.sequence, Integral, "a whole number")
        require_names("roles", self.roles)
        if self.model and self.random:
            *others, last = map(argument, ("hidden_size", "seed", "forget_bias"))
            raise UsageError(f"a network from a file takes no {', '.join(others)} or {last}", "model")
        if self.hidden_size is not None:
            from lstm_ascii.cells.initial import LARGEST_HIDDEN

            if not 1 <= self.hidden_size <= LARGEST_HIDDEN:
                raise UsageError(f"expected 1 to {LARGEST_HIDDEN} units, got {self.hidden_size}", "hidden_size")
        if self.seed is not None and not 0 <= self.seed < 1 << 64:
            raise UsageError(f"expected a whole number from 0, got {self.seed}", "seed")
        if self.forget_bias is not None and not abs(self.forget_bias) <= 1e4:
            raise UsageError(f"expected a number between -10000 and 10000, got {self.forget_bias}", "forget_bias")
        self._check_file()

    @property
    def file(self) -> Path:
        """The file of weights; ``lstm`` and the like name shipped networks, unless there is a file of that name."""
        path = Path(self.model)
        return WEIGHTS / f"{self.model}.safetensors" if self.model in TRAINED and not path.exists() else path

    def _check_file(self) -> None:
        """Refuse options for a file or an input that isn't given, and options that exclude each other."""
        for name in ("vocabulary", "roles", "activation", "head", "labels", "input", "feed", "gates"):
            if getattr(self, name) and not self.model:
                how = argument("model", "FILE")
                raise UsageError(f"is for a network from a file; name that with {how}", name)
        for name in ("columns", "window", "scale"):
            if getattr(self, name) and not (self.input or (self.feed and name != "scale")):
                raise UsageError(f"is for a series; name that with {argument('input', 'FILE')}", name)
        if self.feed and self.input:
            raise UsageError(f"gives the whole model's input, {argument('input')} its layer's; leave one out", "feed")
        if self.sequence and not self.feed:
            raise UsageError(f"is for a batch that the model reads; name that with {argument('feed', 'FILE')}",
                             "sequence")  # fmt: skip
        if self.activation not in ("", "tanh", "relu"):
            raise UsageError(f"expected tanh or relu, got {self.activation}", "activation")
        for pair in self.roles:
            role, _, name = pair.partition("=")
            if role not in ROLES or not name:
                raise UsageError(f"expected ROLE=TENSOR with a role of {', '.join(ROLES)}, got {pair}", "roles")

    @property
    def reads_file(self) -> bool:
        """Whether a file takes the place of a sentence."""
        return bool(self.input or self.feed)

    @property
    def random(self) -> bool:
        """Whether random networks are asked for."""
        return any(value is not None for value in (self.hidden_size, self.seed, self.forget_bias))

    @property
    def hints(self) -> Hints | None:
        """What is said about the file of weights beside its name; ``None`` for nothing."""
        from lstm_ascii.checkpoints.layers import Hints

        if not (self.roles or self.activation or self.head or self.labels or self.gates):
            return None
        from lstm_ascii.checkpoints.vocabulary_files import labels_of

        entries = [(role, name) for role, _, name in (pair.partition("=") for pair in self.roles)]
        roles = {role: name for role, name in entries if role != "ignore"}
        ignored = tuple(name for role, name in entries if role == "ignore")
        functions = tuple(part.strip().lower() for part in self.head.split(",")) if self.head else ()
        return Hints(roles, self.activation, ignored, functions, labels_of(self.labels), self.gates.lower())


def open_networks(cells: Sequence[str], words: Sequence[str], source: Source) -> list[Network]:
    """Return the networks that ``source`` names, each able to read ``words``.

    Args:
        cells: ``rnn``, ``lstm``, ``gru`` (these three if none is named), ``rnn-helped``. A file has its own cell.
        words: of the sentence; random networks know these and no others.
        source: trained, random, or a file.

    Raises:
        UsageError: there is no such cell.
        FileError: the file can't be read.
    """
    if source.model:
        if cells:
            one = f"{argument('cells')} or {argument('model')}"
            raise UsageError(f"a network from a file has a cell of its own; leave {one} out", "cells")
        return [_from_file(source)]
    names = tuple(dict.fromkeys(cells)) or tuple(CELLS)
    check_cells(names)
    if helped := [name for name in names if source.random and name not in CELLS]:
        raise UsageError(f"{helped[0]} is trained; random networks are {', '.join(CELLS)}", "cells")
    return [seeded(name, words, source) if source.random else trained(name) for name in names]


def check_cells(names: Sequence[str]) -> None:
    """Refuse what is none of the networks that come with the package.

    Raises:
        UsageError: there is no such cell.
    """
    for name in names:
        if name not in TRAINED:
            raise UsageError(f"expected {', '.join(TRAINED)}, got {name}", "cells")


def given_input(source: Source, network: Network) -> GivenInput | None:
    """Return what is read in place of a sentence, where ``source`` names a file of it.

    Raises:
        FileError: it can't be read, or is not what the network reads.
    """
    if not source.input:
        return None
    from lstm_ascii.checkpoints.input_files import read_input

    return read_input(Path(source.input), network, source.columns, source.window, source.scale)


def fed_by(source: Source, network: Network) -> FedNetwork:
    """Return a network with what its first layer reads where the whole model is fed with ``source.feed``.

    Raises:
        FileError: a file can't be read, or the model can't be run on it.
        UsageError: there is no such sequence.
        LstmAsciiError: ONNX Runtime is not installed.
    """
    from lstm_ascii.checkpoints.feeding import Feed, fed_network

    feed = Feed(source.feed, source.columns, source.window, source.sequence)
    return fed_network(source.file, network, feed, source.vocabulary, source.hints)


def _from_file(source: Source) -> Network:
    """Return the network in a file."""
    from lstm_ascii.checkpoints.networks import load_network

    return load_network(source.file, source.vocabulary, source.hints)


def trained(cell: str) -> Network:
    """Return one of the trained networks that come with the package, of :data:`TRAINED`."""
    return own.load(WEIGHTS / f"{cell}.safetensors")


def seeded(cell: str, words: Sequence[str], source: Source) -> Network:
    """Return a random network whose vocabulary is ``words``; a word has the same vector in every sentence."""
    from lstm_ascii.cells.initial import random_cell, uniform

    size = DEFAULT_HIDDEN if source.hidden_size is None else source.hidden_size
    forget_bias = DEFAULT_FORGET_BIAS if source.forget_bias is None else source.forget_bias
    seed = source.seed or 0
    vocabulary = Vocabulary(tuple(dict.fromkeys([*(word.lower() for word in words), END])))
    # ±√3 gives every input a variance of 1
    embedding = np.stack([uniform(seed, f"word {word}", (size,), 3**0.5) for word in vocabulary.words])
    decoder = np.stack([uniform(seed, f"decoder {word}", (size,), size**-0.5) for word in vocabulary.words])
    bias = f", forget bias {forget_bias:+g}" if cell == "lstm" else ""
    return Network(
        vocabulary,
        embedding,
        ((Direction(random_cell(cell, size, size, seed, forget_bias)),),),
        decoder,
        np.zeros(len(vocabulary)),
        f"random weights, seed {seed}{bias}",
    )
