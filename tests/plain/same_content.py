"""What stands in a page's drawing and not in its text, and what its text says beyond the drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property

from tests.plain.figures import exact, figures, missing
from tests.plain.pages import Part, Prose, Table, Title, plain, tsv

HEADING = re.compile(r" {1,2}\d+  (?P<title>[A-Z][A-Z0-9’', -]+[A-Z])(?:   (?P<about>.*))?")
GLYPHS = re.compile(r"[─-▟■-◿]")  # boxes, bars, shades and arrow heads
SHADES = re.compile(r"[▀-▟]")
GAP = re.compile(r" {2,}")
# A shade and what it stands for: in a text the figure itself stands in its place.
KEY = re.compile(r"(?:^|[ ;:,])(?:[░▒▓█]{1,2}|[·─═▲▵△▿▽▼]) (?:(?:from|up to) )?\S*\d\S*%?")
# Speaks of the drawing and not of the network. Its figures must be said all the same.
OF_THE_DRAWING = re.compile(
    r"\b(?:bars?|empty is|a full one|full is|one log scale|double line|single: less|broken: below|one column a unit|"
    r"blocks on the log scale|columns?|to the right|in whole percent|upwards|below them|beside (?:it|them|the share))\b"
)
OF_ITS_SCALE = re.compile(r"\b(?:double line|one log scale|empty is|bars? run|a bar is full)\b")  # whole sentences
FULL_BAR = re.compile(r"\b(?:full bar|full is|a full one|a bar is full where all) \S+")
ANSWER = re.compile(r"^ (\d+) ([✓✗]) ([a-z])\) ")  # in the course: of question 1, c is right
LABEL = re.compile(r"question \d+|right|wrong|[a-z] is (?:right|wrong)")  # what stands for marks of the drawing
TICK = re.compile(r"\S+ [┤│](?=[─╮╭╯╰ │]|$)|(?<=[┤│]) *└.*")
STOP = re.compile(r"(?<!\bet al)(?<!\bv)(?<!\bsing)(?<!\.\.)[.?!:;](?:\s+|$)|\s·\s|\s{2,}")
QUOTES = str.maketrans({"’": "'", "‘": "'", **dict.fromkeys('“”‹›"', "")})
SENTENCE = re.compile(r"(?<=[^.][.])\s+(?=[^a-z])")
ARROWS = re.compile("[→←]")  # in a text: what stands for a picture's arrows
DRAWN_AGAIN = ("AT A GLANCE", "SIDE BY SIDE", "MEMORY SPAN")  # of figures that another section has as a table
VERDICT = re.compile(r"^ *[≈✓✗?] (?:it depends|not so|so|open) ")
SHORT = {"emb": "embedding", "dec": "decoder", "idx": "constant", "bf16": "bfloat16"}  # in narrow columns
INTERVAL = re.compile(r"(?<= )95%(?= |$)|\bno pairs\b")  # what heads a column, and stands where there is no figure
MARKS = " │·•✓✗▲▶≈!$"


def normal(text: str) -> str:
    """Return a text in lower case, without quotes and with single blanks."""
    return " ".join(text.translate(QUOTES).replace("–", "-").casefold().split())


def clauses(text: str) -> Iterator[str]:
    """Split a text where a sentence, a list item or a legend's entry ends."""
    for clause in STOP.split(text):
        kept = re.sub(r"^[a-z]\) ", "", normal(clause).strip(MARKS + ".,"))
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
    lines = drawing.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        heading = HEADING.fullmatch(line.rstrip())
        if heading:
            sections.append(Section(heading["title"], [heading["title"]]))
            line = heading["about"] or ""
        line = re.sub(r"^╭─ (.*?) ─+╮$", r"\1", line.rstrip())
        line = re.sub(r"^│ (.*?) *│$", r"\1", line) if not GLYPHS.search(line[1:-1]) else line
        line = ANSWER.sub(r" ", line)
        line = re.sub(r"^( {1,2})\d+  (?=\S+(?: \S+)+$)", r"\1", line)
        after_axis = bool(sections[-1].drawn) and sections[-1].drawn[-1].strip().startswith("└──")
        if line.strip().startswith("└──"):
            sections[-1].drawn.append(line)
            continue
        if after_axis and not re.search(r"[A-Z]", line) and not GLYPHS.search(line):  # the ends of an axis
            sections[-1].drawn.append("")
            continue
        if line.strip() in ("", "lstm-ascii") or re.fullmatch(r"[\s─-╿]+", line):
            continue
        bare = line.strip(MARKS)
        is_prose = not GAP.search(bare) and (not GLYPHS.search(bare) or len(re.findall(r"[a-z]{2,}", bare)) > 5)
        above_tracks = re.match(r" {5}", line) and re.match(r" (error )?\S+ +[▁-█·▲]", below)  # words that head strips
        is_row = (
            above_tracks
            or re.fullmatch(r" +\d+ \S+| *“[^”]*”", line)
            or (len(line) - len(line.lstrip()) > 8 and len(bare.split()) < 4)
        )
        (sections[-1].prose if is_prose and not is_row else sections[-1].drawn).append(line)
    return sections


