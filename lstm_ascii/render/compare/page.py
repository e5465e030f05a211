"""The page of ``compare``: networks side by side, and what lecture notes say beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from lstm_ascii.render.compare import SECTIONS, sections
from lstm_ascii.render.section import Head, Page
from lstm_ascii.reports.compare.report import CompareReport


def compare_page(report: CompareReport, views: Sequence[str] = ()) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        views: the sections, by name; all that were measured if none is named.
    """
    measured = {
        "size": report.sizes,
        "time": report.times,
        "span": report.recall,
        "agreement": any(network.agreement for network in report.trained),
        "gradient": report.random,
        "gates": any(network.gates is not None for network in report.trained),
        "claims": report.claims,
    }
    shown = [name for name in SECTIONS if measured[name] and (not views or name in views)]
    return Page(_head(report), tuple(getattr(sections, name)(report) for name in shown))


def _head(report: CompareReport) -> Head:
    """Return the box with what is compared."""
    facts = f"random networks of {report.hidden_size} units, seed {report.seed}"
    if report.trained:
        sources = dict.fromkeys(f"{network.hidden_size} units, {network.source}" for network in report.trained)
        facts += f" · trained networks: {'; '.join(sources)}"
    names = [*report.cells, *(network.label for network in report.trained[len(report.cells) :])]
    return Head([Text(" · ".join(names), "word"), Text(facts, "note")], spoken=", ".join(names))
