"""The page of ``train`` without its drawings: the same as sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_ascii.render.parts import Part, Prose, Table, Title
from lstm_ascii.reports.train import TrainReport


def parts(report: TrainReport) -> Iterator[Part]:
    """Tell the networks as they are after their last step, and how they came there."""
    yield Title(f"Trained on {report.trained_on}")
    yield Prose(f"{report.words:,} words in the vocabulary.")
    columns = ("network", "units", "seed", "steps", "seconds", "parameters", "loss", "validation", "perplexity")
    rows = tuple(
        (one.cell, one.hidden_size, one.seed, one.steps, one.seconds, one.parameters, one.loss, one.validation,
         one.perplexity, one.agreement, one.file)
        for one in report.networks
    )  # fmt: skip
    yield Table("networks", (*columns, "agreement", "file"), rows)
    points = tuple(
        (one.cell, point.step, point.loss, point.validation, point.agreement)
        for one in report.networks
        for point in one.points
    )
    yield Title("How they learnt")
    last = {network: place for place, (network, *_) in enumerate(points)}
    first = {network: place for place, (network, *_) in reversed(list(enumerate(points)))}
    ends = sorted({*first.values(), *last.values()})
    yield Table("course", ("network", "step", "loss", "validation", "agreement"), points, named_by=1, read_out=ends)