@dataclass
class Told:
    """What stands in a section of the text: in its words and in its tables."""

    parts: tuple[Part, ...]

    @cached_property
    def tables(self) -> list[Table]:
        return [part for part in self.parts if isinstance(part, Table) and part.rows]

    @cached_property
    def text(self) -> str:
        """All that is said, with the tables as other programs get them."""
        return normal(f"{plain(self.parts)}\n{tsv(self.parts)}")

    @cached_property
    def everything(self) -> set[Decimal]:
        """All numbers."""
        values = {f.value / (100 if f.percent else 1) for f in figures(plain(self.parts))}
        return values.union(self._heads, *(values for _, values in self._rows))

    @cached_property
    def keys(self) -> set[str]:
        """The names of the rows."""
        return {key for keys, _ in self._rows for key in keys}

    def named(self, name: str) -> set[Decimal]:
        """Return the numbers of the rows with this name, of the columns whose heads begin with it, and of all heads."""
        rows = (values for keys, values in self._rows if name in keys)
        columns = (values for head, values in self._columns if head.startswith(name))
        sentences = (part.text for part in self.parts if isinstance(part, Prose) and normal(part.text).startswith(name))
        said = ({figure.value for figure in figures(text)} for text in sentences)
        return self._heads.union(*rows, *columns, *said)

    @cached_property
    def _fields(self) -> list[tuple[Table, list[str], list[list[str]]]]:
        """The tables with their heads and rows, as other programs get them."""
        found = []
        for table in self.tables:
            heads, *rows = (line.split("\t") for line in tsv([table]).splitlines()[1:])
            found.append((table, heads, rows))
        return found

    @cached_property
    def _heads(self) -> set[Decimal]:
        return {figure.value for _, heads, _ in self._fields for head in heads for figure in figures(head)}

    @cached_property
    def _rows(self) -> list[tuple[set[str], set[Decimal]]]:
        return [
            (
                {normal(field) for field in row[: table.named_by]},
                {v for head, field in zip(heads, row, strict=True) for v in exact(field, head.endswith("(log10)"))},
            )
            for table, heads, rows in self._fields
            for row in rows
        ]

    @cached_property
    def _columns(self) -> list[tuple[str, set[Decimal]]]:
        return [
            (normal(head), {v for row in rows for v in exact(row[place], head.endswith("(log10)"))})
            for _, heads, rows in self._fields
            for place, head in enumerate(heads)
        ]


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
    whole = Told(tuple(parts))
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
        if not (part.in_place or ARROWS.search(part.text))
        for clause in clauses(re.sub(r"^[^:=]+: (?=[^:]*=)", "", part.text))  # without the name of an equation
        if not (LABEL.fullmatch(clause) or _stands(clause, drawn))
    ]


def _stands(clause: str, text: str) -> bool:
    """Return whether a clause stands in a text, or all of it that is in brackets and around them."""
    if _places(clause, text):
        return True
    outside = [piece.strip(" ,.") for piece in re.split(r"[()]", clause)]
    listed = [piece.strip(" ,.") for piece in re.split(r"[(),] ", clause)]
    return _all_stand(outside, text) or (
        all(re.match(r"\d|\S+$", item) for item in listed) and _all_stand(listed, text)
    )


def _all_stand(pieces: Sequence[str], text: str) -> bool:
    """Return whether all of several pieces stand in a text; a figure may stand behind its name."""
    return all(
        _places(piece, text) or _places(re.sub(r"^(\S+) (\D+)$", r"\2 \1", piece), text)
        for piece in pieces
        if re.search(r"\w", piece)
    )


def _places(clause: str, text: str) -> list[int]:
    """Return where a clause stands, not inside of longer words."""
    if clause not in text:
        return []
    return [found.start() for found in re.finditer(rf"(?<!\w){re.escape(clause)}(?!\w)", text)]


def _clauses_missing(sections: Sequence[Section], parts: Sequence[Part]) -> Iterator[str]:
    """Return the clauses that the text lacks, then those that stand in another order than in the drawing."""
    told = Told(tuple(parts))
    text = normal(plain(parts))
    placed: list[tuple[str, list[int]]] = []
    for section in sections:
        for line in section.prose:
            for clause, is_of_the_drawing in _clauses_of(line, bool(section.title)):
                places = _places(clause, text)
                if places:
                    placed.append((clause, places))
                elif is_of_the_drawing:
                    absent = missing(figures(FULL_BAR.sub(" ", clause)), told.everything)
                    yield from (f"missing in --plain: {figure.text} of: {clause}" for figure in absent)
                elif not _stands(clause, text):
                    yield f"missing in --plain: {clause}"
    kept = _longest_in_order([places for _, places in placed])
    yield from (f"out of order in --plain: {clause}" for n, (clause, _) in enumerate(placed) if n not in kept)


