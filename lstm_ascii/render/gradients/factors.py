"""Why a gradient vanishes or not: what a step back multiplies it by, and the geometric mean of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.text import Text

from lstm_ascii.render.figures import counted, factor, power
from lstm_ascii.render.gradients.context import Context, at, kept, ladder, left
from lstm_ascii.render.grid import Column, Grid, only_told
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Power
from lstm_ascii.render.section import Block, Paragraph, Section, note
from lstm_ascii.reports.gradients.network import VANISHED, NetworkGradients

MOST_RANGES = 5
LEGEND = (
    "A step back multiplies the gradient by a matrix. Shown is how much that changed its size: from the one step to "
    "the other, over several steps the geometric mean."
)
Range = tuple[int, int]  # steps back: behind the first, up to the last


def section(context: Context) -> Section:
    """The factors that were multiplied, network by network."""
    networks = context.report.networks
    ranges = list(pairwise([0, *kept(networks[0], ladder(context.report.steps, (), MOST_RANGES))]))
    blocks: list[Block] = [_table(networks, ranges), note(LEGEND)]
    blocks += [Paragraph(text, hang=3) for network in networks if (text := dies_too(network))]
    return Section("The factors", "what a step back multiplies by, and all of them together", blocks)


def _table(networks: Sequence[NetworkGradients], ranges: Sequence[Range]) -> Grid:
    """Return the factors, a column a range of steps."""
    columns = [
        Column(
            f"step {last}" if last == first + 1 else f"steps {first + 1} to {last}",
            [mean_factor(network, first, last) for network in networks],
            (_named(first, last),), lambda value, _: Text(factor(value)), room=4, right=True, absent="–",
        )
        for first, last in ranges
    ]  # fmt: skip
    end = ranges[-1][1]
    whole = [(network, mean_factor(network, 0, end)) for network in networks]
    columns.append(
        Column("all steps", whole, ("  a step, and all",), lambda of, _: Text(f"  {together(of[0], of[1], end)}"),
               exact=lambda of: of[1])
    )  # fmt: skip

    columns.append(only_told("left", [Power(network.total_log10[-1]) for network in networks]))

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        text = Text.assemble((f"{networks[row].label}: ", "title"), together(whole[row][0], whole[row][1], end))
        yield from paragraph(text, width, 1, hang=3)

    return Grid(
        "factors", ("network",), [network.label for network in networks], columns, title="back", style="title",
        window=HOME, turn=turned, split=False,
    )  # fmt: skip


def mean_factor(network: NetworkGradients, first: int, last: int) -> float | None:
    """Return the geometric mean of what the steps behind ``first`` up to ``last`` multiplied by; ``None`` for 0."""
    start, end = (at(network, network.total_log10, step) for step in (first, last))
    if start is None or end is None:
        return None
    exponent = (end - start) / (last - first)
    return float(10**exponent) if abs(exponent) < 300 else None


def together(network: NetworkGradients, mean: float | None, steps: int) -> str:
    """Write the mean factor and its power: ``× .645, .645^50 = 3e-10``; no equation of one beyond all digits."""
    if mean is None:
        return "nothing is left"
    written, whole = factor(mean, steps), left(network.total_log10[-1])
    if whole.startswith("10^"):
        return f"× {written}, together {whole}"
    return f"× {written}, {written}^{steps:,} = {whole}"


def dies_too(network: NetworkGradients) -> str:
    """Say why a gated network's gradient vanishes all the same; empty where it doesn't."""
    kind = network.kind
    if network.verdict != VANISHED or not kind.gate_roles or network.carousel_log10 is None:
        return ""
    steps = network.steps_back[-1]
    direct = network.carousel_log10[-1]
    if direct is None:
        return ""
    gate = 10 ** (direct / steps)
    name = kind.flow_gates["keep"]
    return (
        f"The gradient of the {network.label} dies, too: a memory keeps what its {name} keeps, and even the unit that "
        f"keeps most has a mean of {factor(gate, steps)}; over {counted(steps, 'step')} that is {power(direct)}."
    )


def _named(first: int, last: int) -> str:
    """Name a range of steps."""
    return f"{last:,}" if last == first + 1 else f"{first + 1:,}–{last:,}"
