"""The page of ``explain`` without its drawings: the same sections as sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lstm_ascii.render.explain import decided, gates, highway, shares, split, unit, where
from lstm_ascii.render.explain.contents import Contents
from lstm_ascii.render.explain.summary import summary
from lstm_ascii.render.figures import counted, number, probability
from lstm_ascii.render.layout import names_of, rows_to_show
from lstm_ascii.render.parts import Part, Power, Prose, Table, Title, Value, capital
from lstm_ascii.reports.explain.passes import Step

Section = Callable[[Contents], Iterator[Part]]
Row = Sequence[Value]

WORD = ("word", "text")  # the columns that name a word
LETTERS = {  # of the equations, as one says them
    "f": "forget gate", "i": "input gate", "o": "output gate", "g": "candidate, absolute values",
    "z": "update gate", "r": "reset gate", "n": "candidate, absolute values", "x": "the word's vector, absolute values",
    "c": "memory, absolute values", "c'": "memory before, absolute values",
    "h": "state, absolute values", "h'": "state before, absolute values",
}  # fmt: skip


def parts(page: Contents) -> Iterator[Part]:
    """Tell the head, then the sections of the page in their order."""
    report = page.report
    shown = rows_to_show(len(report.words), page.limit, ())
    yield Title(" ".join("…" if row is None else report.words[row] for row in shown))
    networks = "; ".join(
        f"{where.named(one)}, {counted(one.hidden_size, 'unit')}, {one.source}" for one in report.networks
    )
    yield Prose(f"{where.counted(report)}. {networks}.")
    for remark in page.remarks():
        yield Prose(f"{capital(remark)}.")
    for view in page.shown_views:
        yield from TOLD[view](page)


def _by_word(page: Contents, name: str, columns: tuple[str, ...], values: Sequence[Row], aloud: bool = True) -> Table:
    """Return a table with a row a word, of the words that are shown."""
    rows = tuple((row + 1, page.report.words[row], *values[row]) for row in _rows(page) if row < len(values))
    return Table(name, (*WORD, *columns), rows, named_by=2, read_out=None if aloud else ())


def _rows(page: Contents) -> list[int]:
    """Return the indices of the words that are shown."""
    return [row for row in page.rows() if row is not None]


def _cell(page: Contents) -> Iterator[Part]:
    """Tell the values of the cell at one word."""
    report, main = page.report, page.report.main
    word, step = report.words[report.focus - 1], main.steps[report.focus - 1]
    yield Title(f"The cell: the {main.cell} at word {report.focus}, {word}: {report.focus_reason}")
    values = tuple((LETTERS.get(letter, letter), value) for letter, value in main.inside.values.items())
    yield Table(f"cell of the {main.cell}, means over {counted(main.hidden_size, 'unit')}", ("part", "mean"), values)
    amounts = (("written", step.written), ("wiped", step.wiped))
    known = tuple((name, value) for name, value in amounts if value is not None)
    yield Table(f"amounts at word {report.focus}, sums over units", ("amount", "sum"), known)
    if main.special:
        yield Prose(where.beyond_the_drawing(main))


def _gates(page: Contents) -> Iterator[Part]:
    """Tell the gates, and what the memory holds."""
    main, names = page.report.main, names_of(page.report.words)
    yield Title(f"Word by word: the {main.cell}")
    if main.steps[0].gates is None:
        moves = [(step.written, step.state_size) for step in main.steps]
        yield _by_word(page, f"steps of the {main.cell}", ("moved the state by", "size of the state"), moves)
    else:
        columns = ("keeps", "adds", gates.RECALLS[main.cell], "in words", "wrote", "wiped", "holds")
        yield _by_word(page, f"gates of the {main.cell}", columns, [_gates_row(step, names) for step in main.steps])
        yield Prose(f"Means over {counted(main.hidden_size, 'unit')}; wrote and wiped: sums. {gates.thresholds()}")
    yield Prose(gates.closing(main, names))


def _gates_row(step: Step, names: Sequence[str]) -> Row:
    """Return one word's figures."""
    if step.gates is None or step.holds is None:
        return (None, None, None, None, step.written, step.wiped, None)
    gate, (keeps, _, adds) = step.gates, gates.reading(step.gates).partition(" / ")
    holds = gates.holding(names, step.holds).plain
    return (gate.keeps, gate.adds, gate.shows, f"{keeps} kept, {adds} added", step.written, step.wiped, holds)


def _shares(page: Contents) -> Iterator[Part]:
    """Tell who wrote the memory: the map for other programs, what is to be seen for listeners."""
    main, words = page.report.main, page.report.words
    yield Title(f"Who wrote the memory: what the {main.cell} holds after each word")
    rows = tuple(
        (step.number, step.word, share.word, words[share.word - 1], share.share)
        for step in (main.steps[row] for row in _rows(page))
        for share in (step.holds.words if step.holds else ())
    )
    if rows:
        columns = (*WORD, "written by", "writer", "share")
        yield Table(f"shares of the memory of the {main.cell}", columns, rows, named_by=2, read_out=())
    yield Prose(shares.closing(main))


def _memory(page: Contents) -> Iterator[Part]:
    """Tell the memory: all of it for other programs, its largest value for listeners."""
    main, words = page.report.main, page.report.words
    yield Title(f"The memory of the {main.cell}, unit by unit")
    columns = tuple(f"unit {index}" for index in range(len(main.memory[0])))
    yield _by_word(page, f"memory of the {main.cell}", columns, main.memory, aloud=False)
    largest, row, index = max(
        ((value, row, index) for row in _rows(page) for index, value in enumerate(main.memory[row])),
        key=lambda found: abs(found[0]),
    )
    yield Prose(f"The largest value is {number(largest)}, of unit {index} after word {row + 1}, {words[row]}.")


