"""The page of ``gradients``: a head, then the sections that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from rich.text import Text

from lstm_ascii.render.figures import counted, estimate
from lstm_ascii.render.gradients import BY_DEFAULT
from lstm_ascii.render.gradients.context import Context, Scale
from lstm_ascii.render.section import Head, Page
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.gradients.report import GradientsReport

MANY_WORDS = 60  # of a sentence in the head


def gradients_page(report: GradientsReport, views: Sequence[str] = ()) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        views: the sections, by name; if none is named, those of :data:`BY_DEFAULT` and what else was measured.
    """
    context = Context(report, tuple(views) or _by_default(report))
    modules = [import_module(f"{__package__}.{name}") for name in context.views]
    wording = Wording((*report.words, report.setting)) if report.is_series else None
    return Page(_head(report), tuple(module.section(context) for module in modules), wording=wording)


def _by_default(report: GradientsReport) -> tuple[str, ...]:
    """Return the default sections, and those that were measured on request."""
    measured = {
        "clip": any(network.clipped for network in report.networks),
        "spectrum": any(network.spectrum for network in report.networks),
    }
    grows = Scale.of(report).high > 0  # bars have a line at 1.0
    named = ["bars" if name == "steps" and grows else name for name in BY_DEFAULT[:-1]]
    return (*named, *(name for name, there in measured.items() if there), BY_DEFAULT[-1])


def _head(report: GradientsReport) -> Head:
    """Return the box with the question and the networks."""
    names = ", ".join(network.label for network in report.networks)
    many = f"; medians of {report.seeds} networks each" if report.seeds > 1 else ""
    facts = f"{names} · {counted(report.hidden_size, 'unit')} each · {report.setting}{many}"
    least_sure = max(report.networks, key=lambda network: network.paths_within)
    said = estimate(least_sure.paths_rows, least_sure.paths_within)
    facts += f"; by all paths {said}" if said else ""
    return Head([Text(_question(report), "word"), Text(facts, "note")])


def _question(report: GradientsReport) -> str:
    """Ask what the page answers."""
    words = report.words
    if not words:
        return f"How much of a gradient is left, {counted(report.steps, 'step')} back?"
    if report.is_series:
        return f"“{words[0]}” to “{words[-1]}”: how much of the last word's gradient is left at each?"
    shown = " ".join(words[:MANY_WORDS]) + (" …" if len(words) > MANY_WORDS else "")
    return f"{shown}: how much of its last word's gradient is left at each?"
