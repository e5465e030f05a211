"""What stands on the wires: letters, and behind them the values, where a sentence gives some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lstm_ascii.render.figures import fit, plain

SIGNED = "gn"  # candidates: they have a sign, gates have none


@dataclass(frozen=True)
class Live:
    """The values of one cell at one word.

    Attributes:
        values: by the letters of the equations, the state before as ``h'``, ``c'``; none without a sentence.
        word: that is read; empty without a sentence.
        one_unit: whether they are one unit's values; else they are means over units, of absolute values.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    word: str = ""
    one_unit: bool = False

    def gate(self, letter: str, named: bool = True) -> str:
        """Write a gate or the candidate: ``f_t 0.88``, or only its figure, if there is one."""
        if letter not in self.values:
            return f"{letter}_t" if named else ""
        value = self.size(letter, tight=not named) if letter in SIGNED else plain(self.values[letter], 2)
        return f"{letter}_t {value}" if named else value

    def size(self, name: str, tight: bool = False) -> str:
        """Write a state: ``|1.19|``, or ``|.54|`` where it is ``tight``; with its sign for one unit."""
        if name not in self.values:
            return ""
        value = plain(self.values[name], 2)
        if self.one_unit:
            return value
        return f"|{value.lstrip('0') if tight and value.startswith('0.') else value}|"

    def read(self, width: int) -> str:
        """Write the word that is read, cut to ``width``."""
        return fit(f"“{self.word}”", width).rstrip() if self.word else ""
