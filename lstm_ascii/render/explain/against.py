"""The page of two sentences, or of one by two networks: what each says, the words aligned, where they part."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.explain.gloss import VALUE, value_cell
from lstm_ascii.render.explain.verdict import answers, asked_about
from lstm_ascii.render.figures import fit, listed, plain
from lstm_ascii.render.interlinear import LONGEST, Track, interlinear
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.reports.explain.against import AgainstReport
from lstm_ascii.reports.explain.report import ExplainReport

APART = 0.5  # from this difference on, values of a unit are told apart
NONE = "–"


def against_page(report: AgainstReport, limit: int | None = None) -> Page:
    """Return the page.

    Args:
        report: to draw.
        limit: the most words to show in a table; ``None`` for all.
    """
    contexts = Context(report.first, limit), Context(report.second, limit)
    return Page(_head(report), (
        Section("The verdict", "of the first and of the second", tuple(_verdicts(contexts))),
        Section("Side by side", _followed(report), (Drawing(partial(_lines, report), lambda: (_table(report),)),)),
        Section("Where they part", "", (Paragraph(" ".join(closing(report))),)),
    ), close=1)  # fmt: skip


def _head(report: AgainstReport) -> Head:
    """Return the box with both sentences, or with the sentence and both networks."""
    if report.same_networks:
        return Head([Text(report.first.sentence, "word"), Text(f"against: {report.second.sentence}", "word")])
    sources = [one.main.source for one in (report.first, report.second)]
    return Head([Text(report.first.sentence, "word"), Text(f"{sources[0]} against {sources[1]}", "note")])


def _verdicts(contexts: tuple[Context, Context]) -> Iterator[Block]:
    """Yield what the networks say of each."""
    for place, (name, context) in enumerate(zip(("First", "Second"), contexts, strict=True)):
        if place:
            yield SPACE
        if context.main.choice is None:
            yield Paragraph(f"{name}: {context.main.no_choice}.")
            continue
        yield Paragraph(f"{name}, {asked_about(context)}")
        yield answers(context, f"verdict of the {name.lower()}")
        yield from map(note, context.remarks())


def _followed(report: AgainstReport) -> str:
    """Say which units are followed."""
    one, other = report.units
    if one is None and other is None:
        return "the words"
    cell = report.first.main.cell
    if report.same_networks and one is not None:
        return f"unit {one.unit} of the {cell}"
    units = [f"unit {unit.unit} of the {where}" for unit, where in ((one, "first"), (other, "second")) if unit]
    return listed(units)


def _word(report: ExplainReport, number: int | None) -> str:
    """Return a word of a sentence, if it has one there."""
    return NONE if number is None else report.words[number - 1]


def _lines(report: AgainstReport, width: int) -> Iterator[Text]:
    """Draw the words of both, and below each sentence's its unit's values."""
    first = [_word(report.first, one) for one, _ in report.pairs]
    second = [_word(report.second, other) for _, other in report.pairs]
    widest = [max(one, other, key=len) for one, other in zip(first, second, strict=True)]

    def differs(place: int) -> bool:
        return first[place].lower() != second[place].lower()

    def words(texts: list[str], place: int, size: int) -> Text:
        return Text(fit(texts[place], min(size, LONGEST)).rstrip(), "focus" if differs(place) else "word")

    def value(which: int, place: int, _size: int) -> Text:
        unit, number = report.units[which], report.pairs[place][which]
        return Text("") if unit is None or number is None else value_cell(unit.values[number - 1])

    tracks = [
        track
        for which, (name, texts) in enumerate((("first", first), ("second", second)))
        for track in (Track(name, partial(words, texts)), Track("value", partial(value, which)))
    ]
    yield from interlinear(widest, tracks, range(len(report.pairs)), width, VALUE, heads=False)


def _table(report: AgainstReport) -> Table:
    """Tell the aligned words with the values."""
    rows = tuple(
        (place + 1, _word(report.first, one), _word(report.second, other),
         *(None if unit is None or number is None else unit.values[number - 1]
           for unit, number in zip(report.units, (one, other), strict=True)))
        for place, (one, other) in enumerate(report.pairs)
    )  # fmt: skip
    return Table("aligned words", ("place", "first", "second", "value in the first", "value in the second"), rows)


def closing(report: AgainstReport) -> Iterator[str]:
    """Say where the words, the choices and the memory part."""
    if report.parts_at is None:
        yield "The words are the same." if report.same_networks else "The words are the same, the networks are not."
    else:
        one, other = report.pairs[report.parts_at]
        words = [_word(report.first, one), _word(report.second, other)]
        yield f"The words part at place {report.parts_at + 1}: “{words[0]}” against “{words[1]}”."
    yield from _choices(report)
    yield from _memory(report)


def _choices(report: AgainstReport) -> Iterator[str]:
    """Say which networks choose otherwise."""
    of_second = {other.cell: other for other in report.second.networks if other.choice}
    both = [(one, of_second[one.cell]) for one in report.first.networks if one.choice and one.cell in of_second]
    parted: dict[tuple[str, str], list[str]] = {}
    for one, other in both:
        if one.verdict.says != other.verdict.says:
            parted.setdefault((one.verdict.says, other.verdict.says), []).append(f"the {one.cell}")
    if parted:
        says = [
            f"{listed(cells)} {'says' if len(cells) == 1 else 'say'} {_quoted(words[0])} against {_quoted(words[1])}"
            for words, cells in parted.items()
        ]
        yield f"The choice: {listed(says)}."
    elif both:
        yield "The choice is the same." if len(both) == 1 else "The choices are the same."


def _quoted(word: str) -> str:
    """Quote what a network says; of two words that are as likely neither."""
    return f"“{word}”" if word else "neither"


def _memory(report: AgainstReport) -> Iterator[str]:
    """Say where the values of the followed units part, and how far apart they are where the choice is made."""
    one, other = report.units
    if one is None or other is None:
        return
    values = [(one.values[a - 1], other.values[b - 1], place) for place, (a, b) in enumerate(report.pairs)
              if a is not None and b is not None]  # fmt: skip
    apart = next((place for a, b, place in values if abs(a - b) >= APART), None)
    at = [unit.values[made.main.loss_after - 1] for unit, made in ((one, report.first), (other, report.second))]
    begins = "Nowhere" if apart is None else f"From place {apart + 1} on"
    are = "are the values" if apart is None else "the values are"
    yield f"{begins} {are} {APART} or more apart; where the choice is made they are {plain(at[0])} and {plain(at[1])}."
