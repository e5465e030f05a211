"""A text painted by one unit: coloured, with its sign and size as a track below, wrapped like a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from math import isfinite

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.language.characters import BLANK, LINE_ENDS
from lstm_ascii.render.figures import counted, fit, number, percent
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.interlinear import Track, interlinear
from lstm_ascii.render.layout import HOME
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note
from lstm_ascii.render.theme import STYLES
from lstm_ascii.reports.explain.painted import FEWEST_PLACES, FEWEST_TO_TELL, Painted
from lstm_ascii.reports.paint import PaintReport
from lstm_ascii.thresholds import CLOSED, OPEN

TITLE = "The text painted"
NOTHING, UNKNOWN = "·", "?"  # of a value that is hardly any, and of one that is no number
LINE_END = "¶"
LONGEST = 24  # cells of a word
CONTEXT = (20, 100)  # the fewest and the most cells of a place with what is around it
FAINT, STRONG = 0.1, 0.5  # shares of the largest value from which on a word has the hue, and is filled with it
READ_OUT, ALL_READ = 8, 40  # words that are read out of a longer text, and of how many all are
LEFT = 5  # cells before a line of characters, with a label of two in them


def paint_page(report: PaintReport) -> Page:
    """Return the page of a painted text."""
    where = f", {report.where}".removesuffix(", ")
    units = counted(report.hidden_size, "unit")
    facts = f"{counted(len(report.painted.words), unit_of_text(report))} · {units} · {report.source}"
    head = Head([Text.assemble((f"painted by {title_of(report)}{where}", "word")), Text(facts, "note")])
    return Page(head, (paint_section(report),))


def title_of(report: PaintReport) -> str:
    """Name what paints: ``unit 7 of the LSTM, cell state c``."""
    return f"unit {report.painted.unit} of the {report.cell}, {what_of(report.painted)}"


def what_of(painted: Painted) -> str:
    """Name what of a unit is painted: ``cell state c``, ``forget gate f``."""
    kind = "" if painted.name == "candidate" else " gate" if painted.is_gate else " state"
    return f"{painted.name}{kind} {painted.letter}"


def written_out(report: PaintReport, first: int = 0, end: int | None = None) -> str:
    """Return some of the words as a text."""
    words = report.painted.words[first:end]
    return "".join(map(shown_character, words)) if report.painted.characters else " ".join(words)


def unit_of_text(report: PaintReport) -> str:
    """Return what a text is made of: ``word`` or ``character``."""
    return "character" if report.painted.characters else "word"


def paint_section(report: PaintReport) -> Section:
    """Return the picture, what the unit follows, and the places that are alike."""
    return Section(TITLE, title_of(report), (*picture_of(report), Paragraph(follows_sentence(report)),
                   *_followed(report), *_alike(report)))  # fmt: skip


def picture_of(report: PaintReport) -> tuple[Block, ...]:
    """Return the painted text and its legend."""
    drawing = Drawing(partial(painted_lines, report, (), 1), lambda: (_values(report),),
                      (f"The text: {written_out(report)}",))  # fmt: skip
    return drawing, note(legend_of(report.painted))


def painted_lines(report: PaintReport, more: Sequence[Track], least: int, width: int) -> Iterator[Text]:
    """Draw a text with the sign and the size of the unit's value below it.

    Args:
        report: of the unit.
        more: tracks below those of the unit.
        least: cells of the narrowest word; characters have those that they have.
        width: of the window.
    """
    painted, words = report.painted, report.painted.words
    marks = dict(enumerate(style_of(painted, row) for row in range(len(words))))
    tracks = [*tracks_of(painted, words), *more]
    if report.painted.characters:
        yield from _spelled(words, marks, tracks, width)
    else:
        yield from interlinear(words, tracks, range(len(words)), width, least, marks, most=LONGEST)


def style_of(painted: Painted, row: int) -> str:
    """Return the style of a word: its hue is the gate's or the sign's, and it is filled where the value is large."""
    share, hue = _share(painted, row), STYLES.get(f"gate.{painted.name}", "")
    if not painted.is_gate:
        hue = STYLES["negative" if painted.values[row] < 0 else "positive"]
    faint, strong = (CLOSED, OPEN) if painted.is_gate else (FAINT, STRONG)
    return f"reverse {hue or 'default'}" if share >= strong else hue if share >= faint else ""


def _share(painted: Painted, row: int) -> float:
    """Return how large a value is: of 1 for a gate, else of the largest in the text; nothing of what is no number."""
    value = painted.values[row]
    return abs(value) / painted.full if isfinite(value) else 0.0


def tracks_of(painted: Painted, words: Sequence[str]) -> tuple[Track, ...]:
    """Return what stands below a text: a line for values above 0, one for those below; of a gate one line."""

    def draw(of_negative: bool, row: int, size: int) -> Text:
        value = painted.values[row]
        if (value < 0) != of_negative:
            return Text("")
        room = min(size, max(1, cell_len(words[row])))
        return Text(_level(painted, row) * room, style_of(painted, row).removeprefix("reverse "))

    if painted.is_gate:
        return (Track(f"{painted.letter} ", partial(draw, False)),)
    return Track(f"{painted.letter}+", partial(draw, False)), Track(f"{painted.letter}−", partial(draw, True))


def _level(painted: Painted, row: int) -> str:
    """Return the glyph for the size of a value."""
    if not isfinite(painted.values[row]):
        return UNKNOWN
    return level_glyph(_share(painted, row))


def level_glyph(share: float) -> str:
    """Return a glyph whose height is a share, in eighths."""
    eighths = round(min(1.0, share) * len(LEVELS))
    return LEVELS[eighths - 1] if eighths else NOTHING


def _spelled(words: Sequence[str], marks: dict[int, str], tracks: Sequence[Track], width: int) -> Iterator[Text]:
    """Draw characters without blanks between them; a line of the text begins a new one."""
    shown = [shown_character(word) for word in words]
    for first, end in pairwise(_line_breaks(words, shown, max(1, width - LEFT))):
        line = Text(" " * LEFT, no_wrap=True)
        for row in range(first, end):
            line.append(shown[row], marks[row] if shown[row].strip() else "")
        line.rstrip()
        yield line
        for track in tracks:
            below = Text.assemble(" ", (fit(track.label, LEFT - 1), track.style), no_wrap=True)
            for row in range(first, end):
                glyph, size = track.draw(row, cell_len(shown[row])), cell_len(shown[row])
                below.append_text(glyph).append(" " * (size - glyph.cell_len))
            below.rstrip()
            if len(below.plain) >= LEFT:
                yield below


def shown_character(character: str) -> str:
    """Return a character as a painted text shows it."""
    return LINE_END if character in LINE_ENDS else character


def told_word(word: str) -> str:
    """Return a word or character as a table has it: a blank that can be seen."""
    return BLANK if word == " " else word


def _line_breaks(words: Sequence[str], shown: Sequence[str], room: int) -> list[int]:
    """Return where lines begin, and the end: after every line end, and where no more fits, rather after a blank."""
    breaks, used, blank = [0], 0, 0
    for place, text in enumerate(shown):
        if used and used + cell_len(text) > room:
            begin = blank if blank > breaks[-1] else place
            breaks.append(begin)
            used = sum(map(cell_len, shown[begin:place]))
        used += cell_len(text)
        if text == " ":
            blank = place + 1
        if words[place] in LINE_ENDS and place + 1 < len(words):
            breaks.append(place + 1)
            used = 0
    return [*breaks, len(words)]


def legend_of(painted: Painted) -> str:
    """Say what the track is."""
    if painted.is_gate:
        return f"{painted.letter}: how far the gate is open, full height 1; filled from {OPEN:g}."
    signs = f"{painted.letter}+ above 0, {painted.letter}− below"
    return f"{signs}; full height {number(painted.full)}; filled from half of it."


def _values(report: PaintReport) -> Table:
    """Tell the value at every word."""
    painted, kind = report.painted, unit_of_text(report)
    pairs = zip(painted.words, painted.values, strict=True)
    rows = tuple((n, told_word(word), value) for n, (word, value) in enumerate(pairs, 1))
    farthest = sorted(range(len(rows)), key=lambda row: -_share(painted, row))[:READ_OUT]
    read_out = None if len(rows) <= ALL_READ else sorted(farthest)
    return Table(title_of(report), (kind, "text", "value"), rows, named_by=2, read_out=read_out)


def follows_sentence(report: PaintReport) -> str:
    """Say what the unit follows, if anything."""
    painted, kind = report.painted, unit_of_text(report)
    if len(report.painted.words) < FEWEST_TO_TELL:
        return (
            f"A text of {counted(len(report.painted.words), kind)} is too short to tell what a unit follows: it takes "
            f"{FEWEST_TO_TELL}."
        )
    if not all(map(isfinite, painted.values)):
        return f"What unit {painted.unit} follows can't be told: some of its values are no numbers."
    best = painted.follows[0] if painted.follows else None
    if best is None:
        return f"Unit {painted.unit} follows nothing here: it is the same all along."
    beyond = max((one for one in painted.follows if one.beyond_chance), key=lambda one: abs(one.correlation),
                 default=None)  # fmt: skip
    if beyond is None:
        chance = "" if best.chance is None else f", and by chance some unit comes to {number(best.chance)}"
        who = f"unit {painted.unit} follows nothing simple" if painted.asked else "no unit follows anything simple"
        return f"Beyond chance {who} here: the most is {best.about}, r = {number(best.correlation)}{chance}."
    return (
        f"Unit {painted.unit} follows {beyond.about}: r = {number(beyond.correlation)}, which is "
        f"{percent(beyond.correlation**2)} of how it varies; by chance the best unit comes to "
        f"{number(beyond.chance or 0.0)}."
    )


def _followed(report: PaintReport) -> Iterator[Block]:
    """List the units that follow something, or what the unit that was asked for follows."""
    painted = report.painted
    found = painted.follows if painted.asked else painted.ranking
    if not found or len(report.painted.words) < FEWEST_TO_TELL:
        return
    labels = [one.about for one in found] if painted.asked else [f"unit {one.unit}" for one in found]
    columns = [
        figure_column("r", [one.correlation for one in found], number),
        figure_column("by chance", [one.chance for one in found], number),
    ]
    if not painted.asked:
        columns.insert(0, Column("follows", [one.about for one in found]))
    marks = ["beyond chance" if one.beyond_chance else None for one in found]
    columns.append(Column("so it is", marks, ("",), lambda _, __: Text("✓"), drawn=lambda width: width >= HOME))
    name = f"what unit {painted.unit} follows" if painted.asked else "units by what they follow"
    yield SPACE
    yield Grid(name, ("feature" if painted.asked else "unit",), labels, columns, split=False)
    yield note("r: correlation with the value. by chance: the most of any unit along a text moved against them.")


def _alike(report: PaintReport) -> Iterator[Block]:
    """List the places that are most like one."""
    painted, kind = report.painted, unit_of_text(report)
    here = f"{kind} {painted.at}, “{told_word(painted.words[painted.at - 1])}”"
    if not painted.alike:
        yield SPACE
        far = f"{kind}s farther than {painted.near} from it"
        yield Paragraph(f"Too short for places like {here}: it takes {FEWEST_PLACES} {far}, not {painted.places}.")
        return
    columns = [
        figure_column("alike", [one.similarity for one in painted.alike], number),
        figure_column("value", [one.value for one in painted.alike], number),
        Column("text", [one.number for one in painted.alike], ("text",), partial(_around, report), elastic=CONTEXT,
               exact=lambda at: _around(report, at, 0).plain),
    ]  # fmt: skip
    yield SPACE
    yield Paragraph(Text.assemble(f"Most like {here}: ", _around(report, painted.at, 0)), hang=3)
    yield Grid(f"places like {kind} {painted.at}", (kind,), [f"{kind} {one.number}" for one in painted.alike],
               columns, split=False)  # fmt: skip
    yield note("alike: the cosine of the whole memory there and here; places that overlap count once.")


def _around(report: PaintReport, at: int, size: int) -> Text:
    """Write a word with those around it: as many as fit into ``size`` cells, 0 for all that belong to its place."""
    near = report.painted.near
    while size and near > 1 and _written_around(report, at, near).cell_len > size:
        near -= 1
    return _written_around(report, at, near)


def _written_around(report: PaintReport, at: int, near: int) -> Text:
    """Write a word with so many on either side of it."""
    words, blank = report.painted.words, "" if report.painted.characters else " "
    first, end = max(0, at - 1 - near), min(len(words), at + near)
    text = Text("… " if first else "")
    for row in range(first, end):
        text.append(shown_character(words[row]), "word" if row == at - 1 else "note")
        text.append(blank if row + 1 < end else "")
    return text.append(" …" if end < len(words) else "")
