"""Who decided: what each network says, and how far one swapped word moves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import log10

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.explain.context import Context, left_out
from lstm_ascii.render.explain.swapped import becomes, method
from lstm_ascii.render.figures import fit, listed, percent, plain, power, probability, signed
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import HOME, WIDE, paragraph
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import SPACE, Block, Paragraph, Section, note
from lstm_ascii.reports.explain.decision import Choice
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.explain.swaps import CLASS, NEIGHBOURS, Swap, strongest
from lstm_ascii.thresholds import NEGLIGIBLE, SMALLEST_SHARE

SMALL = 0.005  # below, a probability has no figure in two decimals
WHY = {  # these two words are asked for, where the sentence itself does not ask
    "likeliest verb": "After the first word there is no verb that agrees, as was and were do, and that the networks "
    "know: this is the likeliest that could follow.",
    "likeliest": "After the first word there is no verb that agrees, as was and were do, and that the networks know, "
    "nor is one likely to follow: these are the two likeliest next words.",
}
OTHERS = {CLASS: "others of its class", NEIGHBOURS: "its neighbours in the vocabulary"}


ODDS = (0, 0, 12, 28)  # cells of a signed bar of log-odds
CHANGES = (0, 6, 8, 16)  # of one of a swap


def section(context: Context) -> Section:
    """What each network prefers, and which word decided it."""
    networks, words = context.report.networks, context.report.words
    if context.main.answer or (context.report.is_series and context.main.choice):
        from lstm_ascii.render.explain import influence  # most pages don't need it

        return influence.of_series(context) if context.report.is_series else influence.of_words(context)
    if context.main.no_choice:
        return Section("Who decided", "", (Paragraph(left_out(context.main)),))
    choice = networks[0].asked
    about = f"after word {choice.after}, “{words[choice.after - 1]}”: “{choice.right}” or “{choice.wrong}”?"
    blocks: list[Block] = [note(WHY.get(choice.kind, "")), _answers(context)]
    if any(network.swaps for network in networks):
        table = _swaps(context)
        blocks += [SPACE, note(method(networks)), *((table, SPACE) if table.rows else ()),
                   Paragraph(closing(networks, context.names))]  # fmt: skip
    return Section("Who decided", about, blocks)


def _answers(context: Context) -> Grid:
    """Return the table of the answers: the two probabilities, the log-odds as a bar, which way it goes, what is left.

    What is left is the part of the memory that the deciding word wrote, if any word decided.
    """
    networks, word = context.report.networks, context.report.deciding_word
    choice = networks[0].asked
    largest = max(abs(network.asked.log_odds) for network in networks) or 1.0
    columns = [
        *(
            Column(f"probability of {asked}", networks, (asked,), partial(_chance, place),
                   room=max(6, min(10, cell_len(asked))), exact=chance)
            for place, asked, chance in (
                (0, choice.right, lambda network: network.asked.probability_right),
                (1, choice.wrong, lambda network: network.asked.probability_wrong),
            )
        ),
        Column("log-odds", [network.asked.log_odds for network in networks], None, partial(_odds, largest), ODDS, 7),
        Column("prefers", networks, None, lambda network, _: Text(verdict(network)),
               exact=verdict),
    ]  # fmt: skip
    if word is not None:
        left = f"“{context.names[word - 1]}” left"
        columns.append(
            Column(left, networks, (fit(left, 16).rstrip(),), lambda network, _: Text(left_of(network, word)),
                   exact=lambda network: share_left(network, word))
        )  # fmt: skip

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        yield from paragraph(Text(_in_a_sentence(networks[row], word, context.names)), width, 1, hang=3)

    labels = [network.cell for network in networks]
    return Grid("choice", ("network",), labels, columns, style="title", least=4, window=HOME, turn=turned)


def _chance(place: int, network: NetworkPass, _size: int) -> Text:
    """Write one of the two probabilities."""
    return Text(_chances(network.asked)[place])


def _odds(largest: float, odds: float, size: int) -> Text:
    """Draw log-odds as a bar and a figure."""
    return signed(odds / largest, size // 2).append(f" {plain(odds):>5}")


def _in_a_sentence(network: NetworkPass, word: int | None, names: Sequence[str]) -> str:
    """Say what a network answers, where there is no room for a table."""
    answer = network.asked
    right, wrong = _chances(answer)
    left = "" if word is None else f"; “{names[word - 1]}” left: {left_of(network, word)}"
    return (
        f"{network.cell}: {answer.right} {right}, {answer.wrong} {wrong}, log-odds {plain(answer.log_odds)}: "
        f"{verdict(network)}{left}"
    )


def _chances(answer: Choice) -> tuple[str, str]:
    """Write the two probabilities; where both are small, as of very many words, by their powers of ten."""
    right, wrong = answer.probability_right, answer.probability_wrong
    if 0 < max(right, wrong) < SMALL and min(right, wrong) > 0:
        return power(log10(right)), power(log10(wrong))
    return probability(right), probability(wrong)


def left_of(network: NetworkPass, word: int) -> str:
    """Say how much of what words wrote into a memory is a word's, where the choice is made."""
    share = share_left(network, word)
    return "can't tell" if share is None else percent(share) if share else f"under {SMALLEST_SHARE:.1%}"


