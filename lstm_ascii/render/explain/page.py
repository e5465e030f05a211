"""The page of ``explain``: a head, then the sections that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from rich.text import Text

from lstm_ascii.render.explain import ALL, BRIEF, BY_DEFAULT
from lstm_ascii.render.explain.context import IN_A_LINE, Context, counted, named, wording_of
from lstm_ascii.render.explain.unit import carries, is_carrier
from lstm_ascii.render.layout import rows_to_show
from lstm_ascii.render.section import SPACE, Block, Head, Page, note
from lstm_ascii.render.wording import series_title
from lstm_ascii.reports.explain.report import ExplainReport

WHO = ("decided",)  # where an answer is no next word, who decided it stands on the page to show
WALK = "Walk through it with the arrow keys: lstm-ascii step"
MORE = (
    "kept",
    "shown",
    "shares",
    "memory",
    "next",
    "split",
    "map",
    "paint",
)  # sections that stand on no page by themselves


def explain_page(
    report: ExplainReport,
    views: Sequence[str] = (),
    limit: int | None = None,
    legends: bool = False,
    remark: str = "",
) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        views: the sections, by name; those of :data:`BY_DEFAULT` if none is named. Of the forms that have a name,
            those that have nothing to show are left out.
        limit: the most words to show in a table; ``None`` for all.
        legends: whether to explain what a reader can guess, too.
        remark: what the reader should know of the sentence.
    """
    form = tuple(views) or BY_DEFAULT
    context = Context(report, limit, legends, form == BRIEF, head_tells=form not in (BY_DEFAULT, BRIEF))
    empty = _nothing_in(report) if form in (BY_DEFAULT, BRIEF, ALL) else frozenset()
    names = [name for name in form if name not in empty]
    if form == BY_DEFAULT and not {"carrier", "track"} <= set(names):
        told = WHO if report.main.answer else ("gates",)  # no single unit tells it, so what all of them do
        names[1 + ("track" in names) :] = [*told, *names[1 + ("track" in names) :]]
    if report.is_series and form in (BY_DEFAULT, ALL):
        names.insert(1 if form == BY_DEFAULT else 0, "series")
        names = [name for name in names if form == ALL or name not in ("strips", "why")]  # one point: who decided
    if report.main.answer is None and len(names) > 1:  # next words have sections of their own
        names = [name for name in names if name != "answer"]
    elif report.main.answer and form in (BY_DEFAULT, BRIEF, ALL):  # it stands where the verdict would
        names = ["answer", *(name for name in names if name != "verdict")]
    modules = [import_module(f"{__package__}.{name}") for name in names]
    sections = tuple(module.section(context) for module in modules)
    wording = wording_of(report)
    if form == BRIEF:
        return Page(None, sections, (note(remark),), close=len(sections), wording=wording)
    closing = () if context.head_tells else _closing(report, remark)
    return Page(_head(context, remark), sections, closing, close=not context.head_tells, wording=wording)


def _nothing_in(report: ExplainReport) -> frozenset[str]:
    """Return the names of the sections in which there is nothing to see."""
    main = report.main
    carried = main.unit is not None and (carries(main) or not is_carrier(main))
    right_before = is_carrier(main) and main.carrier is not None and main.carrier.word == main.loss_after
    nothing = {
        "gloss": main.loss_after == 1 and not carried,
        "carrier": not carried, "track": main.unit is None or (right_before and not carried),
        "unit": main.unit is None or right_before, "strips": main.loss_after == 1,
        "decided": main.choice is None and main.answer is None,
        "why": all(network.why is None for network in report.networks),
    }  # fmt: skip
    return frozenset(name for name, is_empty in nothing.items() if is_empty)


def _head(context: Context, remark: str) -> Head:
    """Return the box with the sentence; on the report at length also the networks."""
    report, marks = context.report, context.marks
    if report.is_series:
        return _series_head(context, remark)
    shown = rows_to_show(len(report.words), context.limit, ())
    if not context.head_tells and len(report.words) > IN_A_LINE:
        shown = context.telling_rows
    sentence = Text(" ").join(
        Text("…", "note") if row is None else Text(report.words[row], marks.get(row, "word")) for row in shown
    )
    if not context.head_tells:
        return Head([sentence])
    texts = [sentence, Text(f"{counted(report)} · {_networks(report)}", "note")]
    return Head(texts, tuple(filter(None, (remark, *context.remarks()))))


def _series_head(context: Context, remark: str) -> Head:
    """Return the box with the features of a series, and its first and last step."""
    report = context.report
    title = series_title(report.features, len(report.words), report.words[0], report.words[-1])
    if not context.head_tells:
        return Head([title])
    return Head([title, Text(_networks(report), "note")], tuple(filter(None, (remark, *context.remarks()))))


def _closing(report: ExplainReport, remark: str) -> tuple[Block, ...]:
    """Say what was looked at, and what else there is."""
    more = f"More: --brief, --all, --legend, --view {','.join(MORE)}"
    looked_at = f"{counted(report)} · {_networks(report)}"
    return (SPACE, note(remark), note(looked_at), note(more), note(WALK))


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
