"""The page of ``train``: the figures of each network, the curves, what they say; and trainings while they run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import PurePath
from shlex import quote

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.curve import Curve, Scale, side_by_side
from lstm_ascii.render.figures import bar, number, percent
from lstm_ascii.render.grid import Column, Grid, figure_column, only_told
from lstm_ascii.render.layout import HOME, WIDE, by_width, paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.progress import line_width, progress_line
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.reports.train import Point, Status, TrainedNetwork, TrainReport
from lstm_ascii.thresholds import GUESSING

_LONGEST_NAME = 5  # cells of ``LSTM`` and a blank
_LARGEST_LOSS = 30.0  # nats a word; above that a network has learnt nothing
_WORSE = 1.02  # times the least validation loss is worth telling

_MOST_BARS = 12  # trainings of which each has a line while they run; of more, those that are at work
_ROOMY = 68  # columns for figures with their names
Three = tuple[float, float, float]  # the median, the least and the most
_ENDS = {"waiting": "waits for a core", "done": "done", "stopped": "stopped", "failed": "failed"}


def train_page(report: TrainReport) -> Page:
    """Return the page of a report."""
    sections = (
        Section("The networks", "as they are after their last step", (*_tables(report), note(_legend(report)))),
        _curves(report),
        Section("In words", "", (Paragraph(summary(report)), SPACE, _saved(report), _look_inside(report))),
    )
    return Page(_head(report), sections)


def _head(report: TrainReport) -> Head:
    """Return the box with what was trained on what."""
    seeds = sorted({network.seed for network in report.networks})
    sizes = "/".join(map(str, sorted({network.hidden_size for network in report.networks})))
    cells = ", ".join(dict.fromkeys(network.cell for network in report.networks))
    told = f"seeds {seeds[0]} to {seeds[-1]}" if report.over_seeds else f"seed {'/'.join(map(str, seeds))}"
    facts = f"{report.words:,} {report.reads} · {cells} · {sizes} units · {told}"
    return Head([Text.assemble("trained on ", (report.trained_on, "word")), Text(facts, "note")])


def _tables(report: TrainReport) -> tuple[Block, ...]:
    """Return the figures of each network, and those of each cell over its seeds."""
    return (_table(report), SPACE, _over_seeds(report)) if report.over_seeds else (_table(report),)


def _over_seeds(report: TrainReport) -> Grid:
    """Return of each figure the median over the seeds, and in brackets the least and the most."""
    cells = report.over_seeds

    def columns(name: str, values: Sequence[Three | None], write: Callable[[float], str]) -> Iterator[Column]:
        if any(value is not None for value in values):
            yield Column(name, values, (name, ""), lambda value, _: _with_ends(value, write), exact=None)
        for place, end in enumerate(("median", "least", "most")):
            yield only_told(f"{name}, {end}", [value and value[place] for value in values])

    found = (
        columns("validation", [one.validation for one in cells], number),
        columns("perplexity", [one.perplexity for one in cells], lambda value: perplexity(math.log(value))),
        columns("agreement", [one.agreement for one in cells], "{:.1%}".format),
        columns("seconds", [one.seconds for one in cells], duration),
    )
    return Grid("over the seeds", ("over the seeds",), [f"{one.cell}, {one.seeds} seeds" for one in cells],
                [one for some in found for one in some], style="title")  # fmt: skip


def _with_ends(value: Three | None, write: Callable[[float], str]) -> Text:
    """Write a median, and the least and the most in brackets."""
    return Text(f"{write(value[0])} ({'–'.join(dict.fromkeys(map(write, value[1:])))})" if value else "")


def _shown(report: TrainReport) -> Sequence[TrainedNetwork]:
    """Return the networks whose curves are drawn: of several seeds the one in the middle."""
    return [report.networks[one.middle] for one in report.over_seeds] or report.networks


def _table(report: TrainReport) -> Grid:
    """Return the figures of each network; what doesn't fit goes into a further table below."""
    networks = report.networks
    columns = [
        only_told("units", [network.hidden_size for network in networks]),
        only_told("seed", [network.seed for network in networks]),
        figure_column("steps", [network.steps for network in networks], "{:,}".format),
        figure_column("seconds", [network.seconds for network in networks], duration, "time"),
        figure_column("parameters", [network.parameters for network in networks], "{:,}".format),
        figure_column("loss", [network.loss for network in networks], number),
        figure_column("validation", [network.validation for network in networks], number),
        Column("perplexity", networks, draw=lambda network, _: Text(perplexity(network.validation)), right=True,
               exact=lambda network: network.perplexity),
        *([figure_column("bits a character", [network.bits for network in networks], number, "bits")]
          if report.reads == "characters" else ()),
        Column("agreement", [network.agreement for network in networks], draw=lambda share, _: Text(f"{share:.1%}"),
               right=True, drawn=lambda _: bool(report.pairs)),
        only_told("file", [network.file for network in networks]),
    ]  # fmt: skip
    return Grid("networks", ("network",), [network.name for network in networks], columns, style="title",
                least=_LONGEST_NAME)  # fmt: skip


