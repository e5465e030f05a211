"""The page of ``gradients`` without its drawings: the same sections as sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lstm_ascii.render.figures import counted
from lstm_ascii.render.gradients import clipping, spectrum
from lstm_ascii.render.gradients.clipping import cut, said
from lstm_ascii.render.gradients.contents import Contents
from lstm_ascii.render.gradients.glance import meaning
from lstm_ascii.render.gradients.measures import explained
from lstm_ascii.render.gradients.scale import kept, ladder
from lstm_ascii.render.gradients.words import summary
from lstm_ascii.render.parts import Part, Power, Prose, Table, Title, Value
from lstm_ascii.reports.gradients.network import NetworkGradients
from lstm_ascii.reports.gradients.report import GradientsReport

Section = Callable[[Contents], Iterator[Part]]

READ_OUT = 8  # steps of many
CAROUSEL = "Carousel: the product of the forget gates alone, of the unit where it is largest."


def parts(page: Contents) -> Iterator[Part]:
    """Tell the head, then the sections of the page in their order; the same figures only once."""
    report = page.report
    yield Title(page.question)
    names = ", ".join(network.label for network in report.networks)
    many = f"; medians of {report.seeds:,} networks each" if report.seeds > 1 else ""
    yield Prose(f"{names}; {counted(report.hidden_size, 'unit')} each; {report.setting}{many}.")
    for section in dict.fromkeys(TOLD[view] for view in page.shown_views):
        yield from section(page)


def _steps(page: Contents) -> Iterator[Part]:
    """Tell what is left, step by step: all steps for other programs, some for listeners."""
    report = page.report
    yield Title("Step by step back: what is left of the gradient, which is 1 at the last step")
    curves = [curve for network in report.networks for curve in _curves(network)]
    columns = tuple(name for name, _ in curves)
    back = report.networks[0].steps_back
    rows = tuple(
        (step, *_word(report, step), *(Power(curve[place]) for _, curve in curves)) for place, step in enumerate(back)
    )
    turns = [turn for network in report.networks for turn in (network.horizon or network.exploded_at,) if turn]
    read = [back.index(step) for step in kept(report.networks[0], ladder(report.steps, sorted(set(turns)), READ_OUT))]
    head = ("step back", "word") if report.words else ("step back",)
    yield Table("steps", (*head, *columns), rows, named_by=len(head), read_out=read)
    if any(network.carousel_log10 for network in report.networks):
        yield Prose(CAROUSEL)
    if about := meaning(report):
        yield Prose(f"The size is the largest singular value of the Jacobian. {about}")


def _word(report: GradientsReport, step: int) -> tuple[Value, ...]:
    """Name the word so many steps back, where there are words."""
    if not report.words:
        return ()
    return (report.words[-1 - step] if step < len(report.words) else "(start)",)


def _curves(network: NetworkGradients) -> Iterator[tuple[str, tuple[float | None, ...]]]:
    """Return a network's curves, each with its name."""
    yield f"{network.label} all paths", network.total_log10
    for name, curve in (("lower quartile", network.lower_log10), ("upper quartile", network.upper_log10),
                        ("carousel", network.carousel_log10)):  # fmt: skip
        if curve is not None:
            yield f"{network.label} {name}", curve


def _measures(page: Contents) -> Iterator[Part]:
    """Tell the measures and say what they mean."""
    yield Title("The measures")
    columns = ("network", "spectral radius", "largest singular value", "growth per step", "vanished after",
               "exploded after", "saturated", "in the end")  # fmt: skip
    yield Table("measures", columns, tuple(
        (one.label, one.spectral_radius, one.largest_singular_value, one.growth_rate, one.horizon, one.exploded_at,
         one.saturated, one.verdict)
        for one in page.report.networks
    ))  # fmt: skip
    gates = tuple(
        (network.label, gate.letter, gate.mean, gate.open, gate.closed)
        for network in page.report.networks
        for gate in network.gates
    )
    if gates:
        yield Table("gates", ("network", "gate", "mean", "above 0.9", "below 0.1"), gates, named_by=2)
    for sentence in explained(page.report):
        yield Prose(sentence)


def _spectrum(page: Contents) -> Iterator[Part]:
    """Tell all Lyapunov exponents."""
    yield Title("The spectrum: all Lyapunov exponents, nats per step")
    found = [(network.label, network.spectrum) for network in page.report.networks if network.spectrum]
    if not found:
        yield Prose(spectrum.not_measured(page.report))
        return
    count = max(len(exponents) for _, exponents in found)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (rank + 1, *(exponents[rank] if rank < len(exponents) else None for _, exponents in found))
        for rank in range(count)
    )
    read = [rank - 1 for rank in ladder(count, (), READ_OUT)]
    yield Table("spectrum", ("rank", *(label for label, _ in found)), rows, read_out=read)
    for label, exponents in found:
        yield Prose(f"{label}: {spectrum.grown(exponents)}")


def _clip(page: Contents) -> Iterator[Part]:
    """Tell what clipping does."""
    yield Title("Clipping: the gradient of the recurrent weights, cut to a length")
    found = [(network.label, network.clipped) for network in page.report.networks if network.clipped]
    if not found:
        yield Prose(clipping.NOT_MEASURED)
        return
    yield Prose(clipping.METHOD)
    yield Table("clipping", ("network", "length before", "times", "length after"), tuple(
        (label, Power(one.length_log10), Power(one.factor_log10), Power(cut(one.length_log10, one)))
        for label, one in found
    ))  # fmt: skip
    columns = tuple(f"{label} {when}" for label, _ in found for when in ("before", "after"))
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (step, *(Power(value) for _, one in found
                 for value in (one.parts_log10[step], cut(one.parts_log10[step], one))))
        for step in range(len(found[0][1].parts_log10))
    )  # fmt: skip
    read = [0, *ladder(len(rows) - 1, (), READ_OUT)] if len(rows) > 1 else [0]
    yield Table("what each step adds", ("step back", *columns), rows, read_out=read)
    for label, clipped in found:
        yield Prose(f"{label}: {said(clipped, page.report.thresholds[0])}")


def _words(page: Contents) -> Iterator[Part]:
    """Close with what was seen, in words."""
    yield Title("In words")
    for sentence in summary(page.report, page.scale):
        yield Prose(sentence)


TOLD: dict[str, Section] = {
    "glance": _steps,
    "steps": _steps,
    "bars": _steps,
    "measures": _measures,
    "spectrum": _spectrum,
    "clip": _clip,
    "words": _words,
}
