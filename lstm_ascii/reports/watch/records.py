"""The log of a watched training: one line of JSON for each report, flushed, so that a crash loses none before it.

A head says which layers there are; each training that goes on in the same file writes a head of its own. What can't be
read, as a half line at the end, is counted and left out. Files are other people's: lines, layers and texts have limits.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

from lstm_ascii.errors import FileError
from lstm_ascii.language.text import shortened, visible
from lstm_ascii.records import dataclass

FORMAT, VERSION = "lstm-ascii watch", 1
LONGEST_LINE = 1 << 20  # bytes
MOST_LAYERS, MOST_GATES, MOST_FINDINGS = 64, 8, 64
LONGEST_NAME, LONGEST_TEXT = 200, 400  # characters
MOST_REPORTS = 4096  # of more every other one is left out


class Lines:
    """Appends lines to a file, each of them whole and on disk before the next."""

    def __init__(self, path: Path) -> None:
        """Open it; one that is there goes on, if it is such a file.

        Raises:
            FileError: it is something else, or can't be written.
        """
        shown = visible(str(path))
        try:
            if path.exists() and path.stat().st_size and not is_watch_file(path):
                raise FileError(f"{shown}: exists and is no training that was watched; name another file")
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
            self._handle = os.open(path, flags, 0o666)
            if os.fstat(self._handle).st_size and not _ends_whole(path):
                os.write(self._handle, b"\n")  # a line that was cut off stays alone
        except OSError as error:
            raise FileError(f"can't write {shown}: {error.strerror or error}") from error

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line; what is no number is written as null. A full disk ends no training: the line is left out."""
        text = json.dumps(_plain(line), allow_nan=False, separators=(",", ":"))
        with suppress(OSError):
            os.write(self._handle, text.encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _plain(value: Any) -> Any:
    """Return what JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def is_watch_file(path: Path) -> bool:
    """Tell whether a file begins as those of watched trainings do."""
    with path.open("rb") as file:
        head = _read_line(file.readline(LONGEST_LINE + 1))
    return head is not None and head.get("format") == FORMAT


def _read_line(raw: bytes) -> dict[str, Any] | None:
    """Return what a line says; ``None`` where that can't be read."""
    if len(raw) > LONGEST_LINE:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True)
class LayerHead:
    """What does not change of one direction of one layer.

    Attributes:
        name: by which its model holds it, safe to print.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        inputs, units: D, H.
        gates: their names, in the order of the weights.
    """

    name: str
    cell: str
    inputs: int
    units: int
    gates: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What ``doctor`` said; see :class:`~lstm_ascii.reports.doctor.findings.Finding`. All safe to print."""

    severity: str
    rule: str
    what: str
    evidence: str


@dataclass(frozen=True)
class LayerLine:
    """What was measured of one direction at one step; a figure that there is none of is ``None``.

    Attributes:
        weights, gradients: norms by gate.
        means, opened, closed: of the values of a gate by its name: their mean, the shares above 0.9 and below 0.1.
        flat: share of the memory's values whose tanh is flat.
        memory, largest: root of the mean square of the memory; its largest absolute value.
        keep_bias: the mean bias of the gate that keeps the memory.
        radius: spectral radius of the candidate's recurrent weights.
        horizon: steps until the gradient has vanished; ``None`` where it has not within ``followed``.
        followed: steps that it was followed over; 0 where it was not.
        findings: of ``doctor``.
    """

    weights: dict[str, float | None]
    gradients: dict[str, float | None]
    means: dict[str, float | None]
    opened: dict[str, float | None]
    closed: dict[str, float | None]
    flat: float | None
    memory: float | None
    largest: float | None
    keep_bias: float | None
    radius: float | None
    horizon: int | None
    followed: int
    findings: tuple[Found, ...]

    @property
    def gradient(self) -> float | None:
        """The norm of the gradient of all its weights."""
        values = [value for value in self.gradients.values() if value is not None]
        return math.hypot(*values) if values else None


@dataclass(frozen=True)
class StepLine:
    """One report.

    Attributes:
        step: of the training.
        seconds: since it was first watched.
        loss: as its owner told it; ``None`` where nobody did.
        cost: share of the time so far that went into watching.
        layers: by name.
    """

    step: int
    seconds: float
    loss: float | None
    cost: float | None
    layers: dict[str, LayerLine]


def head_of(line: Mapping[str, Any]) -> tuple[LayerHead, ...] | None:
    """Return the layers that a head names; ``None`` where the line is none."""
    layers = line.get("layers")
    if line.get("format") != FORMAT or not isinstance(layers, list):
        return None
    heads = []
    for layer in layers[:MOST_LAYERS]:
        if not isinstance(layer, dict) or not isinstance(layer.get("name"), str) or layer.get("cell") not in _CELLS:
            return None
        gates = [_text(name, 20) for name in _listed(layer.get("gates"))[:MOST_GATES] if isinstance(name, str)]
        sizes = [_whole(layer.get(size)) for size in ("inputs", "units")]
        heads.append(LayerHead(_text(layer["name"], LONGEST_NAME), layer["cell"], sizes[0], sizes[1], tuple(gates)))
    return tuple(heads)


_CELLS = ("RNN", "LSTM", "GRU")


def step_of(line: Mapping[str, Any], heads: Sequence[LayerHead]) -> StepLine | None:
    """Return the report that a line holds; ``None`` where it holds none."""
    step, layers = line.get("step"), line.get("layers")
    if not isinstance(step, int) or isinstance(step, bool) or not 0 <= step < 1 << 53 or not isinstance(layers, dict):
        return None
    known = {head.name: head for head in heads}
    read = {}
    for name, layer in list(layers.items())[:MOST_LAYERS]:
        head = known.get(_text(name, LONGEST_NAME))
        if head is not None and isinstance(layer, dict):
            read[head.name] = _layer_line(layer, head)
    return StepLine(step, _number(line.get("seconds")) or 0.0, _number(line.get("loss")), _number(line.get("cost")),
                    read)  # fmt: skip


def _layer_line(layer: Mapping[str, Any], head: LayerHead) -> LayerLine:
    """Return what a line says of one direction."""
    gates = layer.get("gates")
    shares: dict[str, Any] = gates if isinstance(gates, dict) else {}
    by_gate = {name: _listed(shares.get(name)) for name in head.gates if name in shares}
    means, opened, closed = (
        {name: _number(values[place]) if len(values) > place else None for name, values in by_gate.items()}
        for place in range(3)
    )
    findings = []
    for one in _listed(layer.get("findings"))[:MOST_FINDINGS]:
        texts = [one.get(name) for name in ("severity", "rule", "what", "evidence")] if isinstance(one, dict) else []
        if texts and all(isinstance(text, str) for text in texts):
            findings.append(Found(*(_text(str(text), LONGEST_TEXT) for text in texts)))
    horizon = layer.get("horizon")
    return LayerLine(
        weights=_by_gate(layer.get("weights"), head),
        gradients=_by_gate(layer.get("gradients"), head),
        means=means,
        opened=opened,
        closed=closed,
        flat=_number(layer.get("flat")),
        memory=_number(layer.get("memory")),
        largest=_number(layer.get("largest")),
        keep_bias=_number(layer.get("keep_bias")),
        radius=_number(layer.get("radius")),
        horizon=None if horizon is None else _whole(horizon),
        followed=_whole(layer.get("followed")),
        findings=tuple(findings),
    )


def _by_gate(values: Any, head: LayerHead) -> dict[str, float | None]:
    return {name: _number(values[name]) for name in head.gates if name in values} if isinstance(values, dict) else {}


def _text(text: str, most: int) -> str:
    return shortened(text, most)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    """Return a finite number that can be reckoned with; else ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    with suppress(OverflowError):
        number = float(value)
        return number if abs(number) < 1e100 else None
    return None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40 else 0


