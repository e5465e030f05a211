"""Which cell is drawn, what the error is of, and what can't be told, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.render.diagram.cells import beyond_the_drawing as beyond
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass

NO_SUM = "An RNN's state is no sum of what the words wrote, so it can't be split."


def named(network: NetworkPass) -> str:
    """Return the cell's name with its place in the network, where there is more than one: ``LSTM, layer 2 of 2``."""
    return f"{network.cell}, {network.where}".removesuffix(", ")


def counted(report: ExplainReport) -> str:
    """Say how much was read: ``9 words``."""
    count = len(report.words)
    return f"{count:,} {report.read.removesuffix('s') if count == 1 else report.read}"


def remarks(report: ExplainReport) -> Iterator[str]:
    """Say what the reader should know of the cell before its figures."""
    main = report.main
    if main.where.backward:
        yield (
            "read from the last word to the first: at each word the cell has seen what follows, not what comes before"
        )
    if main.no_choice:
        yield f"what comes next, who decided and the split are left out: {main.no_choice}"


def ends(network: NetworkPass) -> tuple[int, int]:
    """Return the numbers of the word that the cell reads first, and of the one where the error starts."""
    return network.where.ordered(network.steps)[0].number, network.loss_after


def error_about(report: ExplainReport, quoted: str) -> str:
    """Say what the error is of, and where it is felt; ``quoted`` is the word where it starts."""
    main = report.main
    if main.choice:
        return f"the error of that choice at word {main.choice.after}, {quoted}, felt at each earlier word"
    side = "later word, which it has read before" if main.where.backward else "earlier word"
    return f"the gradient of ‖h‖ after word {main.loss_after}, {quoted}, felt at each {side}"


def back(networks: Sequence[NetworkPass], word: int) -> int:
    """Return how many words the error has travelled when it comes to ``word``; 0 where it never does."""
    main = networks[0]
    return abs(main.loss_after - word) if main.steps[word - 1].gradient else 0


def odds_about(network: NetworkPass) -> str:
    """Say what is split."""
    if network.choice is None:
        return "the log-odds of a choice, by who last wrote"
    return f"the log-odds of “{network.choice.right}” against “{network.choice.wrong}”, by who last wrote"


def not_split(network: NetworkPass) -> str:
    """Say why there is no split of the log-odds, where there is none."""
    where = network.where
    if network.no_choice:
        return left_out(network)
    if where.layer < where.layers:
        return (
            f"The split is exact only for the last layer, {where.layers} of {where.layers}, which the decoder reads: "
            f"what layer {where.layer} holds goes through the layers above, where it is no sum. Leave --layer out."
        )
    return NO_SUM


def left_out(network: NetworkPass) -> str:
    """Say why there is nothing to see of the next word."""
    return f"Left out: {network.no_choice}."


def no_unit(network: NetworkPass) -> str:
    """Say why no unit is followed."""
    why = "there is no choice that one could carry" if network.no_choice else "none carries a number here"
    return f"{why}; choose one with --unit K"


def beyond_the_drawing(network: NetworkPass) -> str:
    """Say what the cell has that the drawing has not."""
    return beyond(network.cell, network.special)
