"""What the screen of ``step`` shows: the report of ``explain``, seen from one word, and what only a walk asks."""

from __future__ import annotations

from functools import cached_property

from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.painted import Painted
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from lstm_ascii.reports.step.position import CELL

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Twin:
    """One word swapped for the same word in the other number, and every network run again.

    Attributes:
        word: its number, from 1.
        to: what it was swapped for.
        values: of the followed unit's memory after every word, a row a network.
        shows: its output gate (GRU: reset gate), a row a network; empty without gates.
        shares: as those of :class:`StepReport`, with the word swapped.
    """

    word: int
    to: str
    values: tuple[tuple[float, ...], ...]
    shows: tuple[tuple[float, ...], ...]
    shares: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class RankedUnit:
    """What one unit does for the answer.

    Attributes:
        unit: its index, from 0.
        change: of the log-odds, or of what else is asked, if it alone gets the state that it has with the deciding
            word swapped; where no word has a twin, its value times the gradient there: what it adds, to first order.
        value: of its memory where it was changed.
    """

    unit: int
    change: float
    value: float


@dataclass(frozen=True)
class UnitError:
    """The error at one unit after a word: how far what is asked would move if it moved.

    Attributes:
        state: ∂L/∂memory after the word.
        before: ∂L/∂memory before it.
        gates: ∂L/∂gate by letter, of its value; none of the RNN.
    """

    state: float
    before: float
    gates: dict[str, float]


@dataclass(frozen=True)
class StepReport:
    """All that the screen shows at one word.

    Attributes:
        schema_version: of this layout.
        explained: what ``explain`` reports, with every network's cell at this word and a unit followed in each.
        at: the number of the word, from 1.
        network: the name of the current network.
        view: one of :data:`~lstm_ascii.reports.step.position.VIEWS`.
        shares: by network and word: if the choice came after that word, what share of the two words' probability the
            first of them would get; empty for a network that isn't asked.
        twin: what is otherwise with one word swapped; ``None`` where none is.
        ranked: the units of the current network, the most important first; only where they are shown.
        patched: whether they were patched one by one; else they are told to first order.
        painted: the text by the followed unit; only where that is shown.
        errors: at the followed unit after every word up to the choice; only where the error is shown.
    """

    schema_version: int
    explained: ExplainReport
    at: int
    network: str
    view: str = CELL
    shares: tuple[tuple[float, ...], ...] = ()
    twin: Twin | None = None
    ranked: tuple[RankedUnit, ...] = ()
    patched: bool = True
    errors: tuple[UnitError, ...] = ()
    painted: Painted | None = None

    @cached_property
    def number(self) -> int:
        """The index of the current network among all."""
        return [one.cell for one in self.explained.networks].index(self.network)

    @property
    def main(self) -> NetworkPass:
        """The network in hand."""
        return self.explained.networks[self.number]

    @property
    def words(self) -> tuple[str, ...]:
        """What is read."""
        return self.explained.words
