"""What the figures of ``recall`` say, in words: every clause is made from the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.render.figures import listed
from lstm_ascii.render.parts import capital
from lstm_ascii.render.section import Paragraph
from lstm_ascii.render.spans import length, winners
from lstm_ascii.reports.recall import (
    LEARNT,
    NOT_LEARNT,
    NOT_TRIED,
    TEXTBOOK,
    UNFINISHED,
    GapRecall,
    RacerRecall,
    RecallReport,
    agrees,
)
from lstm_ascii.thresholds import ENOUGH_STEPS

SHORTEST_LABEL = 11  # cells of a network's name


def task(report: RecallReport) -> str:
    """Say what is learnt."""
    return f"Name the first word: one of {report.classes}, then a gap of words that say nothing, then the question"


def setting(report: RecallReport) -> str:
    """Say how it is learnt."""
    seeds = report.seeds
    named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    recipe = f"{report.hidden_size} units · Adam {report.rate:g} · batches of {report.batch}"
    return f"{recipe} · {named} · at most {report.steps:,} steps"


def legend(report: RecallReport) -> Paragraph:
    """Say how to read the table; read aloud, it names the stages that the table shows by glyphs."""
    asked = report.window * report.batch
    measured = f"Right: measured on {asked:,} fresh sequences, each asked before it is learnt from; by chance it is "
    texts = [f"{measured}{report.chance:.1%}. not: the share that is right at the end."]
    if len(report.seeds) > 1:
        texts.append(
            "Figures are medians over the seeds; below them the fastest and the slowest, or how many learnt it."
        )
    stages = {gap.stage for network in report.networks for gap in network.gaps}
    if NOT_TRIED in stages:
        texts.append("·: not tried, as a shorter gap was not learnt (--every-gap tries it).")
    if not stages <= {LEARNT, NOT_LEARNT, NOT_TRIED}:
        texts.append("…: the race was stopped before the end; the share so far, and the step.")
    if any(network.forget_bias == "chrono" for network in report.networks):
        texts.append(
            "chrono: the forget bias is set for the gap at hand, ln U(1, 1.5 gap), and the input gate's to minus that."
        )
    drawn = " ".join(texts)
    spoken = drawn
    for shown, aloud in (
        (" not: the share", " Not learnt: the accuracy is the share"),
        ("below them", "beside them"),
        ("·: not tried,", "Result not tried,"),
        ("…:", f"{capital(UNFINISHED)}:"),
    ):
        spoken = spoken.replace(shown, aloud)
    return Paragraph(drawn, "note", spoken=spoken)


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
    return f"at {_brief(step)}" if (step := stopped(gap)) else ""


def stopped(gap: GapRecall) -> int | None:
    """Return the step at which an unfinished gap was stopped; ``None`` for others, and where it had not begun."""
    return max(run.step for run in gap.runs) or None if gap.stage == UNFINISHED else None


def _brief(steps: int | None) -> str:
    """Write a number of steps in at most four cells."""
    return "" if steps is None else str(steps) if steps < 10_000 else f"{steps // 1000}k"


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


def _forget_biases(networks: Sequence[RacerRecall]) -> Iterator[str]:
    """Say what the forget bias did."""
    lstms = [network for network in networks if network.forget_bias is not None]
    if len(lstms) < 2:
        return
    spans = listed([f"{length(network)} with {_bias(network)}" for network in lstms])
    if len({network.span for network in lstms}) > 1:
        effect = "decides"
    elif all(network.complete for network in lstms):
        effect = "made no difference to the span"
    else:
        effect = "may still decide, as the race ended first"
    yield f"The LSTM's forget bias {effect}: a span of {spans}."


def _bias(network: RacerRecall) -> str:
    """Write a forget bias."""
    bias = network.forget_bias
    return bias if isinstance(bias, str) else f"{bias:+g}"


def _textbook(networks: Sequence[RacerRecall], steps: int) -> Iterator[str]:
    """Hold the spans against what lecture notes say."""
    for cell, (low, high) in TEXTBOOK.items():
        verdicts = {network: agrees(network, steps) for network in networks if network.cell == cell}
        judged = [
            f"{phrase} {listed([f'{network.label} ({length(network)})' for network in some])}"
            for verdict, phrase in ((True, "so it is for"), (False, "not so for"), (None, "not found out for"))
            if (some := [network for network, known in verdicts.items() if known is verdict])
        ]
        if judged:
            words = f"{low} to {high} words" if high else f"{low} words and more"
            yield f"Lecture notes give the {cell} a memory of {words}: {'; '.join(judged)}."
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