def _legend(report: TrainReport) -> str:
    """Say what the columns are."""
    one = report.reads.removesuffix("s")
    legend = (
        f"loss: in training, nats a {one} as the recipe weighs them. validation: nats a {one} on texts not trained "
        "on; perplexity is e to the power of it."
    )
    if report.reads == "characters":
        legend += " bits a character: the same by ln 2."
    if report.over_seeds:
        legend += " Over the seeds: the median, and in brackets the least and the most."
    if report.pairs:
        legend += f" agreement: of {report.pairs:,} held-out pairs such as was/were, the share it gets right."
    return legend


def _curves(report: TrainReport) -> Section:
    """The curve of each network; all of them share the scales."""
    loss, agreement = _scales(report)
    one = report.reads.removesuffix("s")
    about = f"validation loss, nats a {one}, log scale {number(loss.low)} to {number(loss.high)}"
    if report.pairs:
        about += f"; agreement, even scale {agreement.written(agreement.low)} to 100%, chance is 50%"
    about += "; all networks on the same" if len(_shown(report)) > 1 else ""
    about += "; of each cell the seed whose validation loss is the median" if report.over_seeds else ""
    curves = Drawing(partial(_drawn_curves, report, loss, agreement), lambda: (_course(report),))
    return Section("How they learnt", about, (curves,))


