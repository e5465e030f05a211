"""Interventions on single units (activation patching), and the exact split of a log-odds over the words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from lstm_ascii.analysis.gates import flow, word_terms
from lstm_ascii.analysis.gradients import state_gradients
from lstm_ascii.cells import Array
from lstm_ascii.network import LAST, Network, Place, Run, gradient_below
from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Contrast:
    """A choice between two entries of the vocabulary: ``log p(right) − log p(wrong)`` after word ``after``."""

    after: int
    right: int
    wrong: int

    def direction(self, network: Network) -> Array:
        """Return ∂ log-odds / ∂ output, ``(H,)``; the softmax's sum cancels."""
        right, wrong = (network.decoder_weight[row].astype(float) for row in (self.right, self.wrong))
        difference: Array = right - wrong
        return difference

    def bias(self, network: Network) -> float:
        """Return the part of the log-odds that the decoder's bias gives."""
        return float(network.decoder_bias[self.right] - network.decoder_bias[self.wrong])

    def log_odds(self, network: Network, outputs: Array) -> Array:
        """Return the log-odds for outputs ``(..., H)``."""
        odds: Array = outputs @ self.direction(network) + self.bias(network)
        return odds


def patched_log_odds(
    network: Network,
    run: Run,
    donor: Run,
    at: int,
    contrast: Contrast,
    place: Place = LAST,
    units: Sequence[int] | None = None,
) -> Array:
    """Patch one unit at a time: give it the state that it has in another run, and continue from there.

    The layers above read the patched state from that word on.

    Args:
        network: one whose layers all read forward.
        run: over the sentence, ``B`` = 1.
        donor: over another sentence of the same length, from which the state is taken.
        at: the word after which the unit's state (c and h) is patched, from 1.
        contrast: the choice whose log-odds are returned.
        place: the units' layer.
        units: which units; by default all.

    Returns:
        The log-odds after each patch, one a unit.
    """
    size = place.direction_in(network).cell.hidden_size
    indices = np.arange(size) if units is None else np.array(units)
    states = _states(run, at, len(indices))  # a sequence of the batch for each unit, in which that one is patched
    for name, shift in _exchanged(network, run, donor, at, place, indices).items():
        states[place.index(network)][name] += shift
    x = states[place.index(network)]["h"]
    for number in range(place.layer % len(network.layers) + 1, len(network.layers)):
        (direction,), before = network.layers[number], _states(run, at - 1, len(indices))[number]
        states[number] = {name: state[-1] for name, state in direction.trace(x[None], before).states.items()}
        x = states[number]["h"]
    if at == contrast.after:
        return contrast.log_odds(network, x)
    ids = np.repeat(run.ids[at : contrast.after], len(indices), axis=1)
    return contrast.log_odds(network, network.run(ids, states).outputs[-1])


def first_order_changes(
    network: Network, run: Run, donor: Run, at: int, contrast: Contrast, place: Place = LAST
) -> Array:
    """Estimate to first order how far each unit's patch (:func:`patched_log_odds`) moves the log-odds, ``(H,)``.

    Gradient times difference of the states, with the mean of the gradients in the two runs (the trapezoid rule): two
    backward passes, whatever the number of units.
    """
    cell = place.direction_in(network).cell
    slope = (_gradient_at(network, run, place, contrast, at) + _gradient_at(network, donor, place, contrast, at)) / 2
    shifts = _exchanged(network, run, donor, at, place, np.arange(cell.hidden_size))
    changes: Array = np.concatenate([shifts[name] for name in cell.state_names], axis=-1) @ slope
    return changes


