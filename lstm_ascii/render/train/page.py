"""The page of ``train``: the figures of each network, the curves, what they say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from shlex import quote

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.render.curve import Curve, Scale, side_by_side
from lstm_ascii.render.figures import number
from lstm_ascii.render.layout import HOME, WIDE, boxed, by_width, heading, page_width, paragraph, segments
from lstm_ascii.render.parts import Part, Prose, Title
from lstm_ascii.reports.train import TrainedNetwork, TrainReport

STYLES = {"RNN": "gate.forget", "LSTM": "memory", "GRU": "gate.input"}
_CHANCE = 0.5  # of two verbs
_LARGEST_LOSS = 30.0  # nats a word; above that a network has learnt nothing
_WORSE = 1.02  # times the least validation loss is worth telling


@dataclass(frozen=True)
class TrainPage:
    """Draws a :class:`TrainReport`."""

    report: TrainReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it into the width of the terminal."""
        yield from segments(self.lines(page_width(options)), console)

    def parts(self) -> Iterator[Part]:
        """Tell the same in titles, sentences and tables."""
        from lstm_ascii.render.train.told import parts  # most pages are drawn

        yield from parts(self.report)
        yield Title("In words")
        yield Prose(summary(self.report))
        yield Prose(look_inside(self.report))

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it, line by line, none wider than ``width``."""
        yield from self._head(width)
        yield from self._table(width)
        yield from self._curves(width)
        yield from heading(3, "IN WORDS", "", width)
        yield from paragraph(Text(summary(self.report)), width, 1)
        yield from self._files(width)

    def _head(self, width: int) -> Iterator[Text]:
        """Draw the box with what was trained on what."""
        report = self.report
        seeds = sorted({network.seed for network in report.networks})
        sizes = "/".join(map(str, sorted({network.hidden_size for network in report.networks})))
        cells = ", ".join(network.cell for network in report.networks)
        facts = f"{report.words:,} words · {cells} · {sizes} units · seed {'/'.join(map(str, seeds))}"
        title = Text.assemble("trained on ", (report.trained_on, "word"))
        yield from boxed([title, Text(facts, "note")], width)

    def _table(self, width: int) -> Iterator[Text]:
        """Draw a line of figures for each network; what doesn't fit goes into a further table below."""
        yield from heading(1, "THE NETWORKS", "as they are after their last step", width)
        group: list[tuple[str, list[str], int]] = []
        room = width - 6
        for head, cells in self._columns():
            need = max(len(head), *map(len, cells)) + 2
            if group and sum(size for _, _, size in group) + need > room:
                yield from self._rows(group)
                yield Text("")
                group = []
            group.append((head, cells, need))
        yield from self._rows(group)
        note = (
            "loss: in training, nats a word as the recipe weighs them. validation: nats a word on texts not trained "
            "on; perplexity is e to the power of it."
        )
        if self.report.pairs:
            note += f" agreement: of {self.report.pairs:,} held-out pairs such as was/were, the share it gets right."
        yield from paragraph(Text(note, "note"), width, 1)

    def _columns(self) -> list[tuple[str, list[str]]]:
        """Return what is told of every network, with its head."""
        networks = self.report.networks
        found = [
            ("steps", [f"{network.steps:,}" for network in networks]),
            ("time", [duration(network.seconds) for network in networks]),
            ("parameters", [f"{network.parameters:,}" for network in networks]),
            ("loss", [number(network.loss) for network in networks]),
            ("validation", [number(network.validation) for network in networks]),
            ("perplexity", [perplexity(network.validation) for network in networks]),
        ]
        if self.report.pairs:
            found.append(("agreement", [f"{network.agreement or 0:.1%}" for network in networks]))
        return found

    def _rows(self, group: Sequence[tuple[str, list[str], int]]) -> Iterator[Text]:
        """Draw one table."""
        yield Text("      " + "".join(f"{head:>{size}}" for head, _, size in group), "note", no_wrap=True)
        for row, network in enumerate(self.report.networks):
            line = Text.assemble((f" {network.cell:5}", "title"), no_wrap=True)
            yield line.append("".join(f"{cells[row]:>{size}}" for _, cells, size in group))

    def _curves(self, width: int) -> Iterator[Text]:
        """Draw the curve of each network; all of them share the scales."""
        loss, agreement = self._scales()
        about = f"validation loss, nats a word, log scale {number(loss.low)} to {number(loss.high)}"
        if self.report.pairs:
            about += f"; agreement, even scale {agreement.written(agreement.low)} to 100%, chance is 50%"
        yield from heading(
            2, "HOW THEY LEARNT", about + ("; all networks on the same" if len(self.report.networks) > 1 else ""), width
        )
        pages = 2 if width >= HOME and self.report.pairs else 1
        room, height = min((width - 2 * (pages - 1)) // pages, WIDE), by_width(width, 5, 7, 9)
        steps = max(network.steps for network in self.report.networks)
        for network in self.report.networks:
            yield Text("")
            curves = [_loss_curve(network, steps, loss)]
            if self.report.pairs:
                curves.append(_agreement_curve(network, steps, agreement))
            blocks = [curve.lines(room, height) for curve in curves]
            for row in (blocks,) if pages > 1 else ([block] for block in blocks):
                yield from side_by_side(row)

    def _scales(self) -> tuple[Scale, Scale]:
        """Return the scales of loss and of agreement."""
        points = [point for network in self.report.networks for point in network.points]
        losses = [point.validation for point in points if math.isfinite(point.validation) and point.validation > 0]
        low, high = min(losses, default=1.0), max(losses, default=1.0)
        least = min([point.agreement for point in points if point.agreement is not None] + [_CHANCE])
        if high < 1.01 * low:
            low, high = low / 1.1, high * 1.1
        return Scale(low, high, True, number), Scale(math.floor(least * 10) / 10, 1.0, False, lambda v: f"{v:.0%}")

    def _files(self, width: int) -> Iterator[Text]:
        """Say where the networks are, and how to look into one."""
        files = [PurePath(network.file) for network in self.report.networks]
        names = ", ".join(file.name for file in files)
        yield Text("")
        yield from paragraph(Text.assemble("Saved in ", (f"{files[0].parent}: ", "word"), names), width, 1, 3)
        yield from paragraph(Text(look_inside(self.report)), width, 1, 3)


def look_inside(report: TrainReport) -> str:
    """Say how to look into the best of the networks."""
    best = min(report.networks, key=lambda network: network.validation)
    return f'Look inside: lstm-ascii explain "..." --model {quote(best.file)}'


def _loss_curve(network: TrainedNetwork, steps: int, scale: Scale) -> Curve:
    """Return the curve of the validation loss."""
    points = [
        (point.step, point.validation)
        for point in network.points
        if math.isfinite(point.validation) and point.validation > 0
    ]
    ends = f"{number(points[0][1])} to {number(points[-1][1])}" if points else "no finite loss"
    return Curve(f"{network.cell}  loss  {ends}", points, steps, scale, STYLES[network.cell])


def _agreement_curve(network: TrainedNetwork, steps: int, scale: Scale) -> Curve:
    """Return the curve of agreement."""
    points = [(point.step, point.agreement) for point in network.points if point.agreement is not None]
    ends = f"{points[0][1]:.1%} to {points[-1][1]:.1%}" if points else "not measured"
    return Curve(f"{network.cell}  agreement  {ends}", points, steps, scale, STYLES[network.cell])


def summary(report: TrainReport) -> str:
    """Say what came out; every clause is made from the figures."""
    best = min(report.networks, key=lambda network: network.validation)
    sentences = [
        f"After {best.steps:,} {'step' if best.steps == 1 else 'steps'} the {best.cell} predicts a new text "
        + ("best: " if len(report.networks) > 1 else "")
        + f"as if it chose among {perplexity(best.validation)} words at every place, of {report.words:,} that it knows."
    ]
    sentences += [_better_before(network) for network in report.networks]
    if report.pairs:
        ranked = sorted(report.networks, key=lambda network: -(network.agreement or 0))
        told = ", ".join(f"the {network.cell} in {network.agreement or 0:.1%}" for network in ranked)
        sentences.append(f"The verb agrees with its subject: {told} of the pairs; by chance it would be 50%.")
    return " ".join(filter(None, sentences))


def _better_before(network: TrainedNetwork) -> str:
    """Say so where a network was better on new texts before its end."""
    points = [point for point in network.points if math.isfinite(point.validation)]
    best = min(points, key=lambda point: point.validation, default=None)
    if best is None or network.validation < _WORSE * best.validation:
        return ""
    figures = (
        f"the validation loss was {number(best.validation)} at step {best.step:,}, not {number(network.validation)}"
    )
    if network.loss < best.loss:
        return f"The {network.cell} has begun to learn its text by heart: {figures}; --steps {best.step} stops there."
    return f"The {network.cell} was better before its end: {figures}."


def perplexity(validation: float) -> str:
    """Write e to the power of a validation loss: among how many words it chooses, as it were."""
    if not validation < _LARGEST_LOSS:
        return "> 1e13"
    value = math.exp(validation)
    return f"{value:,.0f}" if value >= 1000 else number(value, 1)


def duration(seconds: float) -> str:
    """Write a time: ``4.2 s``, ``1:32``, ``1:02:03``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
