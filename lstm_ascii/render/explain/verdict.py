"""The verdict: what each network says, which word decided it, and how much of the error reaches that word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.explain.context import Context, left_out
from lstm_ascii.render.explain.decided import WHY, verdict
from lstm_ascii.render.explain.highway import GREW, has_grown, left_at
from lstm_ascii.render.figures import ALIVE, counted, fit, fold, grade, listed, plain, power
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Power
from lstm_ascii.render.section import Block, Paragraph, Section, note
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.explain.swaps import Swap
from lstm_ascii.thresholds import ALMOST_NOTHING_LOG10

# How briefly a line is told, and the most cells of the word that is named beside its figure: the first that fits.
FORMS = ((0, 10), (1, 10), (1, 7), (2, 7), (2, 5))
ENOUGH = 230  # characters of sentences on a page for a projector


def section(context: Context) -> Section:
    """What each network says, and why, in a line each."""
    report, main = context.report, context.main
    if main.choice is None:
        told = left_at(report.networks, main.verdict.at, context.names)
        return Section("The verdict", "", (Paragraph(left_out(main)), Paragraph(told), *remarks(context)))
    sentences = Paragraph(" ".join(_as_many_as_fit(closing(context)) if context.is_brief else closing(context)))
    why = note(WHY.get(main.choice.kind, ""))
    return Section("The verdict", asked_about(context), (answers(context), sentences, why, *remarks(context)))


def _as_many_as_fit(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the first sentence, and more of them while they are short."""
    used = 0
    for sentence in sentences:
        if used and used + len(sentence) > ENOUGH:
            return
        used += len(sentence)
        yield sentence


def remarks(context: Context) -> Iterator[Block]:
    """Say what the reader should know of the sentence, below what matters more."""
    if not context.head_tells:
        yield from map(note, context.remarks())


def asked_about(context: Context) -> str:
    """Say between which words the networks choose, and where."""
    choice = context.main.asked
    return f"after “{context.report.words[choice.after - 1]}”: “{choice.right}” or “{choice.wrong}”?"


def answers(context: Context, name: str = "verdict") -> Grid:
    """Return the table of the answers, a line a network."""
    networks, names = context.report.networks, context.names
    at = networks[0].verdict.at
    has_error = at != networks[0].loss_after
    brevity, most = next((form for form in FORMS if not _is_too_wide(networks, names, has_error, *form)), FORMS[-1])
    columns = [
        Column("says", networks, (), lambda network, _: says(network), exact=lambda one: says(one).plain),
        Column("because of", networks, (), lambda network, _: Text(because(network, names, brevity)),
               exact=partial(because, names=names, brevity=brevity)),
    ]  # fmt: skip
    if has_error:
        short = _named(names[at - 1], most)
        columns.append(Column(f"error at “{names[at - 1]}”", networks, (), partial(_error, short),
                              exact=lambda network: Power(network.verdict.error)))  # fmt: skip

    def turned(_grid: Grid, row: int, width: int) -> Iterator[Text]:
        one = networks[row]
        line = Text.assemble((f"{one.cell}: ", "title"), says(one), f"; {because(one, names)}")
        if has_error:
            line.append("; ").append_text(_error(names[at - 1], one, 0))
        yield from paragraph(line, width, 1, hang=3)

    labels = [network.cell for network in networks]
    return Grid(name, ("network",), labels, columns, style="title", least=4, window=HOME, turn=turned,
                     split=False)  # fmt: skip


def says(network: NetworkPass) -> Text:
    """Say what a network says, and whether that is the sentence's own word or the one that the reader calls right."""
    word, blank, mark = verdict(network).partition(" ")
    return Text.assemble((word, "word"), blank, mark)


def _is_too_wide(
    networks: Sequence[NetworkPass], names: Sequence[str], has_error: bool, brevity: int, most: int
) -> bool:
    """Tell whether the lines would not fit where there is room for a table at all."""
    name = _named(names[networks[0].verdict.at - 1], most)
    cells = [
        (says(one), because(one, names, brevity), *([_error(name, one, 0)] if has_error else [])) for one in networks
    ]
    return 6 + sum(2 + max(cell_len(str(cell)) for cell in column) for column in zip(*cells, strict=True)) > HOME + 10


