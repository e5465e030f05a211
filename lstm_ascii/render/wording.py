"""Pages about a series say step and name where those about a sentence say word and text.

The exchange is made after the layout: a step has as many letters as a word, so nothing moves. What the reader named
stays as it is written: columns, steps, labels and files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.text import Text

from lstm_ascii.render.figures import counted
from lstm_ascii.render.parts import Part, Prose, Table, Title

NAMED = 8  # features in the head of a page
_STEPS = {"word": "step", "text": "name"}


def series_title(features: Sequence[str], steps: int, first: str, last: str) -> Text:
    """Name a series by its features, and by its first and last step."""
    some = ", ".join(features[:NAMED]) + (", …" if len(features) > NAMED else "")
    span = f"{counted(steps, 'step')}, “{first}” to “{last}”"
    return Text.assemble((some, "word"), f" · {span}" if some else span)


class Wording:
    """Says step for word."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names that the reader gave."""
        kept = sorted({name for name in names if "word" in name.lower()}, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, kept), r"(?P<word>\bword(?=s?\b))"]), re.IGNORECASE)

    def line(self, line: Text) -> Text:
        """Return a drawn line, as wide as it was."""
        said = self.text(line.plain)
        if said != line.plain:
            line.plain = said
        return line

    def text(self, text: str) -> str:
        """Return a text of the same length."""
        return self._pattern.sub(_exchanged, text)

    def part(self, part: Part) -> Part:
        """Return a part that is told."""
        if isinstance(part, Title):
            return Title(self.text(part.text))
        if isinstance(part, Prose):
            return part if part.command else replace(part, text=self.text(part.text))
        return self._table(part)

    def _table(self, table: Table) -> Table:
        """Return a table with its heads and its texts exchanged."""
        rows = tuple(tuple(self.text(one) if isinstance(one, str) else one for one in row) for row in table.rows)
        columns = tuple(_STEPS.get(name, self.text(name)) for name in table.columns)
        return replace(table, name=self.text(table.name), columns=columns, rows=rows)


def _exchanged(match: re.Match[str]) -> str:
    """Return a name as it is, and a step for a word, in letters as large."""
    found = match["word"]
    if not found:
        return match[0]
    return "STEP" if found.isupper() else "Step" if found[0].isupper() else "step"
