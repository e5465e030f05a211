"""What stands in a page's drawing and not in its text, and what its text says beyond the drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.plain.figures import exact, figures, missing
from tests.plain.pages import Part, Prose, Table, Title, plain, tsv

HEADING = re.compile(r" {1,2}\d+  (?P<title>[A-Z][A-Z’' -]+[A-Z])(?:   (?P<about>.*))?")
GLYPHS = re.compile(r"[─-▟■-◿]")  # boxes, bars, shades and arrow heads
SHADES = re.compile(r"[▀-▟]")
GAP = re.compile(r" {2,}")
# A shade and what it stands for: in a text the figure itself stands in its place.
KEY = re.compile(r"(?:^|[ ;:,])(?:[░▒▓█]{1,2}|[·─═▲]) (?:(?:from|up to) )?\S*\d\S*%?")
# Speaks of the drawing and not of the network. Its figures must be said all the same.
OF_THE_DRAWING = re.compile(
    r"\b(?:bars?|empty is|a full one|full is|one log scale|double line|single: less|broken: below|one column a unit|"
    r"blocks on the log scale|columns?|to the right|upwards|below them|beside (?:it|them|the share))\b"
)
TICK = re.compile(r"\S+ [┤│](?=[─╮╭╯╰ │]|$)|(?<=[┤│]) *└.*")
STOP = re.compile(r"(?<!\bet al)(?<!\bv)(?<!\.\.)[.?!:;](?:\s+|$)|\s·\s|\s{2,}")
QUOTES = str.maketrans({"’": "'", "‘": "'", **dict.fromkeys("“”‹›\"", "")})
MARKS = " │·•✓✗▲▶≈!"


def normal(text: str) -> str:
    """Return a text in lower case, without quotes and with single blanks."""
    return " ".join(text.translate(QUOTES).casefold().split())


def clauses(text: str) -> Iterator[str]:
    """Split a text where a sentence, a list item or a legend's entry ends."""
    for clause in STOP.split(text):
        kept = normal(clause).strip(MARKS + ".,")
        if re.search(r"[^\W\d_]{2}|[^\W\d_]+.*\d", kept):
            yield kept


@dataclass
class Section:
    """A section of a drawing.

    Attributes:
        title: as it is drawn; empty for the head of the page.
        prose: the lines that are sentences.
        drawn: the lines that are a table or a picture.
    """

    title: str = ""
    prose: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)


def sections_of(drawing: str) -> list[Section]:
    """Take a drawing apart, of which every paragraph is one line."""
    sections = [Section()]
    for line in drawing.splitlines():
        heading = HEADING.fullmatch(line.rstrip())
        if heading:
            sections.append(Section(heading["title"], [heading["title"]]))
            line = heading["about"] or ""
        line = re.sub(r"^╭─ (.*?) ─+╮$", r"\1", line.rstrip())
        line = re.sub(r"^│ (.*?) *│$", r"\1", line) if not GLYPHS.search(line[1:-1]) else line
        if line.strip() in ("", "lstm-ascii") or re.fullmatch(r"[\s─-╿]+", line):
            continue
        bare = line.strip(MARKS)
        is_prose = not GAP.search(bare) and (not GLYPHS.search(bare) or len(re.findall(r"[a-z]{2,}", bare)) > 5)
        (sections[-1].prose if is_prose else sections[-1].drawn).append(line)
    return sections


@dataclass(frozen=True)
class Told:
    """What stands in a section of the text: in its words and in its tables."""

    parts: tuple[Part, ...]

    @property
    def tables(self) -> list[Table]:
        return [part for part in self.parts if isinstance(part, Table) and part.rows]

    def values(self, name: str = "") -> set[Decimal]:
        """Return all numbers, or those of the rows with this name and of the heads."""
        values = {f.value / (100 if f.percent else 1) for f in figures(plain(self.parts))} if not name else set()
        for table in self.tables:
            heads, *rows = (line.split("\t") for line in tsv([table]).splitlines()[1:])
            for row in rows:
                if not name or name in [normal(cell) for cell in row[: table.named_by]]:
                    for head, cell in zip(heads, row, strict=True):
                        values.update(exact(cell, head.endswith("(log10)")))
            values.update(f.value for head in heads for f in figures(head))
        return values