def share_left(network: NetworkPass, word: int) -> float | None:
    """Return that share; 0 where it is too small to be kept, ``None`` for an RNN."""
    holds = network.steps[network.loss_after - 1].holds
    return None if holds is None else next((share.share for share in holds.words if share.word == word), 0.0)


def verdict(network: NetworkPass) -> str:
    """Return the word that a network prefers, and whether the sentence or the reader has it, too."""
    if not network.asked.log_odds:
        return "neither"
    agrees = network.verdict.agrees
    if agrees is None:
        return preferred(network)
    if network.asked.kind == "asked":
        return f"{preferred(network)} {'✓' if agrees else '✗'}"
    return f"{preferred(network)} {'=' if agrees else '≠'} sentence"


def preferred(network: NetworkPass) -> str:
    """Return the word of the two that a network prefers; nothing where it takes both for as likely."""
    return network.verdict.says


def _rows(networks: Sequence[NetworkPass]) -> list[int]:
    """Return the indices of the words whose swap moves any network enough to be shown."""
    swapped = {swap.word - 1 for network in networks for swap in network.swaps if abs(swap.change) >= NEGLIGIBLE}
    gone = {one.word - 1 for network in networks for one in network.left_out if abs(one.change) >= NEGLIGIBLE}
    return sorted(swapped | gone)


def _swaps(context: Context) -> Grid:
    """Return what each word becomes, and a column of signed bars for each network, all on one scale."""
    networks, numbers = context.report.networks, range(1, len(context.report.words) + 1)
    largest = max(abs(swap.change) for network in networks for swap in network.swaps)
    became = {swap.word: becomes(swap) for swap in networks[0].swaps}
    columns = [Column("becomes", [became.get(n) for n in numbers], ("", "becomes"), size=(9, 9, 10, 14))]
    for network in networks:
        swaps = {swap.word: swap for swap in network.swaps}
        columns.append(
            Column(network.cell, [swaps.get(n) for n in numbers], partial(_head, network.cell, largest),
                   partial(_change, largest), CHANGES, 8)
        )  # fmt: skip
        columns += _left_out(network, len(numbers), alone=len(networks) == 1)
    table = context.grid("swaps", columns, _rows(networks))
    return replace(table, tables=lambda: (_swap_table(context),))


def _left_out(network: NetworkPass, count: int, alone: bool) -> list[Column]:
    """Return the column of what leaving a word out does, where that was tried; drawn where there is room for it."""
    if not network.left_out:
        return []
    gone = {one.word: one for one in network.left_out}
    return [Column(f"{network.cell} left out", [gone.get(n) for n in range(1, count + 1)], (network.cell, "left out"),
                   lambda one, _: Text(f"{plain(one.change):>5}{'*' * one.turns}"), room=8,
                   drawn=lambda width: alone or width >= WIDE)]  # fmt: skip


