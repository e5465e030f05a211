"""What ``inspect`` says in words: every clause is made from the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log, log1p

from lstm_ascii.render.figures import number, percent
from lstm_ascii.reports.inspect.report import CellFacts, InspectReport, TensorFacts

_SHORT_TYPES = {"float": "f", "int": "i", "uint": "u", "bfloat": "bf", "complex": "c"}
MOST_WORDS = 8


def contents_line(report: InspectReport) -> str:
    """Say what the file is, and how much is in it."""
    types = Counter(tensor.dtype for tensor in report.tensors)
    kinds = ", ".join(name if len(types) == 1 else f"{name} ({count})" for name, count in types.most_common())
    tensors = f"{len(report.tensors):,} tensor{'s' * (len(report.tensors) != 1)}"
    parts = (report.format, tensors, f"{report.parameters:,} numbers", kinds, bytes_of(report.bytes))
    return " · ".join(part for part in parts if part)


def bytes_of(count: int) -> str:
    """Write a size: ``120 bytes``, ``24.4 kB``, ``180 MB``."""
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            value = count / 10**power
            return f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.1f} {unit}"
    return f"{count} bytes"


def shape_of(shape: tuple[int, ...]) -> str:
    """Write a shape: ``24×5``; a single number has none."""
    return "×".join(map(str, shape)) or "scalar"


def short_type(dtype: str) -> str:
    """Write a type: ``f32``, ``bf16``, ``i64``."""
    name = dtype.rstrip("0123456789")
    return _SHORT_TYPES[name] + dtype[len(name) :] if name in _SHORT_TYPES else dtype


def short_role(tensor: TensorFacts) -> str:
    """Write what a tensor is: ``emb``, ``1``, ``1←``, ``dec``, ``idx`` (shapes and places of a graph), else ``–``."""
    if tensor.role.startswith("layer "):
        return tensor.role.removeprefix("layer ").replace(" backward", "←")
    return {"embedding": "emb", "decoder": "dec", "constant": "idx"}.get(tensor.role, "–")


@dataclass(frozen=True)
class Branch:
    """One part of the network.

    Attributes:
        name: such as ``layer 1``.
        what: what it makes of what.
        details: more about it, a line each.
        parameters: how many numbers it has.
    """

    name: str
    what: str
    details: tuple[str, ...]
    parameters: int

    @property
    def lines(self) -> list[str]:
        """All of it but the name."""
        counted = f"{self.parameters:,} parameters" if self.parameters else "no parameters of its own"
        return [self.what, ", ".join((counted, *self.details[:1])), *self.details[1:]]


def branches(report: InspectReport) -> Iterator[Branch]:
    """Yield the parts of the network from the input up."""
    part = report.embedding
    if part:
        kind = () if part.name else ("one-hot vectors",)
        yield Branch("embedding", f"{part.words:,} words to {part.width:,}", kind, part.parameters)
    for cell in report.cells:
        yield _cell(cell, two=sum(other.layer == cell.layer for other in report.cells) > 1)
    part = report.decoder
    if part:
        tied = (_tied(report),) if report.tied else ()
        details = (*tied, "with bias" if part.bias else "without bias")
        what = f"{part.width:,} to {part.words:,} words"
        yield Branch("decoder", what, (", ".join(details),), part.parameters)


def _tied(report: InspectReport) -> str:
    """Say that the decoder has no matrix of its own."""
    if report.embedding and report.decoder and report.embedding.name != report.decoder.name:
        return "its matrix a copy of the embedding's"
    return "the embedding's own matrix"


def _cell(cell: CellFacts, two: bool) -> Branch:
    """Describe one direction of a layer."""
    way = " backward" if cell.backward else " forward" if two else ""
    projected = f", projected to {cell.outputs:,}" if cell.outputs != cell.units else ""
    details = [f"gates stored {cell.order}" if cell.order else "no gates"]
    if cell.forget_bias:
        bias = cell.forget_bias
        details.append(f"forget bias {number(bias.mean)}, from {number(bias.smallest)} to {number(bias.largest)}")
    special = [*cell.traits, *(["starts from a state of its own"] if cell.started else [])]
    if special:
        details.append("; ".join(special))
    what = f"{cell.cell}{way}, {cell.inputs:,} to {cell.units:,} units{projected}"
    return Branch(f"layer {cell.layer}", what, tuple(details), cell.parameters)


def words_line(report: InspectReport) -> str:
    """Say which words the network knows."""
    if not report.cells or not (report.embedding or report.decoder):
        return ""
    if report.vocabulary is None:
        return "the file tells no words: they are written as #0, #1, …; --vocab FILE gives them"
    some = " ".join(report.first_words[:MOST_WORDS])
    more = " …" if report.vocabulary > len(report.first_words) else ""
    return f"{report.vocabulary:,} words: {some}{more}"


def forget_sentence(report: InspectReport) -> str:
    """Say what the forget biases do to a memory that nothing else speaks to."""
    lives = []
    for cell in report.cells:
        if cell.forget_bias and abs(cell.forget_bias.mean) < 700:
            keeps = 1 / (1 + exp(-cell.forget_bias.mean))
            life = log(2) / log1p(exp(-cell.forget_bias.mean))  # ln 0.5 / ln σ(b)
            name = f"layer {cell.layer}{' backward' if cell.backward else ''}"
            lives.append(f"{number(life, 1)} word{'s' * (round(life, 1) != 1)} in {name} (each keeps {number(keeps)})")
    if not lives:
        return ""
    return f"By the mean forget bias alone, half of a memory is left after {', '.join(lives)}."


def closing(report: InspectReport) -> str:
    """Say where most of the numbers are, what is broken, and what is not used."""
    sentences = []
    parts = list(branches(report))
    if total := sum(part.parameters for part in parts):
        sizes: dict[str, int] = {}
        for part in parts:  # both directions of a layer together
            sizes[part.name] = sizes.get(part.name, 0) + part.parameters
        sentences.append(_largest(sizes, total))
    broken = [tensor for tensor in report.tensors if tensor.nan or tensor.infinite]
    if broken:
        count = sum(tensor.nan + tensor.infinite for tensor in broken)
        are = "number is" if count == 1 else "numbers are"
        sentences.append(f"{count:,} {are} NaN or infinite, in {len(broken)} of {len(report.tensors)} tensors.")
    if report.cells:
        idle = [tensor for tensor in report.tensors if not tensor.role]
        are = "is" if len(idle) == 1 else "are"
        unused = f"{len(idle)} of {len(report.tensors)} tensors {are} not used, marked –."
        sentences.append(unused if idle else "Every tensor of the file is used.")
    return " ".join(sentences)


def _largest(sizes: dict[str, int], total: int) -> str:
    """Say which part has most of the numbers, or which have as many as each other."""
    most = max(sizes.values())
    names = [name if name.startswith("layer") else f"the {name}" for name, size in sizes.items() if size == most]
    share = percent(most / total)
    if len(names) == 1:
        return f"The largest part of the network is {names[0]}, with {share} of its {total:,} parameters."
    every = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"The largest parts of the network are {every}, with {share} of its {total:,} parameters each."