def told_for(sections: Sequence[Section], parts: Sequence[Part]) -> list[Told]:
    """Return the section of the text that belongs to each section of the drawing; all of the text where none does."""
    told: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Title):
            told.append([])
        told[-1].append(part)
    titled = {normal(f"{run[0].text}"): Told(tuple(run)) for run in told if run and isinstance(run[0], Title)}
    whole = Told(tuple(parts))
    return [
        next((run for title, run in titled.items() if s.title and title.startswith(normal(s.title))), whole)
        for s in sections
    ]


def not_in_the_text(drawing: str, parts: Sequence[Part]) -> list[str]:
    """Return what the drawing shows and the text doesn't say, or says in another order."""
    sections = sections_of(drawing)
    found = [*_clauses_missing(sections, parts)]
    whole = normal(f"{plain(parts)}\n{tsv(parts)}")
    for section, told in zip(sections, told_for(sections, parts), strict=True):
        found += _drawn_missing(section, told, whole)
    return found


def not_in_the_drawing(drawing: str, parts: Sequence[Part]) -> list[str]:
    """Return the sentences of the text that the drawing doesn't show."""
    drawn = normal(" ".join(line for s in sections_of(drawing) for line in (*s.prose, *s.drawn)))
    return [
        f"only in --plain: {clause}"
        for part in parts
        if isinstance(part, Prose)
        for clause in clauses(part.text)
        if not any(arrow in clause for arrow in "→←")  # stands for the arrows of a picture
        and not _stands(clause, drawn)
    ]


def _stands(clause: str, text: str) -> bool:
    """Return whether a clause stands in a text, or all of it that is in brackets and around them."""
    pieces = [piece.strip(" ,.") for piece in re.split(r"[()]", clause)]
    return bool(_places(clause, text)) or (
        len(pieces) > 1 and all(_places(piece, text) for piece in pieces if re.search(r"\w", piece))
    )


def _places(clause: str, text: str) -> list[int]:
    """Return where a clause stands, not inside of longer words."""
    return [found.start() for found in re.finditer(rf"(?<!\w){re.escape(clause)}(?!\w)", text)]


def _clauses_missing(sections: Sequence[Section], parts: Sequence[Part]) -> Iterator[str]:
    """Return the clauses that the text lacks, then those that stand in another order than in the drawing."""
    text = normal(plain(parts))
    placed: list[tuple[str, list[int]]] = []
    for section in sections:
        for line in section.prose:
            for clause in clauses(KEY.sub(" ", line)):
                places = _places(clause, text)
                if places:
                    placed.append((clause, places))
                elif OF_THE_DRAWING.search(clause) or GLYPHS.search(clause):
                    absent = missing(figures(clause), Told(tuple(parts)).values())
                    yield from (f"missing in --plain: {figure.text} of: {clause}" for figure in absent)
                elif not _stands(clause, text):
                    yield f"missing in --plain: {clause}"
    kept = _longest_in_order([places for _, places in placed])
    yield from (f"out of order in --plain: {clause}" for n, (clause, _) in enumerate(placed) if n not in kept)


def _longest_in_order(places: Sequence[Sequence[int]]) -> set[int]:
    """Return the indices of the most items that stand one after the other (Hunt and Szymanski 1977)."""
    tails: list[tuple[int, int, int]] = []  # for each length: the place, the item, and the index of its chain
    chains: list[tuple[int, int]] = []  # an item, and the chain that it lengthens
    for item, options in enumerate(places):
        for place in sorted(options, reverse=True):
            length = next((n for n, tail in enumerate(tails) if tail[0] >= place), len(tails))
            chains.append((item, tails[length - 1][2] if length else -1))
            tails[length : length + 1] = [(place, item, len(chains) - 1)]
    kept, chain = set(), tails[-1][2] if tails else -1
    while chain >= 0:
        item, chain = chains[chain]
        kept.add(item)
    return kept