def _head(cell: str, largest: float, size: int) -> tuple[str, str]:
    """Return what stands above a network's swaps."""
    return cell, f"{'full bar ' if size else ''}{plain(largest)}"


def _swap_table(context: Context) -> Table:
    """Tell every swap of every network; read out are those of the words that are drawn."""
    words, networks = context.report.words, context.report.networks
    left_out = any(network.left_out for network in networks)
    swaps = tuple(row if left_out else row[:-1] for network in networks for row in _swap_rows(network, words))
    shown = {row + 1 for row in _rows(networks)}
    read = [place for place, swap in enumerate(swaps) if swap[0] in shown]
    heads = ("word", "text", "network", "becomes", "log-odds move by", "choice", "left out they move by")
    return Table("swaps", heads if left_out else heads[:-1], swaps, named_by=3, read_out=read)


def _swap_rows(network: NetworkPass, words: Sequence[str]) -> Iterator[tuple[Value, ...]]:
    """Tell what each word does in a network, swapped and left out."""
    swaps, gone = {swap.word: swap for swap in network.swaps}, {one.word: one for one in network.left_out}
    for word in sorted({*swaps, *gone}):
        swap, left = swaps.get(word), gone.get(word)
        swapped = ("", None, "") if swap is None else (
            becomes(swap), swap.change, "turns" if swap.turns else "stays")  # fmt: skip
        yield (word, words[word - 1], network.cell, *swapped, None if left is None else left.change)


def _change(largest: float, swap: Swap, size: int) -> Text:
    """Draw how far one swap moves the log-odds; a star where it turns the choice."""
    text = signed(swap.change / largest, size // 2).append(f" {plain(swap.change):>5}")
    return text.append("*", "title") if swap.turns else text


def closing(networks: Sequence[NetworkPass], names: Sequence[str]) -> str:
    """Say who decided, and whether the networks agree."""
    choice, sentences = networks[0].asked, []
    if any(swap.turns for network in networks for swap in network.swaps if abs(swap.change) >= NEGLIGIBLE):
        sentences.append(f"* turns the choice between “{choice.right}” and “{choice.wrong}”.")
    hidden = len({swap.word for swap in networks[0].swaps} - {row + 1 for row in _rows(networks)})
    if hidden:
        moves = "swap moves" if hidden == 1 else "swaps move"
        more = "more " if _rows(networks) else ""
        sentences.append(f"{hidden} {more}{moves} them by less than {NEGLIGIBLE}.")
    fixed = choice.after - len({swap.word for network in networks for swap in network.swaps})
    if fixed > 0:
        sentences.append(f"{fixed} {'word has' if fixed == 1 else 'words have'} nothing to be swapped with.")
    sentences += [strongest_swap(network, names) for network in networks]
    sentences.append(_most_left_out(networks, names))
    return " ".join(filter(None, sentences))


def _most_left_out(networks: Sequence[NetworkPass], names: Sequence[str]) -> str:
    """Name the words that count most when they are left out."""
    by_word: dict[int, list[str]] = {}
    for network in networks:
        most = min(network.left_out, key=lambda one: (-abs(one.change), one.word), default=None)
        if most is not None and abs(most.change) >= NEGLIGIBLE:
            by_word.setdefault(most.word, []).append(f"{network.cell} {plain(most.change)}{'*' * most.turns}")
    told = [f"“{names[word - 1]}” counts most ({', '.join(moved)})" for word, moved in by_word.items()]
    return f"Left out, {listed(told)}." if told else ""


def strongest_swap(network: NetworkPass, names: Sequence[str]) -> str:
    """Name the swap that moves a network most."""
    swap = strongest(network.swaps)
    if swap is None:
        return f"{network.cell}: no single word counts." if network.swaps else ""
    what = f"“{names[swap.word - 1]}” {'decides' if swap.turns else 'counts most'}"
    instead = f"with “{swap.to}”" if swap.to else f"with {OTHERS[swap.among]}"
    end = "the choice turns" if swap.turns else "the choice stays"
    return f"{network.cell}: {what}; {instead} the log-odds move by {plain(swap.change)}, and {end}."