def _exchanged(network: Network, run: Run, donor: Run, at: int, place: Place, units: Array) -> dict[str, Array]:
    """Return the change of each state, by name, when one unit is patched; one row for each unit, ``(n, its size)``."""
    cell, own, other = place.direction_in(network).cell, place.trace_in(run), place.trace_in(donor)
    difference = (cell.own_outputs(other) - cell.own_outputs(own))[at - 1, 0]  # (H,)
    projection, shifts = getattr(cell, "weight_hr", None), {}
    for name, size in cell.state_sizes.items():
        if name == "h" and projection is not None:  # a unit reaches every output
            shifts[name] = difference[units, None] * projection.T[units]  # (n, P)
            continue
        shifts[name] = np.zeros((len(units), size))
        change = difference if name == "h" else (other.states[name] - own.states[name])[at, 0]
        shifts[name][np.arange(len(units)), units] = change[units]
    return shifts


def direct_gradients(network: Network, run: Run, place: Place, contrast: Contrast) -> Array:
    """Return ∂ log-odds / ∂h of a layer after words 1 to ``after``, through the layers above it, ``(after, P)``.

    Without rescaling: gradients below 1e-308 underflow to 0.
    """
    direct = np.zeros((*run.outputs.shape[:2], run.outputs.shape[-1]))
    direct[contrast.after - 1, 0] = contrast.direction(network)
    return gradient_below(network, run, direct, place.layer % len(network.layers))[: contrast.after, 0]


def _gradient_at(network: Network, run: Run, place: Place, contrast: Contrast, at: int) -> Array:
    """Return ∂ log-odds / ∂s of a layer's state after word ``at``, ``(S,)``."""
    direct = direct_gradients(network, run, place, contrast)
    cell, trace = place.direction_in(network).cell, place.trace_in(run)
    back = state_gradients(cell, trace, direct, contrast.after)
    _, gradient, log_scale = next(islice(back, contrast.after - at, None))
    scaled_gradient: Array = gradient * np.exp(log_scale)
    return scaled_gradient


def split_log_odds(network: Network, run: Run, contrast: Contrast) -> tuple[Array, float, float]:
    """Split the log-odds exactly into what each word's contribution to the memory gives; see :func:`split_output`.

    Returns:
        The parts of words 1…after, ``(after,)``; that of the start state; that of the decoder's bias. They add up to
        the log-odds.

    Raises:
        ValueError: the network has no additive memory (the RNN).
    """
    return *split_output(network, run, contrast.after, contrast.direction(network)), contrast.bias(network)


def split_output(network: Network, run: Run, after: int, direction: Array) -> tuple[Array, float]:
    """Split ``direction · h`` of the last layer exactly into the words' parts (Murdoch & Szlam 2017).

    ``h_u = o_u · (tanh c_u / c_u) · Σ_k term_{k,u}``, before a projection if there is one; for the GRU ``h`` is
    the memory itself. The terms are those of :func:`~lstm_ascii.analysis.gates.word_terms`.

    Args:
        network: one whose last layer reads forward.
        run: its pass, ``B`` = 1.
        after: the number of the word, from 1, after which it is split.
        direction: ``(P,)``.

    Returns:
        The parts of words 1…after, ``(after,)``; that of the start state.

    Raises:
        ValueError: the network has no additive memory (the RNN).
    """
    cell, trace = LAST.direction_in(network).cell, LAST.trace_in(run)
    parts = flow(trace)
    if parts is None:
        raise ValueError("an RNN's state is no sum of what the words wrote")
    terms, start = word_terms(parts, after)
    memory, own = parts.memory[after, 0], cell.own_outputs(trace)[after - 1, 0]  # (H,) each
    output_share = np.where(memory == 0, 1, own / np.where(memory == 0, 1, memory))  # own = output_share ⊙ memory
    direction = cell.own_gradient(direction)  # (H,), before the projection
    weight = direction * output_share
    of_nothing = direction @ np.where(memory == 0, own, 0)  # 0, but for an activation that isn't 0 at an empty memory
    return terms @ weight, float(start @ weight + of_nothing)


def _states(run: Run, at: int, batch: int) -> list[dict[str, Array]]:
    """Return every direction's state after word ``at``, repeated ``batch`` times."""
    return [
        {name: np.repeat(state[at], batch, axis=0) for name, state in trace.states.items()}
        for passes in run.traces
        for trace in passes
    ]
