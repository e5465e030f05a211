"""The glossary, as the data file has it, and how a term is found in it."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.lessons.toml import read, several
from lstm_ascii.records import dataclass

FILE = Path(__file__).with_name("glossary.toml")
CLOSE = 0.7  # how alike two spellings are that may be meant for the same, from 0 to 1
MOST_NEAR = 5


@dataclass(frozen=True)
class GlossaryTerm:
    """One entry.

    Attributes:
        name: of the term.
        theme: under which it stands.
        symbol: in equations.
        range: of its values.
        text: one sentence.
        see: the command that shows it, without the program's name.
        also: other names.
    """

    name: str
    theme: str
    symbol: str
    range: str
    text: str
    see: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in lower case."""
        return tuple(name.lower() for name in (self.name, *self.also))


@cache
def terms() -> tuple[GlossaryTerm, ...]:
    """Return all terms, in the order of the file.

    Raises:
        FileError: the file isn't as it must be.
    """
    return several(GlossaryTerm, read(FILE).get("term", ()), FILE.name)


def terms_matching(query: str) -> tuple[GlossaryTerm, ...]:
    """Return the terms that a reader may mean: those with the name or a part of it, else with a close spelling.

    Args:
        query: a word or several; empty for all terms.

    Returns:
        The terms, those with exactly that name first.

    Raises:
        UsageError: there is none; near ones are named.
    """
    text = " ".join(query.lower().split())
    matches = [term for term in terms() if any(text in name for name in term.names)] or [
        term for term in terms() if _bare(text) in map(_bare, (*term.names, term.symbol.lower()))
    ]
    return (
        tuple(sorted(matches, key=lambda term: text not in term.names)) or _alike(text, CLOSE) or _refuse(query, text)
    )


def _bare(formula: str) -> str:
    """Return a formula without what people write in different ways: blanks, signs of a product, braces, minus signs."""
    return formula.translate({ord(sign): None for sign in " ·∙⋅*{}"} | {ord("−"): "-"})


def _alike(text: str, least: float) -> tuple[GlossaryTerm, ...]:
    """Return the terms one of whose names, or a word of it, is spelt like ``text``, the likest first."""
    spelt: dict[str, list[GlossaryTerm]] = {}
    for term in terms():
        for name in term.names:
            for part in dict.fromkeys([name, *name.split()]):
                spelt.setdefault(part, []).append(term)
    alike = get_close_matches(text, spelt, n=MOST_NEAR, cutoff=least)
    return tuple(dict.fromkeys(term for part in alike for term in spelt[part]))


def _refuse(query: str, text: str) -> tuple[GlossaryTerm, ...]:
    """Say that there is no such term, and which are near."""
    near = ", ".join(term.name for term in _alike(text, CLOSE / 2)[:MOST_NEAR])
    advice = f"the nearest are {near}" if near else "glossary alone lists all"
    raise UsageError(f"{visible(query)!r} is not in the glossary; {advice}", "word")
