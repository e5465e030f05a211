"""What was seen, in words: every clause is made from the figures of the report."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_ascii.render.figures import counted, number, power
from lstm_ascii.render.gradients.context import Context, Scale, left
from lstm_ascii.render.section import Paragraph, Section
from lstm_ascii.reports.gradients.network import EXPLODED, VANISHED, NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

SAME = 0.02  # in log10: 5 percent


def section(context: Context) -> Section:
    """What was seen, in words."""
    return Section("In words", "", [Paragraph(text, hang=3) for text in summary(context.report, context.scale)])


def summary(report: GradientsReport, scale: Scale) -> Iterator[str]:
    """Yield a sentence or two for each network, and one that compares them."""
    for network in report.networks:
        yield f"{network.label}: {_fate(network, report, scale)}{_path(network)}"
    if len(report.networks) > 1:
        yield _farthest(report)


def _fate(network: NetworkGradients, report: GradientsReport, scale: Scale) -> str:
    """Say what became of the gradient."""
    end, steps = left(network.total_log10[-1]), counted(report.steps, "step")
    if network.verdict == VANISHED:
        gone = counted(network.horizon or 0, "step")
        return f"first below {power(scale.vanished)} at {gone} back; {end} is left after {steps}."
    if network.verdict == EXPLODED:
        grown = counted(network.exploded_at or 0, "step")
        return f"first above {power(scale.exploded)} at {grown} back; {end} after {steps}."
    if network.horizon is not None:
        gone = counted(network.horizon, "step")
        return f"below {power(scale.vanished)} at {gone} back, but {end} is left after {steps}."
    return f"{end} is left after {steps}."


def _path(network: NetworkGradients) -> str:
    """Tell the direct path from all paths."""
    if network.carousel_log10 is None:
        return ""
    direct, total = network.carousel_log10[-1], network.total_log10[-1]
    text = f" Its carousel alone carries {left(direct)}"
    if direct is None or total is None:
        return f"{text}."
    ratio = total - direct
    if abs(ratio) < SAME:
        return f"{text}, as much as all paths."
    times = number(10 ** abs(ratio), 1) if abs(ratio) < 3.9 else left(abs(ratio))
    return f"{text}; all paths together {times} times {'as much' if ratio > 0 else 'less'}."


def _farthest(report: GradientsReport) -> str:
    """Compare how far the gradients reach."""
    reach = {network.label: network.horizon or report.steps + 1 for network in report.networks}
    never = [label for label, steps in reach.items() if steps > report.steps]
    exploded = [network.label for network in report.networks if network.verdict == EXPLODED]
    if exploded:
        return f"Exploded within {counted(report.steps, 'step')}: {', '.join(exploded)}."
    if never:
        return f"Not below the threshold within {counted(report.steps, 'step')}: {', '.join(never)}."
    best = max(reach, key=lambda label: reach[label])
    return f"All fall below the threshold within {counted(report.steps, 'step')}; {best} last, at {reach[best]:,}."
