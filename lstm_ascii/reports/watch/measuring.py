"""The measurements of one direction of a layer in training: weights, gradients, gates, and findings of ``doctor``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

import numpy as np

from lstm_ascii.analysis.activity import activity
from lstm_ascii.cells import Array, Cell
from lstm_ascii.layer import Direction
from lstm_ascii.records import dataclass
from lstm_ascii.reports.doctor.findings import Finding, Limits
from lstm_ascii.reports.doctor.units import direction_findings, horizon_of, short_finding, unit_measures
from lstm_ascii.reports.doctor.weights import cell_findings, cell_measures

SEQUENCES, STEPS = 8, 64  # of the layer's last inputs that are examined: the first of both
NOT_YET: dict[str, Any] = {"radius": None, "horizon": None, "followed": 0, "findings": []}  # of what takes long
LARGEST = 512  # units; above, eigenvalues and horizons would take seconds


@dataclass(frozen=True, eq=False)
class Heard:
    """What a direction last read.

    Attributes:
        x: ``(T, B, D)``, in the order of the words.
        start: by state name, ``(B, H)``; a state left out starts at zero.
    """

    x: Array
    start: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Layer:
    """One direction of one layer, at one step of its training.

    Attributes:
        name: by which the model holds it.
        direction: our cell with its parameters.
        gradients: of its parameters, by their names; none where they are not known.
        heard: what it last read; ``None`` where that is not known.
    """

    name: str
    direction: Direction
    gradients: Mapping[str, Array]
    heard: Heard | None = None


def described(layer: Layer) -> dict[str, Any]:
    """Return what does not change in training."""
    cell = layer.direction.cell
    return {
        "name": layer.name,
        "cell": cell.name,
        "inputs": cell.input_size,
        "units": cell.hidden_size,
        "backward": layer.direction.backward,
        "gates": [gate_name(cell, letter) for letter in cell.gate_letters],
    }


def gate_name(cell: Cell, letter: str) -> str:
    """Return what a gate is called: ``forget``; the RNN's only block is its candidate."""
    return cell.gate_names.get(letter, "candidate")


def measured(layer: Layer, limits: Limits, slow: Mapping[str, Any] | None) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Measure one direction.

    Args:
        layer: to measure.
        limits: that findings go by.
        slow: what takes long, as it was last measured: spectral radius and horizon; ``None`` to measure it now.

    Returns:
        What a line of the file says of it, and what took long.
    """
    cell = layer.direction.cell
    with np.errstate(all="ignore"):
        if slow is None:
            slow = _slow(layer, limits)
        bias = cell_measures(layer.name, cell, spectrum=False)
        findings = [*cell_findings(cell, bias, limits), *slow["findings"]]
        line: dict[str, Any] = {
            "weights": _norms(cell, cell.parameters),
            "gradients": _norms(cell, layer.gradients) if layer.gradients else {},
            "keep_bias": bias.keep_bias[0] if bias.keep_bias else None,
            "radius": slow["radius"],
            "horizon": slow["horizon"],
            "followed": slow["followed"],
        }
        if layer.heard is not None:
            line |= _gates(layer, layer.heard, limits, findings)
    line["findings"] = [
        {name: getattr(finding, name) for name in ("severity", "rule", "what", "evidence")} for finding in findings
    ]
    return line, slow


def _norms(cell: Cell, values: Mapping[str, Array]) -> dict[str, float]:
    """Return the norm of everything that belongs to a gate, gate by gate."""
    rows = len(cell.gate_letters) * cell.hidden_size
    whole = [value.reshape(rows, -1) for value in values.values() if len(value) == rows]
    lengths = np.sqrt(sum((np.einsum("rc,rc->r", value, value, dtype=float) for value in whole), np.zeros(rows)))
    parts = lengths.reshape(len(cell.gate_letters), -1)
    return {gate_name(cell, letter): float(np.linalg.norm(part))
            for letter, part in zip(cell.gate_letters, parts, strict=True)}  # fmt: skip


def _gates(layer: Layer, heard: Heard, limits: Limits, findings: list[Finding]) -> dict[str, Any]:
    """Let the cell read again what the layer read, and measure what its gates and units do."""
    cell, x = layer.direction.cell, heard.x
    lengths = np.full(x.shape[1], len(x))
    trace = cell.forward(layer.direction.ordered(x), dict(heard.start))
    moves = activity(cell, trace, lengths)
    units = unit_measures(layer.name, moves)
    findings.extend(direction_findings(cell, moves, units, limits))
    words = moves.count or 1
    gates = {
        cell.gate_names[letter]: [float(value) / words for value in (
            moves.ranges[role].total.mean(), moves.ranges[role].above.mean(), moves.ranges[role].below.mean())]
        for role, letter in cell.gate_roles.items()
    }  # fmt: skip
    memory = trace.states[cell.state_names[-1]][1:]
    size = float(np.sqrt(np.mean(memory * memory))) if memory.size else 0.0
    return {"gates": gates, "flat": units.saturated, "memory": size, "largest": units.largest, "words": moves.count}


def _slow(layer: Layer, limits: Limits) -> dict[str, Any]:
    """Measure what takes long."""
    cell, heard = layer.direction.cell, layer.heard
    small = cell.hidden_size <= LARGEST
    measures = cell_measures(layer.name, cell, spectrum=small)
    findings = list(cell_findings(cell, measures, limits)) if cell.name == "RNN" else []
    horizon, followed = None, (0, 0)
    if heard is not None and small and len(heard.x) > 1:
        start = {name: value[:1] for name, value in heard.start.items()}
        trace = cell.forward(layer.direction.ordered(heard.x[:, :1]), start)
        horizon, followed = horizon_of(cell, trace, limits)
        units = replace(unit_measures(layer.name, activity(cell, trace, np.array([len(heard.x)]))), horizon=horizon,
                        followed=followed)  # fmt: skip
        findings += short_finding(units, limits, "sequence")
    return {"radius": measures.spectral_radius, "horizon": horizon, "followed": followed[1], "findings": findings}