def because(network: NetworkPass, names: Sequence[str], brevity: int = 0) -> str:
    """Name the word that decided, and how far back it stands; the higher ``brevity``, the shorter, up to 2."""
    found = network.verdict
    if found.decided_by is None or found.back is None:
        return "no single word counts" if network.swaps else "no word can be swapped"
    does = "decides" if found.turns else "counts" if brevity > 1 else "counts most"
    last = "just before" if brevity else "the word before"
    far = last if found.back == 0 else f"{found.back if brevity else counted(found.back, 'word')} back"
    return f"“{_named(names[found.decided_by - 1])}”, {far}, {does}"


def _named(word: str, most: int = FORMS[0][1]) -> str:
    """Cut a word that is named beside a figure."""
    return fit(word, most).rstrip()


def _error(name: str, network: NetworkPass, _size: int) -> Text:
    """Write how much of the error reaches the word that matters."""
    error = network.verdict.error
    grown = has_grown(error)
    style = "grad.exploded" if grown else grade(error)
    figure = Text(f"{power(error, 2)}{' ' + GREW if grown else ''}", style)
    return Text(f"error at “{_named(name)}” ").append_text(figure)


def closing(context: Context) -> Iterator[str]:
    """Say where the networks part, and how what seems to contradict itself is true."""
    networks, names = context.report.networks, context.names
    first = _swap_at(context.main, 1)
    if context.main.asked.after == 1 and not (first and first.to):
        yield f"Only “{names[0]}” has been read by then, so there is little to decide by."
        return
    told = [
        *_parted(networks), *_right_all_the_same(networks, names), *_against(networks, names),
        *_other_reasons(networks, names), *_right_though_gone(networks, names), *_grown(networks, names),
    ]  # fmt: skip
    yield from told
    if len(networks) > 1 and (not told or all(network.verdict.is_right for network in networks)):
        yield _together(networks, names)


def _parted(networks: Sequence[NetworkPass]) -> Iterator[str]:
    """Say which networks say what, where they differ."""
    by_word: dict[str, list[str]] = {}
    for network in networks:
        by_word.setdefault(network.verdict.says, []).append(f"the {network.cell}")
    if len(by_word) > 1:
        parts = [
            f"{listed(cells)} {'says' if len(cells) == 1 else 'say'} {f'“{word}”' if word else 'neither'}"
            for word, cells in by_word.items()
        ]
        yield f"They part: {', '.join(parts)}."


def _right_all_the_same(networks: Sequence[NetworkPass], names: Sequence[str]) -> Iterator[str]:
    """Say where the sentence's own verb does not agree, and the network's does."""
    right = next((network.verdict for network in networks if network.verdict.is_right), None)
    if right is not None and right.decided_by is not None:
        yield f"“{right.says}” is right for “{names[right.decided_by - 1]}”: here the sentence is wrong."


def _swap_at(network: NetworkPass, word: int) -> Swap | None:
    """Return what happened when a word was swapped."""
    return next((swap for swap in network.swaps if swap.word == word), None)


def _other_reasons(networks: Sequence[NetworkPass], names: Sequence[str]) -> Iterator[str]:
    """Say where another word decides than in the main network, of all that are alike in one sentence."""
    main = min(networks, key=lambda network: network.kind.rank)
    if main.verdict.decided_by is None:
        return
    alike: dict[tuple[int, bool, bool], list[NetworkPass]] = {}
    for network in networks:
        own = _own_swap(network)
        if own is not None and own.word != network.verdict.at:
            same = network.verdict.says == main.verdict.says and _speaks_for(network, own)
            alike.setdefault((own.word, own.turns, same), []).append(network)
    for (word, turns, same), some in alike.items():
        name, other = names[main.verdict.at - 1], names[word - 1]
        cells = listed([f"the {network.cell}" for network in some])
        says = "say" if len(some) > 1 else "says"
        begins = f"In {cells}" if not same else (
            f"{cells[0].upper()}{cells[1:]} {says} “{main.verdict.says}” for another reason: there")  # fmt: skip
        does = "decides" if turns else "counts most"
        yield f"{begins} “{other}” {does}, not “{name}”{_moved(some, name, other)}."


def _own_swap(network: NetworkPass) -> Swap | None:
    """Return what happened when the word was swapped that counts most."""
    return None if network.verdict.decided_by is None else _swap_at(network, network.verdict.decided_by)


def _speaks_for(network: NetworkPass, swap: Swap) -> bool:
    """Tell whether a word speaks for what the network says: with another in its place it would say so less."""
    return (swap.change < 0) == (network.asked.log_odds > 0)


