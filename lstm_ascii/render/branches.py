"""The parts of a network in a file, from the input up, each in a few words: the branches of the tree of ``inspect``."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import counted, number
from lstm_ascii.reports.inspect import AnswerFacts, CellFacts, InspectReport

MOST_WORDS = 8
READS = {  # what an answer makes of the steps
    "last": "reads the last output",
    "first": "reads the output at the first step",
    "mean": "reads the mean of the outputs over the steps",
    "max": "reads the largest of each output over the steps",
    "ends": "reads the last output of each direction",
    "each": "reads the output of each step",
}


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
    yield from _answer(report)


def _answer(report: InspectReport) -> Iterator[Branch]:
    """Describe the dense layers of an answer that is no next word, and what comes out at the end."""
    answer = report.answer
    if answer is None:
        return
    for place, layer in enumerate(answer.layers, 1):
        ahead = f"{READS[answer.pooling]}{_through(answer.ahead)}" if place == 1 else ""
        ending = _comes_out(answer) if place == len(answer.layers) else ""
        bias = "with bias" if layer.bias else "without bias"
        what = f"{layer.inputs:,} to {layer.outputs:,}{_through(layer.function)}"
        details = tuple(text for text in (bias, ahead, ending) if text)
        yield Branch("answer" if place == 1 else f"answer {place}", what, details, layer.parameters)


def _through(function: str) -> str:
    """Name the function that numbers go through, if there is one."""
    return "" if function == "linear" else f", {function}"


def _comes_out(answer: AnswerFacts) -> str:
    """Say what the outputs are."""
    count = answer.layers[-1].outputs
    if answer.kind == "values":
        what = f"gives {counted(count, 'number')}"
    elif count == 1:
        what = "gives the probability of one of two classes"
    else:
        what = f"gives the probabilities of {count:,} {answer.kind}"
    some = ", ".join(answer.labels[:MOST_WORDS]) + (", …" if len(answer.labels) > MOST_WORDS else "")
    return f"{what}{' at each step' if answer.pooling == 'each' else ''}{f': {some}' if some else ''}"


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
