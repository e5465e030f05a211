"""Running a whole ONNX model by ONNX Runtime, and recording the inputs and outputs of its recurrent layers.

Arrays go in, arrays come out: :func:`run_layers` is all that is needed to look into a layer behind a front end. Of the
file nothing is run but its operations; where it may look for weights was decided when it was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import RecurrentLayer, Site
from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown
from lstm_ascii.checkpoints.formats.onnx_exposed import PREFIX, with_outputs
from lstm_ascii.errors import FileError, LstmAsciiError, argument
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

BESIDE = "session.model_external_initializers_file_folder_path"  # how ONNX Runtime is told where weights lie
LONGEST_REASON = 160  # characters of what ONNX Runtime says
QUIET = 4  # only what ends the process
_TYPES = {
    "float": "float32", "double": "float64", "float16": "float16", "int64": "int64", "int32": "int32",
    "int16": "int16", "int8": "int8", "uint8": "uint8", "uint16": "uint16", "uint32": "uint32", "uint64": "uint64",
    "bool": "bool",
}  # fmt: skip
_H, _C, _LENGTHS = 5, 6, 4  # places of inputs of a recurrent node


@dataclass(frozen=True)
class ModelInput:
    """What a model must be given.

    Attributes:
        name: as in the file.
        dtype: NumPy's name of its type; empty for one that is no plain numbers.
        shape: its sizes; the name of one that may be any, ``?`` where it has none.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        """Say what it is, safe to print: ``x (batch, 5, 3) of float32``."""
        sizes = ", ".join(str(size) if isinstance(size, int) else shown(size) for size in self.shape)
        return f"{shown(self.name)} ({sizes}{',' * (len(self.shape) == 1)}) of {self.dtype or 'no plain numbers'}"

    def takes(self, shape: Sequence[int]) -> bool:
        """Tell whether an array of such a shape may go in."""
        sizes = zip(self.shape, shape, strict=False)
        return len(shape) == len(self.shape) and all(isinstance(own, str) or own == size for own, size in sizes)


@dataclass(frozen=True, eq=False)
class SeenLayer:
    """What a recurrent layer read and gave in one run, in double precision.

    Attributes:
        x: ``(T, B, D)``.
        outputs: ``(T, B, H · directions)``; ``None`` where the model asks the layer only for its last state.
        last: its last state h, ``(directions, B, H)``; ``None`` where the model doesn't ask for it.
        start: its start states by letter, ``(directions, B, H)`` each; none where it starts at zero.
        lengths: how many steps of each sequence it read, ``(B,)``; ``None`` for all.
    """

    x: Array
    outputs: Array | None
    last: Array | None = None
    start: Mapping[str, Array] = field(default_factory=dict)
    lengths: Array | None = None


