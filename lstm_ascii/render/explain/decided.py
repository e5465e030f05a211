"""Who decided: what each network says, and how far one swapped word moves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import log10

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import fit, percent, plain, power, probability, signed
from lstm_ascii.render.glyphs import to_ascii
from lstm_ascii.render.layout import TINY, Column, by_width, paragraph
from lstm_ascii.reports.explain.choice import Choice, Prediction
from lstm_ascii.reports.explain.decision import CLASS, NEGLIGIBLE, NEIGHBOURS, Swap, strongest
from lstm_ascii.reports.explain.passes import Step
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.unknown import DESCRIPTIONS, UNKNOWN

SMALL = 0.005  # below, a probability has no figure in two decimals
WHY = {  # these two words are asked for, where the sentence itself does not ask
    "likeliest verb": "No verb with a number stands after the first word: asked is the likeliest that could follow.",
    "likeliest": "No verb with a number stands after the first word, nor is one likely to follow: asked are the two "
    "likeliest next words.",
}
OTHERS = {CLASS: "others of its class", NEIGHBOURS: "its neighbours in the vocabulary"}


def answers(networks: Sequence[NetworkPass], word: int | None, names: Sequence[str], width: int) -> Iterator[Text]:
    """Draw one line a network: the two probabilities, the log-odds as a bar, which way it goes, what is left.

    ``word`` is the number of the word whose part of the memory is told, if any's is.
    """
    choice, half = networks[0].asked, by_width(width, 0, 8, 16)
    if not half:
        for network in networks:
            yield from paragraph(Text(_in_a_sentence(network, word, names)), width, 1, hang=3)
        return
    one, other = (max(6, min(10, cell_len(word))) for word in (choice.right, choice.wrong))
    largest = max(abs(network.asked.log_odds) for network in networks) or 1.0
    head = f" {'':5} {fit(choice.right, one)}  {fit(choice.wrong, other)}  {fit('log-odds', 2 * half + 7)}"
    left = "" if word is None else fit(f"“{names[word - 1]}” left", 16).rstrip()
    yield Text(f"{head}  {'prefers':12}  {left}".rstrip(), "note", no_wrap=True)
    for network in networks:
        answer = network.asked
        line = Text.assemble((f" {network.cell:5} ", "title"), no_wrap=True)
        for chance, room in zip(_chances(answer), (one, other), strict=True):
            line.append(f"{fit(chance, room)}  ")
        line.append_text(signed(answer.log_odds / largest, half)).append(f" {plain(answer.log_odds):>5}")
        line.append(f"  {fit(verdict(network), 12)}  {'' if word is None else left_of(network, word)}")
        line.rstrip()
        yield line


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
    holds = network.steps[network.asked.after - 1].holds
    if holds is None:
        return "can't tell"
    share = next((share.share for share in holds.words if share.word == word), 0.0)
    return percent(share) if share else "under 0.5%"


def verdict(network: NetworkPass) -> str:
    """Return the word that a network prefers, with a mark where the sentence or the reader says which is right."""
    if not network.asked.log_odds:
        return "neither"
    mark = "" if network.asked.kind.startswith("likeliest") else " ✓" if network.asked.log_odds > 0 else " ✗"
    return preferred(network) + mark


def preferred(network: NetworkPass) -> str:
    """Return the word of the two that a network prefers; nothing where it takes both for as likely."""
    if not network.asked.log_odds:
        return ""
    return network.asked.right if network.asked.log_odds > 0 else network.asked.wrong


def rows(networks: Sequence[NetworkPass]) -> list[int]:
    """Return the indices of the words whose swap moves any network enough to be shown."""
    return sorted({swap.word - 1 for network in networks for swap in network.swaps if abs(swap.change) >= NEGLIGIBLE})


def columns(networks: Sequence[NetworkPass], words: Sequence[str], width: int) -> list[Column]:
    """Return what each word becomes, and a column of signed bars for each network, all on one scale."""
    half = by_width(width, 3 if width >= TINY else 0, 4, 8)
    largest = max(abs(swap.change) for network in networks for swap in network.swaps)
    became = {swap.word: becomes(swap) for swap in networks[0].swaps}
    numbers = range(1, len(words) + 1)
    found = [Column(("", "becomes"), [became.get(n) for n in numbers], by_width(width, 9, 10, 14))]
    for network in networks:
        swaps = {swap.word: swap for swap in network.swaps}
        head = (network.cell, f"{'full bar ' if half else ''}{plain(largest)}")
        found.append(Column(head, [swaps.get(n) for n in numbers], 2 * half + 8, partial(_cell, largest, half)))
    return found


def becomes(swap: Swap) -> str:
    """Say what a word is swapped with."""
    if swap.to or swap.tried == 1:
        return swap.to or "another"
    return f"{swap.tried} {'others' if swap.among == CLASS else 'nearby'}"


def method(networks: Sequence[NetworkPass]) -> str:
    """Say how it is found who decided."""
    used = {swap.among for network in networks for swap in network.swaps}
    instead = " or, of a word that our lexicon lacks, its neighbours in the vocabulary" if NEIGHBOURS in used else ""
    return (
        f"Swap one word for its number twin, else for others of its class{instead} (the mean), and run again: "
        "how far do the log-odds move?"
    )


def _cell(largest: float, half: int, swap: Swap) -> Text:
    """Draw how far one swap moves the log-odds; a star where it turns the choice."""
    text = signed(swap.change / largest, half).append(f" {plain(swap.change):>5}")
    return text.append("*", "negative") if swap.turns else text


def closing(networks: Sequence[NetworkPass], names: Sequence[str]) -> str:
    """Say who decided, and whether the networks agree."""
    choice, sentences = networks[0].asked, []
    if any(swap.turns for network in networks for swap in network.swaps if abs(swap.change) >= NEGLIGIBLE):
        sentences.append(f"* turns the choice between “{choice.right}” and “{choice.wrong}”.")
    hidden = len({swap.word for swap in networks[0].swaps}) - len(rows(networks))
    if hidden:
        moves = "swap moves" if hidden == 1 else "swaps move"
        more = "more " if rows(networks) else ""
        sentences.append(f"{hidden} {more}{moves} them by less than {NEGLIGIBLE}.")
    fixed = choice.after - len({swap.word for network in networks for swap in network.swaps})
    if fixed > 0:
        sentences.append(f"{fixed} {'word has' if fixed == 1 else 'words have'} nothing to be swapped with.")
    sentences += [strongest_swap(network, names) for network in networks]
    return " ".join(filter(None, sentences))


def strongest_swap(network: NetworkPass, names: Sequence[str]) -> str:
    """Name the swap that moves a network most."""
    swap = strongest(network.swaps)
    if swap is None:
        return f"{network.cell}: no single word counts." if network.swaps else ""
    what = f"“{names[swap.word - 1]}” {'decides' if swap.turns else 'counts most'}"
    instead = f"with “{swap.to}”" if swap.to else f"with {OTHERS[swap.among]}"
    end = "the choice turns" if swap.turns else "the choice stays"
    return f"{network.cell}: {what}; {instead} the log-odds move by {plain(swap.change)}, and {end}."


def predicted(networks: Sequence[NetworkPass], width: int) -> list[Column]:
    """Return, for each network, what it expects after each word; the verb's pair first where there is one."""
    room = by_width(width, 26, 30, 30)
    return [
        Column((network.cell, "expects next"), network.steps, room, _expected, stretch=True, items=True)
        for network in networks
    ]


def expected(step: Step) -> list[Prediction]:
    """Return what is expected after a word; the verb's pair first."""
    pair = step.pair or ()
    return [*pair, *(one for one in step.next_words if one not in pair)][:3]


def classes(steps: Iterable[Step]) -> str:
    """Explain the classes of words among what is expected, the most special first; nothing where there is none."""
    words = {one.word for step in steps for one in expected(step)}
    found = [
        f"{entry} for one {meaning}"
        for entry, meaning in reversed(DESCRIPTIONS.items())
        if {entry, to_ascii(entry)} & words
    ]
    if not found:
        return ""
    if len(found) == 1 and found[0].startswith(UNKNOWN):
        return f"{UNKNOWN} stands for a word that the networks don't know."
    return f"Classes stand for words that the networks don't know, by their letters: {', '.join(found)}."


def _expected(step: Step) -> Text:
    """List what is expected after a word."""
    text = Text()
    for place, one in enumerate(expected(step)):
        text.append(", " if place else "")
        style = "positive" if step.pair and place < len(step.pair) else ""
        text.append(f"{one.word} {probability(one.probability)}", style)
    return text