def _next(page: Contents) -> Iterator[Part]:
    """Tell what each network expects after each word."""
    networks = page.report.networks
    yield Title("What comes next: the likeliest words after each word, with probabilities")
    if networks[0].no_choice:
        yield Prose(where.left_out(networks[0]))
        return
    expected = [
        [
            ", ".join(f"{one.word} {probability(one.probability)}" for one in decided.expected(step))
            for step in one.steps
        ]
        for one in networks
    ]
    columns = tuple(f"{network.cell} expects" for network in networks)
    yield _by_word(page, "likeliest next words", columns, list(zip(*expected, strict=True)))
    if said := page.classes():
        yield Prose(said)


def _decided(page: Contents) -> Iterator[Part]:
    """Tell what each network prefers, and which word decided it."""
    networks, words = page.report.networks, page.report.words
    if networks[0].no_choice:
        yield Title("Who decided")
        yield Prose(where.left_out(networks[0]))
        return
    choice = networks[0].asked
    yield Title(f"Who decided: after word {choice.after}, {words[choice.after - 1]}, {choice.right} or {choice.wrong}?")
    if why := decided.WHY.get(choice.kind):
        yield Prose(why)
    columns = ("network", f"probability of {choice.right}", f"of {choice.wrong}", "log-odds", "prefers")
    yield Table("choice", columns, tuple(
        (one.cell, one.asked.probability_right, one.asked.probability_wrong, one.asked.log_odds,
         decided.preferred(one) or "neither")
        for one in networks
    ))  # fmt: skip
    swaps = tuple(
        (swap.word, words[swap.word - 1], network.cell, decided.becomes(swap), swap.change,
         "turns" if swap.turns else "stays")
        for network in networks for swap in network.swaps
    )  # fmt: skip
    if swaps:
        yield Prose(decided.method(networks))
        shown = {row + 1 for row in decided.rows(networks)}
        read = [place for place, swap in enumerate(swaps) if swap[0] in shown]
        heads = (*WORD, "network", "becomes", "log-odds move by", "choice")
        yield Table("swaps", heads, swaps, named_by=3, read_out=read)
    said = " ".join(filter(None, (decided.strongest_swap(network, names_of(words)) for network in networks)))
    if said:
        yield Prose(said)


def _unit(page: Contents) -> Iterator[Part]:
    """Follow one unit."""
    main, words = page.report.main, page.report.words
    if main.unit is None:
        yield Title(f"One unit: {where.no_unit(main)}")
        return
    yield Title(f"One unit: unit {main.unit.index} of the {main.cell}")
    columns: tuple[str, ...] = ("keeps", "adds", "shows", "so it is", "value")
    rows: list[Row] = [
        (step.keeps, step.adds, step.shows, None if step.keeps is None else unit.reading(step), step.value)
        for step in main.unit.steps
    ]
    if main.carrier and main.carrier.unit == main.unit.index:
        columns += (f"with {main.carrier.to}",)
        rows = [(*row, value) for row, value in zip(rows, main.carrier.values, strict=True)]
    yield _by_word(page, f"unit {main.unit.index} of the {main.cell}", columns, rows)
    if main.unit.steps[0].keeps is not None:
        yield Prose(f"So it is {unit.legend(main, main.unit)}")
    yield Prose(unit.closing(main, main.unit, words))


def _split(page: Contents) -> Iterator[Part]:
    """Split the log-odds over the words that wrote."""
    main = page.report.main
    yield Title(f"The split: {where.odds_about(main)}, in the {main.cell}")
    if main.split is None:
        yield Prose(where.not_split(main))
        return
    yield _by_word(page, f"split of the {main.cell}", ("gives",), [(value,) for value in main.split.words])
    yield Table("sum of the split", ("part", "gives"), tuple(split.parts(main.split)))
    yield Prose(split.CLOSING)


def _highway(page: Contents) -> Iterator[Part]:
    """Tell how far the error travels back."""
    report, main = page.report, page.report.main
    yield Title(f"The gradient highway: {where.error_about(report, report.words[main.loss_after - 1])}")
    measured = [(network, *measure) for network in report.networks for measure in highway.measures(network)]
    columns = tuple(f"{network.cell} {name}" for network, name, _ in measured)
    rows = [
        [Power(getattr(network.steps[row].gradient, field)) for network, _, field in measured]
        for row in range(main.loss_after if main.choice else len(report.words))
    ]
    yield _by_word(page, "gradient highway", columns, rows)
    units = ", ".join(
        f"{one.carousel_unit} in the {one.cell}"
        for one in report.networks
        if one.carousel_unit is not None and one.steps[0].gates is not None
    )
    yield Prose(" ".join(filter(None, (
        f"Below {highway.VANISHED_AS_TEXT} it has vanished.",
        highway.carousel_of(report.networks, f"unit {units}"),
        highway.paths_within(report.networks),
        highway.closing(report.networks, report.deciding_word or where.ends(main)[0], names_of(report.words)),
    ))))  # fmt: skip


def _words(page: Contents) -> Iterator[Part]:
    """Close with what was seen, in words."""
    yield Title("In words")
    yield Prose(summary(page.report))


TOLD: dict[str, Section] = {
    "cell": _cell,
    "gates": _gates,
    "shares": _shares,
    "memory": _memory,
    "next": _next,
    "decided": _decided,
    "unit": _unit,
    "split": _split,
    "highway": _highway,
    "words": _words,
}
