"""What can be said of a network by its weights alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_ascii.analysis.products import largest_singular_value, spectral_radius
from lstm_ascii.cells import Array, Cell, cell_named
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.reports.doctor.findings import Finding, Limits, listed, signed

LARGEST = 1 << 11  # units; above, eigenvalues would take minutes
ROWS_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class LayerMeasures:
    """One direction of one layer.

    Attributes:
        name: as ``layer 1, forward``.
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        input_size, hidden_size: D, H.
        keep_bias: mean, smallest and largest bias of the gate that keeps the memory, both biases added up;
            ``None`` for the RNN.
        spectral_radius, largest_singular_value: of the recurrent weights of the candidate (of the RNN all there
            are); ``None`` above 2,048 units, and where they aren't square.
    """

    name: str
    cell: str
    input_size: int
    hidden_size: int
    keep_bias: tuple[float, float, float] | None
    spectral_radius: float | None
    largest_singular_value: float | None

    @property
    def keep_gate(self) -> str:
        """The gate that keeps the memory, as ``forget gate``; empty for an RNN."""
        kind = cell_named(self.cell)
        return f"{kind.gate_names[kind.gate_roles['keep']]} gate" if kind.gate_roles else ""


def names_of_directions(network: Network) -> list[str]:
    """Name every direction, from the first layer up."""
    return [
        f"layer {number}"
        + (f", {'backward' if direction.backward else 'forward'}" if len(layer) > 1 or direction.backward else "")
        for number, layer in enumerate(network.layers, 1)
        for direction in layer
    ]


def layer_measures(network: Network) -> tuple[LayerMeasures, ...]:
    """Measure the weights of every direction."""
    cells = [direction.cell for layer in network.layers for direction in layer]
    return tuple(cell_measures(name, cell) for name, cell in zip(names_of_directions(network), cells, strict=True))


def weight_findings(network: Network, measures: tuple[LayerMeasures, ...], limits: Limits) -> Iterator[Finding]:
    """Look for what is wrong with the weights."""
    yield from _not_numbers(network)
    cells = [direction.cell for layer in network.layers for direction in layer]
    for cell, measures_of_cell in zip(cells, measures, strict=True):
        yield from cell_findings(cell, measures_of_cell, limits)
    yield from _embedding(network, limits)


def cell_findings(cell: Cell, measures: LayerMeasures, limits: Limits) -> Iterator[Finding]:
    """Look for what is wrong with the weights of one direction, but for those that are no numbers."""
    yield from _dead(cell, measures.name, limits)
    yield from _keep_bias(cell, measures, limits)
    yield from _contraction(cell, measures, limits)


def cell_measures(name: str, cell: Cell, spectrum: bool = True) -> LayerMeasures:
    """Measure the weights of one direction; without its ``spectrum`` neither radius nor singular value."""
    block = _rows(cell, cell.weight_hh, cell.candidate_letter)
    is_measurable = spectrum and block.shape[0] == block.shape[1] <= LARGEST and np.isfinite(block).all()
    matrix = block.astype(float) if is_measurable else None
    bias = _bias(cell, cell.bias_ih) + _bias(cell, cell.bias_hh) if cell.gate_roles else None
    return LayerMeasures(
        name,
        cell.name,
        cell.input_size,
        cell.hidden_size,
        None if bias is None else (float(bias.mean()), float(bias.min()), float(bias.max())),
        None if matrix is None else spectral_radius(matrix),
        None if matrix is None else largest_singular_value(matrix),
    )


def _rows(cell: Cell, value: Array, letter: str) -> Array:
    """Return the rows of one gate."""
    place = cell.gate_letters.index(letter) * cell.hidden_size
    return value[place : place + cell.hidden_size]


def _bias(cell: Cell, value: Array) -> Array:
    """Return what a bias gives to the gate that keeps the memory."""
    return _rows(cell, value, cell.gate_roles["keep"])


def _not_numbers(network: Network) -> Iterator[Finding]:
    for name, value in network.parameters.items():
        bad = sum(
            _count_non_finite(value[first : first + ROWS_AT_ONCE]) for first in range(0, len(value), ROWS_AT_ONCE)
        )
        if bad:
            yield Finding(
                "error",
                "not-a-number",
                "weights that are no numbers",
                name,
                f"{bad:,} of {value.size:,} values are NaN or infinite",
                "everything that they touch becomes NaN",
                "go back to a checkpoint before the training broke; clip the gradient, lower the learning rate",
                "Pascanu et al. 2013",
                bad,
            )


def _count_non_finite(values: Array) -> int:
    return int(values.size - np.isfinite(values).sum())


def _dead(cell: Cell, name: str, limits: Limits) -> Iterator[Finding]:
    """Look for weights that are nothing, or so small that nothing comes of them."""
    largest = [float(np.abs(value).max(initial=0.0)) for value in (cell.weight_ih, cell.weight_hh)]
    is_deaf, is_forgetful = (value <= limits.dead_weights for value in largest)
    if not is_deaf and not is_forgetful:
        return
    what, means = "it hears nothing of what it reads", "what it gives is the same whatever it reads"
    if not is_deaf:
        what, means = "its state goes round by no weight", "what it does depends on the step before by its memory alone"
    yield Finding(
        "error" if is_deaf else "warning",
        "dead-weights",
        f"the weights are next to nothing: {what}",
        name,
        f"the largest weight of the input is {largest[0]:.2g}, of the state {largest[1]:.2g}; "
        f"limit {limits.dead_weights:g}",
        means,
        "go back to a checkpoint before they died; take weight decay down, look whether the file was saved rightly",
    )


def _keep_bias(cell: Cell, measures: LayerMeasures, limits: Limits) -> Iterator[Finding]:
    """Look at the bias of an LSTM's forget gate."""
    if cell.name != "LSTM" or measures.keep_bias is None:
        return
    mean, low, high = measures.keep_bias
    gate = 1 / (1 + np.exp(-mean))
    if mean <= limits.forget_bias:
        bias_effect = "half open by their bias" if signed(mean) == signed(0.0) else "biased towards forgetting"
        life = f"{np.log(0.5) / np.log(gate):.1f}".removesuffix(".0")
        yield Finding(
            "warning",
            "forget-bias",
            f"the forget gates are {bias_effect}",
            measures.name,
            f"both biases together: mean {signed(mean)}, from {signed(low)} to {signed(high)}; "
            f"limit {signed(limits.forget_bias)}",
            f"where nothing else speaks for keeping, a memory is left to σ({signed(mean).lstrip('+')}) = {gate:.2f} at "
            f"every step: half of it is gone after {life} step{'s' * (life != '1')}",
            "train again with a forget bias of +1 at the start, or ln U(1, longest distance) for long memories",
            "Gers et al. 2000; Jozefowicz et al. 2015; Tallec & Ollivier 2018",
        )
    yield from _two_biases(cell, measures, limits)