@cache
def _clauses_of(line: str, has_keys: bool = True) -> list[tuple[str, bool]]:
    """Return the clauses of a drawn line, each with whether it speaks of the drawing; keys of shades are left out."""
    found = []
    for sentence in SENTENCE.split(line):
        if not has_keys or len(KEY.findall(sentence)) < 2:
            of_its_scale = bool(OF_ITS_SCALE.search(normal(sentence)))
            found += [
                (clause, of_its_scale or bool(OF_THE_DRAWING.search(clause) or GLYPHS.search(clause)))
                for clause in clauses(KEY.sub(" ", sentence) if has_keys else sentence)
            ]
    return found


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


def _drawn_missing(section: Section, told: Told, whole: Told) -> Iterator[str]:
    """Return the figures, row names and sentences of tables and pictures that stand neither in text nor table."""
    if section.title in DRAWN_AGAIN:
        told = whole
    if not told.tables and any(SHADES.search(line) for line in section.drawn):
        yield f"no table for what is drawn in: {section.title or 'the head'}"
    for line in section.drawn:
        bare = INTERVAL.sub("", VERDICT.sub("  ", FULL_BAR.sub(" ", KEY.sub(" ", TICK.sub(" ", line)))))
        bare = re.sub(r"[\w]+", lambda word: SHORT.get(word[0], word[0]), bare)
        name = _row_name(bare)
        if name and not (_stands(name, told.text) or all(_places(word, told.text) for word in name.split())):
            yield f"no row named {name!r}: {_short(line)}"
        is_picture = re.search(r"[─-╿]", re.sub(r"(?<=[░█])│(?=[░█])", "", bare))
        values = told.named(name) if name in told.keys else (whole if is_picture else told).everything
        for figure in missing(figures(_without_number(bare)), values):
            yield f"missing figure {figure.text}: {_short(line)}"
        for cell in GAP.split(bare.strip()):
            is_text = len(re.findall(r"[^\W\d_]{2,}", cell)) >= 4 or re.search(r"\w.* = .*[^\W\d]", cell)
            if is_text and not GLYPHS.search(cell) and "×" not in cell:
                for clause in clauses(cell):
                    if not (OF_THE_DRAWING.search(clause) or _stands(clause, whole.text)):
                        yield f"missing text of a cell: {clause}"


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


def unmissed_sentences(drawing: str, parts: Sequence[Part]) -> list[str]:
    """Return the sentences without which the checks above say no more than with them.

    The clauses come first: where one more of them is missing, no fewer of the figures are, and those take long.
    """
    before, surplus = len(not_in_the_text(drawing, parts)), set(not_in_the_drawing(drawing, parts))
    sections, text = sections_of(drawing), normal(plain(parts))
    clauses_before = len(list(_clauses_missing(sections, parts)))
    return [
        f"would not be missed: {part.text}"
        for place, part in enumerate(parts)
        if isinstance(part, Prose)
        and not (part.in_place or ARROWS.search(part.text))
        and not all(of_the_drawing for _, of_the_drawing in _clauses_of(part.text))
        and not all(
            len(_places(clause, text)) > 1 or "=" in clause or " " not in clause for clause in clauses(part.text)
        )  # said twice
        and not surplus.intersection(f"only in --plain: {clause}" for clause in clauses(part.text))
        for others in [(*parts[:place], *parts[place + 1 :])]
        if len(list(_clauses_missing(sections, others))) <= clauses_before
        and len(not_in_the_text(drawing, others)) <= before
    ]


def missed_tables(drawing: str, parts: Sequence[Part]) -> Iterator[tuple[bool, bool]]:
    """Return for each table whether the checks above miss it, and whether they miss one of its rows."""
    before = len(not_in_the_text(drawing, parts))
    for place, table in enumerate(parts):
        if isinstance(table, Table) and table.rows:
            ahead, behind = parts[:place], parts[place + 1 :]
            without = len(not_in_the_text(drawing, [*ahead, *behind])) > before
            rows = {len(table.rows) // 2, len(table.rows) - 1}
            fewer = (replace(table, rows=(*table.rows[:row], *table.rows[row + 1 :]), read_out=None) for row in rows)
            yield without, any(len(not_in_the_text(drawing, [*ahead, less, *behind])) > before for less in fewer)