class Runner:
    """An ONNX model in ONNX Runtime, made to give what lies within it, too."""

    def __init__(self, path: Path, wanted: Sequence[tuple[Site, Sequence[str]]] = ()) -> None:
        """Bring a model in.

        Args:
            path: of the file.
            wanted: values by the names that they have where an operation stands, such as a layer's input.

        Raises:
            FileError: ONNX Runtime refuses the model, or a value is made in the body of a loop.
            LstmAsciiError: the package ``onnxruntime`` is not installed.
        """
        self.path = path
        self._runtime = _runtime()
        self._wanted = [tuple(names) for _, names in wanted]
        model: memoryview | bytes = mapped(path)
        for number, (site, names) in enumerate(wanted):
            try:
                model = with_outputs(model, site.path, names, self._outputs(number))
            except ValueError as error:
                where = "lies in the body of a loop, which runs any number of times"
                raise FileError(f"{visible(str(path))}: the layer {where}; it can't be looked into so") from error
        options = self._runtime.SessionOptions()
        options.log_severity_level = QUIET
        options.intra_op_num_threads = 1
        options.add_session_config_entry(BESIDE, str(path.absolute().parent))
        try:
            self._session = self._runtime.InferenceSession(bytes(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # a class of its own for each of its codes, none of them public
            raise damaged(path, f"ONNX Runtime refuses it: {_reason(error)}") from error

    @property
    def version(self) -> str:
        """Of ONNX Runtime."""
        return str(self._runtime.__version__)

    @property
    def inputs(self) -> tuple[ModelInput, ...]:
        """What the model must be given."""
        return tuple(_input(entry) for entry in self._session.get_inputs())

    def run(self, inputs: Mapping[str, Array]) -> list[tuple[Array, ...]]:
        """Return the wanted values for arrays by the names of the model's inputs, in double precision.

        Raises:
            FileError: an input is missing, or is not what the model takes; or it can't be run.
        """
        given = self._fitted(inputs)
        names = [name for number in range(len(self._wanted)) for name in self._outputs(number)]
        try:
            values = iter(self._session.run(names, given))
        except Exception as error:
            raise damaged(self.path, f"ONNX Runtime can't run it on this: {_reason(error)}") from error
        return [tuple(np.asarray(next(values)) for _ in of) for of in self._wanted]

    def _outputs(self, number: int) -> list[str]:
        return [f"{PREFIX}{number}/{place}" for place in range(len(self._wanted[number]))]

    def _fitted(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return what goes in, each of the model's type.

        Raises:
            FileError: one is missing or too many, or has another shape or kind.
        """
        where = visible(str(self.path))
        if missing := [entry for entry in self.inputs if entry.name not in inputs]:
            got = ", ".join(map(shown, inputs)) or "nothing"
            raise FileError(f"{where}: its input {'; '.join(map(str, missing))} is missing; there is {got}")
        known = {entry.name: entry for entry in self.inputs}
        if strange := [name for name in inputs if name not in known]:
            there = "; ".join(map(str, known.values())) or "nothing"
            raise FileError(f"{where}: it has no input {', '.join(map(shown, strange))}; it reads {there}")
        return {name: _as(where, entry, np.asarray(inputs[name])) for name, entry in known.items()}


def run_layers(path: Path, inputs: Mapping[str, Array], layers: Sequence[RecurrentLayer]) -> list[SeenLayer]:
    """Run a model and return what some of its recurrent layers read and gave.

    Args:
        path: of the ONNX file.
        inputs: arrays by the names of the model's inputs.
        layers: of what the file holds, as ``read_contents(path).layers`` has them.

    Raises:
        FileError: the model can't be run on this, or a layer did not run.
        LstmAsciiError: the package ``onnxruntime`` is not installed.
    """
    wanted = [(_site(path, layer), tuple(name for _, name in _parts(layer))) for layer in layers]
    runner = Runner(path, wanted)
    return [seen(path, layer, values) for layer, values in zip(layers, runner.run(inputs), strict=True)]


def wanted_of(path: Path, layer: RecurrentLayer) -> tuple[Site, tuple[str, ...]]:
    """Return what :class:`Runner` must give for :func:`seen` of a layer."""
    return _site(path, layer), tuple(name for _, name in _parts(layer))


def seen(path: Path, layer: RecurrentLayer, values: Sequence[Array]) -> SeenLayer:
    """Return what a layer read and gave, from the values that :func:`wanted_of` names.

    Raises:
        FileError: the layer did not run.
    """
    parts = {part: value for (part, _), value in zip(_parts(layer), values, strict=True)}
    x = parts["x"]
    if x.ndim != 3:
        branch = "lies in a branch that does not run with this input"
        choose = f"{argument('roles')} rnn=NAME takes another"
        raise FileError(f"{visible(str(path))}: {layer.kind} {shown(layer.name)} {branch}; {choose}")
    outputs, last = parts.get("outputs"), parts.get("last")
    start = {letter: parts[letter] for letter in "hc" if letter in parts}
    if outputs is not None and outputs.ndim == 3:  # of a loop, which knows no directions
        outputs = outputs[:, None]
    last = last[None] if last is not None and last.ndim == 2 else last
    start = {letter: value[None] if value.ndim == 2 else value for letter, value in start.items()}
    if layer.attributes.get("layout", 0):  # sequences come first
        x = x.swapaxes(0, 1)
        outputs = None if outputs is None else outputs.transpose(1, 2, 0, 3)
        last = None if last is None else last.swapaxes(0, 1)
        start = {letter: value.swapaxes(0, 1) for letter, value in start.items()}
    if outputs is not None:  # (T, directions, B, H)
        outputs = outputs.swapaxes(1, 2).reshape(len(x), x.shape[1], -1)
    lengths = parts.get("lengths")
    return SeenLayer(x, outputs, last, start, None if lengths is None else lengths.astype(int).reshape(-1))


def _site(path: Path, layer: RecurrentLayer) -> Site:
    """Return where a layer stands."""
    if layer.site is None:
        raise FileError(f"{visible(str(path))}: what {shown(layer.name)} reads and gives has no name in the graph")
    return layer.site


def _parts(layer: RecurrentLayer) -> list[tuple[str, str]]:
    """Return what is looked at of a layer, and the name that it has where the layer stands."""
    site = layer.site
    if site is None:
        return []
    inputs = dict(enumerate(site.inputs))
    outputs = dict(enumerate(site.outputs))
    parts = [
        ("x", inputs[0]), ("outputs", outputs.get(0)), ("last", outputs.get(1)), ("lengths", inputs.get(_LENGTHS)),
        ("h", inputs.get(_H)), ("c", inputs.get(_C)),
    ]  # fmt: skip
    return [(part, name) for part, name in parts if name]


def _input(entry: Any) -> ModelInput:
    """Return what the model says of an input."""
    kind = re.fullmatch(r"tensor\((\w+)\)", entry.type)
    shape = tuple(size if isinstance(size, int) else str(size or "?") for size in entry.shape)
    return ModelInput(entry.name, _TYPES.get(kind[1], "") if kind else "", shape)


def _as(where: str, entry: ModelInput, value: Array) -> Array:
    """Return an array of an input's type: whole numbers may become real ones, never the other way.

    Raises:
        FileError: it is of another kind, or has another shape.
    """
    if not entry.dtype:
        raise FileError(f"{where}: its input {shown(entry.name)} is no plain numbers, which can't be given here")
    target = np.dtype(entry.dtype)
    allowed = "fiub" if target.kind == "f" else "iub"
    if value.dtype.kind not in allowed or not entry.takes(value.shape):
        got = f"{value.dtype} of shape {value.shape}"
        raise FileError(f"{where}: its input {entry} is expected, got {got}")
    if target.kind in "iu" and value.size:
        bounds = np.iinfo(target)
        if value.astype(object).min() < bounds.min or value.astype(object).max() > bounds.max:
            raise FileError(f"{where}: its input {entry} is expected, got a number that it can't hold")
    return np.ascontiguousarray(value.astype(target))


def _reason(error: Exception) -> str:
    """Return what ONNX Runtime says, in one line without its own codes."""
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", " ".join(str(error).split()))
    text = re.sub(r"\S*\.(?:cc|h):\d+ \S+ ", "", text)
    return visible(text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…")


def _runtime() -> Any:
    """Return ONNX Runtime.

    Raises:
        LstmAsciiError: it is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        how = "pip install 'lstm-ascii[onnx]' installs it"
        raise LstmAsciiError(f"needs the package onnxruntime; {how}", "feed") from error
    return onnxruntime