def _moved(networks: Sequence[NetworkPass], name: str, other: str) -> str:
    """Say how far two words move the log-odds of networks: theirs that counts most, and the one it is compared with."""
    moves = [(_swap_at(network, network.verdict.at), _own_swap(network)) for network in networks]
    figures = [(plain(there.change), plain(own.change)) for there, own in moves if there and own]
    if len(figures) < len(networks):
        return ""
    firsts, seconds = (listed(list(column)) for column in zip(*figures, strict=True))
    whose = "its" if len(networks) == 1 else "their"
    first, second = (_instead(swap, word) for swap, word in zip(moves[0], (name, other), strict=True))
    return f": {first} moves {whose} log-odds by {firsts}, {second} by {seconds}"


def _instead(swap: Swap | None, word: str) -> str:
    """Say what took the place of a word."""
    return f"“{swap.to}” for “{word}”" if swap and swap.to else f"another word for “{word}”"


def _against(networks: Sequence[NetworkPass], names: Sequence[str]) -> Iterator[str]:
    """Say where the word that counts most speaks against what is said."""
    main = min(networks, key=lambda network: network.kind.rank)
    at, said = main.verdict.decided_by, main.verdict.says
    if at is None or not said:
        return
    some = [
        f"the {network.cell}"
        for network in networks
        if network.verdict.says == said and (own := _own_swap(network)) is not None and own.word == at
        and not own.turns and not _speaks_for(network, own)
    ]  # fmt: skip
    if some:
        they = "they say" if len(some) > 1 else "it says"
        yield f"In {listed(some)} “{names[at - 1]}” counts most, but against “{said}”, which {they} all the same."


def _right_though_gone(networks: Sequence[NetworkPass], names: Sequence[str]) -> Iterator[str]:
    """Say how a word can decide although almost no error reaches it."""
    gone = [
        network for network in networks
        if network.verdict.decided_by == network.verdict.at and network.verdict.turns
        and (network.verdict.error is None or network.verdict.error < ALMOST_NOTHING_LOG10)
    ]  # fmt: skip
    if gone:
        name = names[gone[0].verdict.at - 1]
        cells = listed([f"the {network.cell}" for network in gone])
        left = listed([power(network.verdict.error, 2) for network in gone])
        yield (
            f"True together: in {cells} “{name}” decides, and {left} of the error reaches it. That says what could "
            "still be learnt from there, not what has been learnt."
        )


def _grown(networks: Sequence[NetworkPass], names: Sequence[str]) -> Iterator[str]:
    """Say where the error grew on its way: no sign of health."""
    grown = [
        f"{fold(network.verdict.error or 0.0)} in the {network.cell}"
        for network in networks
        if has_grown(network.verdict.error)
    ]
    if grown:
        name = names[networks[0].verdict.at - 1]
        yield f"On its way to “{name}” the error grew {listed(grown)}: that is no better memory."


def _together(networks: Sequence[NetworkPass], names: Sequence[str]) -> str:
    """Say of networks that agree whether the sentence can tell them apart."""
    first = networks[0].verdict
    cells = "Both" if len(networks) == 2 else "All"
    says_it = f"{cells} say “{first.says}”" if first.says else f"{cells} say neither"
    turned = [f"the {network.cell}" for network in networks if network.verdict.turns]
    if not turned:
        return f"{says_it}, and no single word turns that."
    if len(turned) < len(networks) or first.decided_by is None or first.back is None:
        return f"{says_it}; swapping one word turns that only in {listed(turned)}."
    name = names[first.decided_by - 1]
    if first.back == 0:
        return (
            f"{says_it}: “{name}” stands right before it, so nothing has to be remembered. This sentence can't tell "
            "the networks apart."
        )
    errors = [network.verdict.error for network in networks]
    if all(error is not None and error >= ALIVE for error in errors):
        few = f"{counted(first.back, 'word')} {'is' if first.back == 1 else 'are'} too few"
        return f"{says_it} because of “{name}”, and the error reaches it in each: {few} to tell the networks apart."
    least = min(networks, key=lambda network: -999.0 if network.verdict.error is None else network.verdict.error)
    return (
        f"{says_it} because of “{name}”; least of the error reaches it in the {least.cell} "
        f"({power(least.verdict.error, 2)})."
    )
