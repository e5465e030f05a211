"""The base class of all reports that the public functions return: drawn, as sentences, as plain data or as arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import asdict
from io import StringIO
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.theme import Theme

from lstm_ascii.render.documents import lines_of, to_fragment, to_text
from lstm_ascii.render.parts import Plain, Power, Table, Tellable
from lstm_ascii.render.theme import STYLES
from lstm_ascii.reports.as_json import finite, to_json

NOTEBOOK_WIDTH, TEXT_WIDTH = 100, 80


class Drawn(ABC):
    """A report that draws itself: with ``print`` and ``rich.print``, and in a notebook, on light and on dark pages."""

    @abstractmethod
    def page(self) -> Tellable:
        """Return the page that the command of its name prints."""

    def report(self) -> Any:
        """Return the frozen dataclass of plain numbers behind the page."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, in full precision; numbers that aren't finite are ``None``."""
        data: dict[str, Any] = finite(asdict(self.report()))
        return data

    def to_json(self) -> str:
        """Return the report as JSON, as ``--json`` prints it."""
        return to_json(self.report())

    def plain(self, width: int = TEXT_WIDTH) -> str:
        """Return the page as sentences, as ``--plain`` prints it."""
        return to_text(lines_of(Plain(self.page()), _console(width, None)))

    def arrays(self) -> dict[str, Any]:
        """Return the columns of the page's tables as NumPy arrays by name: ``"table/column"``.

        Sizes that may be beyond the range of floating-point numbers are given as log10, and their names say so.
        """
        import numpy as np

        found: dict[str, Any] = {}
        for part in self.page().parts():
            if isinstance(part, Table):
                for place, name in enumerate(part.columns):
                    values = [row[place] for row in part.rows]
                    ending = " (log10)" if any(isinstance(value, Power) for value in values) else ""
                    found[f"{part.name}/{name}{ending}"] = np.array(list(_plain(values)))
        return found

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page with the styles of the command line."""
        with console.use_theme(Theme(STYLES)):
            yield from console.render(self.page(), options)

    def __str__(self) -> str:
        """Return the page as text."""
        return to_text(lines_of(self.page(), _console(TEXT_WIDTH, None)))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Draw the page for a notebook, as text and as HTML that is readable on light and dark backgrounds."""
        del include, exclude  # a notebook selects from both forms itself
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        """Draw the page for a notebook."""
        return to_fragment(lines_of(self, _console(NOTEBOOK_WIDTH, "truecolor")))


def _console(width: int, colors: Any) -> Console:
    """Return a console that ignores the environment."""
    return Console(file=StringIO(), width=width, color_system=colors, force_terminal=colors is not None,
                   force_jupyter=False, highlight=False, markup=False, emoji=False, _environ={})  # fmt: skip


def _plain(values: Iterable[Any]) -> Iterable[Any]:
    """Return the values of a column with one type for all: texts, or numbers with NaN for missing ones."""
    listed = list(values)
    if any(isinstance(value, str) for value in listed):
        return ["" if value is None else str(value) for value in listed]
    numbers = [value.log10 if isinstance(value, Power) else value for value in listed]
    if any(isinstance(value, Power) for value in listed):
        numbers = [float("-inf") if value is None else value for value in numbers]
    return [float("nan") if value is None else value for value in numbers]