def _two_biases(cell: Cell, measures: LayerMeasures, limits: Limits) -> Iterator[Finding]:
    """Look whether the forget bias was set in both of the biases that add up."""
    first, second = (float(_bias(cell, value).mean()) for value in (cell.bias_ih, cell.bias_hh))
    if min(first, second) >= limits.both_biases:
        yield Finding(
            "note",
            "two-biases",
            "the forget gate has two biases, and both are set",
            measures.name,
            f"bias_ih {signed(first)} and bias_hh {signed(second)} add up to {signed(first + second)}; "
            f"limit {signed(limits.both_biases)} each",
            "a forget bias that was set in both counts twice",
            "set it in one of them and leave the other at 0",
        )


def _contraction(cell: Cell, measures: LayerMeasures, limits: Limits) -> Iterator[Finding]:
    """Look at an RNN's recurrent weights."""
    value, radius = measures.largest_singular_value, measures.spectral_radius
    if cell.name != "RNN" or value is None or radius is None:
        return
    activation = getattr(cell, "activation", "tanh")
    if activation == "tanh" and value < limits.contracts:
        yield Finding(
            "warning",
            "contraction",
            "the gradient vanishes for certain",
            measures.name,
            f"largest singular value {value:.2f}, spectral radius {radius:.2f}; limit {limits.contracts:g}",
            f"every step back shrinks it to {100 * value:.0f} % at most",
            "start from an orthogonal matrix, or take an LSTM or a GRU",
            "Bengio et al. 1994; Pascanu et al. 2013",
        )
    if activation == "relu" and radius > limits.contracts:
        yield Finding(
            "warning",
            "expansion",
            "the state can grow without bound",
            measures.name,
            f"spectral radius {radius:.2f} with relu, which bounds nothing; limit {limits.contracts:g}",
            "a unit that stays on multiplies itself at every step",
            "start from the identity, clip the gradient, and keep an eye on the loss",
            "Le, Jaitly & Hinton 2015",
        )


def _embedding(network: Network, limits: Limits) -> Iterator[Finding]:
    """Look for rows of the embedding that say nothing, or twice the same."""
    table = network.embedding
    if len(table) < 2:
        return
    parts = [table[first : first + ROWS_AT_ONCE].astype(float) for first in range(0, len(table), ROWS_AT_ONCE)]
    lengths = np.concatenate([np.linalg.norm(part, axis=1) for part in parts])
    finite_lengths = np.sort(lengths[np.isfinite(lengths)])
    middle = float(finite_lengths[len(finite_lengths) // 2]) if len(finite_lengths) else 0.0
    small = np.flatnonzero(lengths <= limits.untrained * middle)  # also where all of them are nothing
    small = small[small > 0]  # the first row is often kept at zero, for padding
    if len(small):
        yield Finding(
            "note",
            "untrained-rows",
            "words whose vector is next to nothing",
            "embedding",
            f"{len(small):,} of {len(table):,} rows are no longer than {limits.untrained:g} of the middle length, "
            f"{middle:.2f}: {_words(network, small)}",
            "these words were never trained, or weight decay took them away",
            "count how often they come in the training text, and read them as unknown where they don't",
            count=len(small),
        )
    # most rows differ in their first numbers; only those that don't are compared whole
    _, counts = np.unique(table[:, :2], axis=0, return_counts=True)
    if counts.max() > 1:
        _, whole = np.unique(table, axis=0, return_counts=True)
        twice = int((whole - 1).sum()) - max(0, int((lengths == 0).sum()) - 1)
        if twice > 0:
            yield Finding(
                "note",
                "equal-rows",
                "words with the same vector",
                "embedding",
                f"{twice:,} of {len(table):,} rows are equal to another one",
                "the network can't tell these words apart",
                "look whether the vocabulary and the embedding belong together",
                count=twice,
            )


def _words(network: Network, rows: Array) -> str:
    """Name the words of some rows."""
    if network.vocabulary.numbered:
        return f"rows {listed(rows.tolist())}"
    names = ", ".join(f"“{network.vocabulary.words[row]}”" for row in rows[:4].tolist())
    return f"{names} and {len(rows) - 4:,} more" if len(rows) > 4 else names
