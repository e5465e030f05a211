"""What the figures of ``recall`` say, in words: every clause is made from the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.render.figures import listed, percent
from lstm_ascii.reports.recall import TEXTBOOK, GapRecall, RacerRecall, RecallReport, agrees
from lstm_ascii.thresholds import ENOUGH_STEPS
from lstm_ascii.training.recall_race import LEARNT, NOT_LEARNT, NOT_TRIED


def task(report: RecallReport) -> str:
    """Say what is learnt."""
    return f"Name the first word: one of {report.classes}, then a gap of words that say nothing, then the question"


def setting(report: RecallReport) -> str:
    """Say how it is learnt."""
    seeds = report.seeds
    told = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    recipe = f"{report.hidden_size} units · Adam {report.rate:g} · batches of {report.batch}"
    return f"{recipe} · {told} · at most {report.steps:,} steps"


def legend(report: RecallReport) -> str:
    """Say how to read the table."""
    asked = report.window * report.batch
    said = (
        f"Right: measured on {asked:,} fresh sequences, each asked before it is learnt from; by chance it is "
        f"{report.chance:.1%}. not: the share that is right at the end."
    )
    if len(report.seeds) > 1:
        said += " Figures are medians over the seeds; below them the fastest and the slowest, or how many learnt it."
    stages = {gap.stage for network in report.networks for gap in network.gaps}
    if NOT_TRIED in stages:
        said += " ·: not tried, as a shorter gap was not learnt (--every-gap tries it)."
    if not stages <= {LEARNT, NOT_LEARNT, NOT_TRIED}:
        said += " …: the race was stopped before the end; the share so far, and the step."
    if any(network.forget_bias == "chrono" for network in report.networks):
        said += (
            " chrono: the forget bias is set for the gap at hand, ln U(1, 1.5 gap), and the input gate's to minus that."
        )
    return said


def result(gap: GapRecall) -> str:
    """Write what came out at a gap, in at most nine cells."""
    if gap.stage == LEARNT and gap.steps is not None:
        return f"{gap.steps:,.0f}"
    if gap.stage == NOT_TRIED:
        return "·"
    told = "" if gap.accuracy is None else f" {percent(gap.accuracy)}"
    return f"not{told}" if gap.stage == NOT_LEARNT else f"…{told}"


def detail(gap: GapRecall, seeds: int) -> str:
    """Write what the seeds did, in at most nine cells."""
    if gap.stage == LEARNT:
        if gap.learnt < seeds:
            return f"{gap.learnt} of {seeds}"
        return "" if gap.fewest == gap.most else f"{_brief(gap.fewest)}–{_brief(gap.most)}"
    if gap.stage == NOT_LEARNT:
        return f"{gap.learnt} of {seeds}" if seeds > 1 else ""
    if gap.learnt:
        return f"{gap.learnt} of {seeds}"
    step = max(run.step for run in gap.runs)
    return "" if gap.stage == NOT_TRIED or not step else f"at {_brief(step)}"


def _brief(steps: int | None) -> str:
    """Write a number of steps in at most four cells."""
    return "" if steps is None else str(steps) if steps < 10_000 else f"{steps // 1000}k"


def length(network: RacerRecall) -> str:
    """Write a span; one whose end wasn't found has a plus."""
    if not network.span:
        return "none" if network.complete else "?"
    return f"{network.span:,}" if network.complete else f"{network.span:,}+"


def summary(report: RecallReport) -> Iterator[str]:
    """Say what came out."""
    networks = [network for network in report.networks if network.complete or network.span == report.gaps[-1]]
    if report.interrupted:
        open_ones = [network.label for network in report.networks if network not in networks]
        end = f" The span of {listed(open_ones)} is not known yet." if open_ones else ""
        yield f"The race was stopped: this is what was known by then.{end}"
    yield from winners(networks)
    yield from _forget_biases(networks)
    yield from _textbook(networks, report.steps)
    yield from _luck(report)


def winners(networks: Sequence[RacerRecall]) -> Iterator[str]:
    """Say which memory is longest, where there are several."""
    if len(networks) < 2:
        return
    best = max(network.span for network in networks)
    first = [network for network in networks if network.span == best and best]
    if len(first) == len(networks):
        yield f"All of them remember over {length(first[0])} words."
    elif first:
        others = [f"{network.label} {length(network)}" for network in networks if network not in first]
        names = listed([f"{network.label} ({length(network)})" for network in first])
        yield f"The longest memory: {names}. The others: {', '.join(others)}."
    else:
        yield "None of them has learnt the shortest gap."


def _forget_biases(networks: Sequence[RacerRecall]) -> Iterator[str]:
    """Say what the forget bias did."""
    lstms = [network for network in networks if network.forget_bias is not None]
    if len(lstms) < 2:
        return
    told = listed([f"{length(network)} with {_bias(network)}" for network in lstms])
    if len({network.span for network in lstms}) > 1:
        said = "decides"
    elif all(network.complete for network in lstms):
        said = "made no difference to the span"
    else:
        said = "may still decide, as the race ended first"
    yield f"The LSTM's forget bias {said}: a span of {told}."


def _bias(network: RacerRecall) -> str:
    """Write a forget bias."""
    bias = network.forget_bias
    return bias if isinstance(bias, str) else f"{bias:+g}"


def _textbook(networks: Sequence[RacerRecall], steps: int) -> Iterator[str]:
    """Hold the spans against what lecture notes say."""
    for cell, (low, high) in TEXTBOOK.items():
        verdicts = {network: agrees(network, steps) for network in networks if network.cell == cell}
        told = [
            f"{said} {listed([f'{network.label} ({length(network)})' for network in some])}"
            for verdict, said in ((True, "so it is for"), (False, "not so for"), (None, "not found out for"))
            if (some := [network for network, found in verdicts.items() if found is verdict])
        ]
        if told:
            words = f"{low} to {high} words" if high else f"{low} words and more"
            yield f"Lecture notes give the {cell} a memory of {words}: {'; '.join(told)}."
    if steps < ENOUGH_STEPS and any(network.cell in TEXTBOOK and network.complete for network in networks):
        yield f"What isn't learnt in fewer than {ENOUGH_STEPS:,} steps may be learnt later, so it refutes nothing."


def _luck(report: RecallReport) -> Iterator[str]:
    """Say where the seed decided."""
    seeds = len(report.seeds)
    split = [
        f"{network.label} at gap {gap.gap:,} ({gap.learnt} of {seeds})"
        for network in report.networks
        for gap in network.gaps
        if gap.stage in (LEARNT, NOT_LEARNT) and 0 < gap.learnt < seeds
    ]
    if split:
        yield f"It is also luck: some seeds learnt it and others didn't for {listed(split)}."
    elif seeds == 1:
        yield "One seed tells little about luck: --seeds 3 trains each network three times."