def _drawn_missing(section: Section, told: Told, whole: str) -> Iterator[str]:
    """Return the figures, row names and sentences of tables and pictures that stand neither in text nor table."""
    everything = told.values()
    here = normal(f"{plain(told.parts)}\n{tsv(told.parts)}")
    keys = {normal(cell) for name in told.tables for cell in _names(name)}
    if not told.tables and any(SHADES.search(line) for line in section.drawn):
        yield f"no table for what is drawn in: {section.title or 'the head'}"
    for line in section.drawn:
        bare = KEY.sub(" ", TICK.sub(" ", line))
        name = _row_name(bare)
        if name and not _stands(name, here):
            yield f"no row named {name!r}: {_short(line)}"
        values = told.values(name) if name in keys else everything
        for figure in missing(figures(_without_number(bare)), values):
            yield f"missing figure {figure.text}: {_short(line)}"
        for cell in GAP.split(bare.strip()):
            if not GLYPHS.search(cell) and len(re.findall(r"[^\W\d_]{2,}", cell)) >= 4:
                for clause in clauses(cell):
                    if not (OF_THE_DRAWING.search(clause) or _stands(clause, whole)):
                        yield f"missing text of a cell: {clause}"


def _names(table: Table) -> Iterator[str]:
    """Return the fields that name the rows of a table."""
    for line in tsv([table]).splitlines()[2:]:
        yield from line.split("\t")[: table.named_by]


def _without_number(line: str) -> str:
    """Leave out the number of a word in front of it."""
    return re.sub(r"^( {1,8})\d+ (?=[^\d\s])", r"\1", line)


def _row_name(line: str) -> str:
    """Return the words with which a line of a table begins; nothing for heads and pictures."""
    line = re.sub(r"(?<=[░█])│(?=[░█])|^ *[├└]─", " ", line)
    indent = len(line) - len(line.lstrip())
    if re.search(r"[─-╿]", line) or indent > 8 or "#" in line.split()[:1]:
        return ""
    if not (SHADES.search(line) or list(figures(_without_number(line)))):
        return ""
    first = GAP.split(_without_number(line).strip(MARKS + "+="))[0]
    words = SHADES.split(first)[0].rstrip("… ")
    return normal(words).rstrip(".") if re.search(r"[^\W\d_]", words) else ""


def _short(line: str) -> str:
    """Return a line with its runs of glyphs and blanks cut short."""
    return re.sub(r"(.)\1{3,}", lambda run: run[1] * 3, line.strip())[:150]


def unnoticed(drawing: str, parts: Sequence[Part]) -> Iterator[str]:
    """Return the parts and rows without which the checks above would say no more than with them."""
    before, said = len(not_in_the_text(drawing, parts)), not_in_the_drawing(drawing, parts)
    for place, part in enumerate(parts):
        if isinstance(part, Title):
            continue
        others = [*parts[:place], *parts[place + 1 :]]
        if isinstance(part, Prose):
            surplus = {f"only in --plain: {clause}" for clause in clauses(part.text)} & set(said)
            is_arrow = any(arrow in part.text for arrow in "→←")
            if not (surplus or is_arrow) and len(not_in_the_text(drawing, others)) <= before:
                yield f"would not be missed: {part.text[:120]}"
        elif part.rows:
            if len(not_in_the_text(drawing, others)) <= before:
                yield f"would not be missed: the table {part.name!r}"
            elif part.read_out is None and not any(_row_missed(drawing, parts, place, before)):
                yield f"would not be missed: any row of the table {part.name!r}"


def _row_missed(drawing: str, parts: Sequence[Part], place: int, before: int) -> Iterator[bool]:
    """Return, for some rows of a table, whether the checks miss them."""
    table = parts[place]
    assert isinstance(table, Table)
    for row in sorted({0, 1, len(table.rows) // 2, len(table.rows) - 1} & set(range(len(table.rows)))):
        rows = (*table.rows[:row], *table.rows[row + 1 :])
        less = Table(table.name, table.columns, rows, table.named_by)
        yield len(not_in_the_text(drawing, [*parts[:place], less, *parts[place + 1 :]])) > before
