"""The page of ``explain``: a head, then the sections that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from rich.text import Text

from lstm_ascii.render.explain import BY_DEFAULT
from lstm_ascii.render.explain.context import Context, counted, named
from lstm_ascii.render.layout import rows_to_show
from lstm_ascii.render.section import Head, Page
from lstm_ascii.reports.explain.report import ExplainReport


def explain_page(report: ExplainReport, views: Sequence[str] = (), limit: int | None = None) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        views: the sections, by name; those of :data:`BY_DEFAULT` that have something to show if none is named.
        limit: the most words to show in a table; ``None`` for all.
    """
    context = Context(report, limit)
    missing = {"unit": report.main.unit is None, "decided": report.main.choice is None,
               "answer": report.main.answer is None}  # fmt: skip
    names = views or [name for name in BY_DEFAULT if not missing.get(name)]
    if report.main.answer is None and len(names) > 1:  # next words have a section of their own
        names = [name for name in names if name != "answer"]
    modules = [import_module(f"{__package__}.{name}") for name in names]
    return Page(_head(context), tuple(module.section(context) for module in modules))


def _head(context: Context) -> Head:
    """Return the box with the sentence and the networks."""
    report, marks = context.report, context.marks
    shown = rows_to_show(len(report.words), context.limit, ())
    sentence = Text(" ").join(
        Text("…", "note") if row is None else Text(report.words[row], marks.get(row, "word")) for row in shown
    )
    return Head([sentence, Text(f"{counted(report)} · {_networks(report)}", "note")], tuple(context.remarks()))


def _networks(report: ExplainReport) -> str:
    """Name the networks, once together where they have all in common."""
    sizes = {network.hidden_size for network in report.networks}
    names = ", ".join(map(named, report.networks))
    sources = dict.fromkeys(network.source for network in report.networks)
    longest = max(sources, key=len)
    together = [longest] if all(longest.startswith(source) for source in sources) else list(sources)
    units = f"{'/'.join(f'{size:,}' for size in sorted(sizes))} unit{'s' * (sizes != {1})}"
    units += " each" if len(report.networks) > 1 else ""
    return f"{names} · {units} · {'; '.join(together)}"