def _drawn_curves(report: TrainReport, loss: Scale, agreement: Scale, width: int) -> Iterator[Text]:
    """Draw the curves, the loss beside the agreement where there is room."""
    pages = 2 if width >= HOME and report.pairs else 1
    room, height = min((width - 2 * (pages - 1)) // pages, WIDE), by_width(width, 5, 7, 9)
    steps = max(network.steps for network in report.networks)
    for network in _shown(report):
        yield Text("")
        curves = [_loss_curve(network, steps, loss)]
        if report.pairs:
            curves.append(_agreement_curve(network, steps, agreement))
        blocks = [curve.lines(room, height) for curve in curves]
        for row in (blocks,) if pages > 1 else ([block] for block in blocks):
            yield from side_by_side(row)


def _course(report: TrainReport) -> Table:
    """Tell the points of the curves; the first and the last of each network are read out."""
    rows = [
        (network.name, point.step, point.loss, point.validation, point.agreement)
        for network in report.networks
        for point in network.points
    ]
    last = {cell: place for place, (cell, *_) in enumerate(rows)}
    first = {cell: place for place, (cell, *_) in reversed(list(enumerate(rows)))}
    ends = sorted({*first.values(), *last.values()})
    return Table("course", ("network", "step", "loss", "validation", "agreement"), tuple(rows), read_out=ends)


def _scales(report: TrainReport) -> tuple[Scale, Scale]:
    """Return the scales of loss and of agreement."""
    points = [point for network in report.networks for point in network.points]
    losses = [point.validation for point in points if math.isfinite(point.validation) and point.validation > 0]
    low, high = min(losses, default=1.0), max(losses, default=1.0)
    least = min([point.agreement for point in points if point.agreement is not None] + [GUESSING])
    if high < 1.01 * low:
        low, high = low / 1.1, high * 1.1
    return Scale(low, high, True, number), Scale(math.floor(least * 10) / 10, 1.0, False, lambda v: f"{v:.0%}")


def _saved(report: TrainReport) -> Paragraph:
    """Say where the networks are."""
    files = [PurePath(network.file) for network in report.networks]
    names = ", ".join(file.name for file in files)
    if report.over_seeds:
        ends = [[file.name for network, file in zip(report.networks, files, strict=True) if network.cell == one.cell]
                for one in report.over_seeds]  # fmt: skip
        names = "; ".join(f"{some[0]} to {some[-1]}" for some in ends)
    return Paragraph(Text.assemble("Saved in ", (f"{files[0].parent}: ", "word"), names), hang=3)


def _look_inside(report: TrainReport) -> Drawing:
    """Say how to look into the best of the networks; no full stop follows a command that may be copied."""
    best = min(report.networks, key=lambda network: network.validation)
    command = f'Look inside: lstm-ascii explain "..." --model {quote(best.file)}'
    return Drawing(lambda width: paragraph(Text(command), width, 1, 3), told=(command,))


def _loss_curve(network: TrainedNetwork, steps: int, scale: Scale) -> Curve:
    """Return the curve of the validation loss."""
    points = [
        (point.step, point.validation)
        for point in network.points
        if math.isfinite(point.validation) and point.validation > 0
    ]
    ends = f"{number(points[0][1])} to {number(points[-1][1])}" if points else "no finite loss"
    return Curve(f"{network.name}  loss  {ends}", points, steps, scale, "measure")


def _agreement_curve(network: TrainedNetwork, steps: int, scale: Scale) -> Curve:
    """Return the curve of agreement."""
    points = [(point.step, point.agreement) for point in network.points if point.agreement is not None]
    ends = f"{points[0][1]:.1%} to {points[-1][1]:.1%}" if points else "not measured"
    return Curve(f"{network.name}  agreement  {ends}", points, steps, scale, "measure")


def summary(report: TrainReport) -> str:
    """Say what came out; every clause is made from the figures."""
    best = min(report.networks, key=lambda network: network.validation)
    sentences = [
        f"After {best.steps:,} {'step' if best.steps == 1 else 'steps'} the {best.name} predicts a new text "
        + ("best: " if len(report.networks) > 1 else "")
        + f"as if it chose among {perplexity(best.validation)} {report.reads} at every place, of {report.words:,} "
        + "that it knows."
    ]
    sentences += [_better_before(network) for network in _shown(report)]
    if best.bits is not None:
        sentences.append(f"That is {number(best.bits)} bits a character.")
    if report.pairs:
        found = [(one.cell, one.agreement or (0.0,)) for one in report.over_seeds] or [
            (network.cell, (network.agreement or 0.0,)) for network in report.networks
        ]
        found.sort(key=lambda one: -one[1][0])
        shares = ", ".join(f"the {cell} in {_median_share(share)}" for cell, share in found)
        sentences.append(f"The verb agrees with its subject: {shares} of the pairs; by chance it would be 50%.")
    return " ".join(filter(None, sentences))


def _median_share(values: Sequence[float]) -> str:
    """Write a share, or a median with the least and the most."""
    return f"{values[0]:.1%}" + (f" ({values[1]:.1%} to {values[2]:.1%})" if len(values) > 1 else "")


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
        return f"The {network.name} has begun to learn its text by heart: {figures}; --steps {best.step} stops there."
    return f"The {network.name} was better before its end: {figures}."


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


@dataclass(frozen=True)
class ProgressBars:
    """Draws a line for each training."""

    statuses: Sequence[Status]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw them into the width of the terminal; what doesn't fit is cut, the next moment brings more."""
        width, longest = line_width(options), max(_LONGEST_NAME, *(len(status.cell) + 1 for status in self.statuses), 0)
        shown = self.statuses
        if len(shown) > _MOST_BARS:
            shown = [status for status in shown if status.stage == "training"][:_MOST_BARS]
            done = sum(status.stage == "done" for status in self.statuses)
            yield progress_line(f"{done:,} of {len(self.statuses):,} networks are done", longest, width)
        for status in shown:
            drawn = bar(status.step / status.steps, by_width(width, 6, 10, 24), "measure")
            yield progress_line(status.cell, longest, width, drawn, _how_far(status, width))


def _how_far(status: Status, width: int) -> str:
    """Say how far one training is, in what fits."""
    end = _ENDS.get(status.stage, "")
    if status.stage == "done":
        end = f"done: {duration(status.seconds)}"
    elif not end and status.left is not None:
        end = f"{duration(status.left)} left"
    if status.stage == "waiting":
        return f" {end}"
    of = f" {status.step:>{len(f'{status.steps:,}')},}/{status.steps:,}" if width >= _ROOMY else ""
    return f"{of}  {_figures(status.point, width)}  {end}"


def _figures(point: Point | None, width: int) -> str:
    """Write the last report's figures, as many as there is room for."""
    if point is None:
        return "…"
    loss = number(point.validation)
    if width < _ROOMY:
        return loss + ("" if point.agreement is None else f" {percent(point.agreement)}")
    learnt = (
        f"perplexity {perplexity(point.validation)}" if point.agreement is None else f"agreement {point.agreement:.1%}"
    )
    training = f"loss {number(point.loss)}  " if width >= WIDE else ""
    return f"{training}validation loss {loss}  {learnt}"


def status_line(status: Status) -> str:
    """Return how far a training is as a line of pure ASCII for a log."""
    if status.point is None:
        return f"{status.cell}: step {status.step:,} of {status.steps:,}"
    point = status.point
    line = f"{status.cell}: step {point.step:,} of {status.steps:,}, loss {point.loss:.2f}"
    line += f", validation {point.validation:.2f}"
    line += (
        f", perplexity {perplexity(point.validation)}"
        if point.agreement is None
        else f", agreement {point.agreement:.1%}"
    )
    if status.stage == "done":
        return f"{line}, done in {duration(status.seconds)}"
    return line if status.left is None else f"{line}, {duration(status.left)} left"