class Reader:
    """Reads such a file as far as it goes, and on where it has grown.

    Attributes:
        heads: the layers of the training that was begun last.
        steps: its reports, in the order of the file; of very many only some.
        runs: how many trainings the file holds.
        damaged: lines that could not be read.
        ended: whether the last training said that it was over.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            FileError: it can't be read, or is no plain file.
        """
        self._shown = visible(str(path))
        try:
            if not S_ISREG(path.stat().st_mode):
                raise FileError(f"{self._shown}: is no plain file")
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise FileError(f"{self._shown}: {error.strerror or error}") from error
        self.heads: tuple[LayerHead, ...] = ()
        self.steps: list[StepLine] = []
        self.runs = self.damaged = 0
        self.ended = False
        self._rest = b""
        self._every = self._count = 1
        self._lines = 0

    def read(self) -> Iterator[StepLine]:
        """Read what has come since the last time; yield the reports.

        Raises:
            FileError: it is not the file of a watched training, or can't be read.
        """
        try:
            if os.fstat(self._file.fileno()).st_size < self._file.tell():  # begun anew
                self._file.seek(0)
                self._rest = b""
            while chunk := self._file.readline(LONGEST_LINE + 1):
                self._rest = (self._rest + chunk)[: LONGEST_LINE + 1]
                if not chunk.endswith(b"\n"):
                    if len(chunk) <= LONGEST_LINE:
                        return  # the end of the file, in the middle of a line that may still come
                    continue
                raw, self._rest = self._rest, b""
                if (report := self._take(raw)) is not None:
                    yield report
        except OSError as error:
            raise FileError(f"{self._shown}: {error.strerror or error}") from error

    def finish(self) -> None:
        """Count a half line at the end as damaged: nothing more will come.

        Raises:
            FileError: there is no head in the file.
        """
        self.damaged += bool(self._rest)
        if not self.runs:
            raise FileError(f"{self._shown}: is no training that was watched; lstm_ascii.watch() writes such files")

    def _take(self, raw: bytes) -> StepLine | None:
        """Take in one line."""
        self._lines += 1
        line = _read_line(raw)
        heads = None if line is None else head_of(line)
        if heads is not None:
            self.heads, self.steps, self.ended = heads, [], False
            self.runs += 1
            self._every = self._count = 1
            return None
        if self._lines == 1:
            raise FileError(f"{self._shown}: is no training that was watched; lstm_ascii.watch() writes such files")
        if line is not None and line.get("ended") is True:
            self.ended = True
            return None
        report = None if line is None else step_of(line, self.heads)
        if report is None:
            self.damaged += 1
            return None
        self._keep(report)
        return report

    def _keep(self, report: StepLine) -> None:
        """Keep a report; of very many every other one, then every fourth."""
        if self.steps and report.step <= self.steps[-1].step:  # gone on from an earlier checkpoint
            self.steps = [one for one in self.steps if one.step < report.step]
        self._count += 1
        if self._count % self._every == 0:
            self.steps.append(report)
        if len(self.steps) > MOST_REPORTS:
            self.steps = self.steps[::2]
            self._every *= 2

    def close(self) -> None:
        """Close the file."""
        self._file.close()
