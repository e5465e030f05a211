"""The effect of every key: from a state and its bounds to the next state; independent of a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lstm_ascii.records import dataclass
from lstm_ascii.reports.step.position import BACK, CELL, PAINT, UNITS, Bounds, Position

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)  # words a second
WELCOME = "Press → to read the next word; ? shows all keys, q leaves."
EDITING = "Enter keeps the sentence, Esc takes the one before back."
HELP, SAVE = "help", "save"  # pages that lie above the walk
ONE_CELL = "There is one layer, and it reads one way."
NO_CARRIER = "No single unit was found to carry what decides here."


@dataclass(frozen=True)
class State:
    """All that a screen depends on.

    Attributes:
        position: where the reader stands.
        is_playing: whether it goes on by itself.
        speed: index of :data:`SPEEDS`.
        above: the page that lies above the walk; empty for none.
        told: a line for the reader, until the next key.
    """

    position: Position
    is_playing: bool = False
    speed: int = 1
    above: str = ""
    told: str = ""

    def moved(self, **changes: object) -> State:
        """Return the state at another place."""
        return replace(self, position=replace(self.position, **changes))  # type: ignore[arg-type]


Act = Callable[[State, Bounds], State]


def onward(state: State, bounds: Bounds) -> State:
    """Go to the next word."""
    return state.moved(at=min(state.position.at + 1, bounds.words))


def backward(state: State, bounds: Bounds) -> State:
    """Go to the word before."""
    del bounds
    return state.moved(at=max(state.position.at - 1, 1))


def first(state: State, bounds: Bounds) -> State:
    """Go to the first word."""
    del bounds
    return state.moved(at=1)


def last(state: State, bounds: Bounds) -> State:
    """Go to the last word."""
    return state.moved(at=bounds.words)


def next_unit(state: State, bounds: Bounds) -> State:
    """Follow the next unit; where they are ranked, the one that matters next."""
    return state.moved(unit=_neighbour(bounds, 1))


def unit_before(state: State, bounds: Bounds) -> State:
    """Follow the unit before."""
    return state.moved(unit=_neighbour(bounds, -1))


def _neighbour(bounds: Bounds, by: int) -> int:
    """Return the unit beside the one that is followed; the last is beside the first."""
    if bounds.unit in bounds.ranked:
        return bounds.ranked[(bounds.ranked.index(bounds.unit) + by) % len(bounds.ranked)]
    return bounds.ranked[0] if bounds.ranked else (bounds.unit + by) % bounds.units


def carrier(state: State, bounds: Bounds) -> State:
    """Follow the unit that carries what decides."""
    return replace(state.moved(unit=None), told=NO_CARRIER if bounds.carrier is None else "")


def network(state: State, bounds: Bounds) -> State:
    """Take the next network in hand, with a unit of its own."""
    names = bounds.networks
    if len(names) == 1:
        return replace(state, told=f"There is one network: the {names[0].upper()}.")
    return state.moved(network=names[(names.index(bounds.network) + 1) % len(names)], unit=None)


def layer(state: State, bounds: Bounds) -> State:
    """Look into the other direction of the layer, then into the next layer."""
    ways = bounds.directions
    if bounds.layers == 1 and len(ways) == 1:
        return replace(state, told=ONE_CELL)
    place = ways.index(bounds.direction) + 1
    if place < len(ways):
        return state.moved(layer=bounds.layer, direction=ways[place], unit=None)
    return state.moved(layer=bounds.layer % bounds.layers + 1, direction="", unit=None)


def play(state: State, bounds: Bounds) -> State:
    """Go on by itself, or stop; at the end it begins anew."""
    if state.is_playing:
        return replace(state, is_playing=False)
    playing = replace(state, is_playing=True)
    if _has_ended(state, bounds):
        return playing.moved(at=bounds.asked if state.position.view == BACK else 1)
    return playing


def tick(state: State, bounds: Bounds) -> State:
    """Go on by a word while it plays: onward, or with the error back; at the end it stops."""
    if not state.is_playing:
        return state
    moved = (backward if state.position.view == BACK else onward)(state, bounds)
    return replace(moved, is_playing=not _has_ended(moved, bounds))


def _has_ended(state: State, bounds: Bounds) -> bool:
    """Tell whether there is no word to go on to."""
    return state.position.at == (1 if state.position.view == BACK else bounds.words)


def faster(state: State, bounds: Bounds) -> State:
    """Play faster."""
    del bounds
    return _at_speed(state, min(state.speed + 1, len(SPEEDS) - 1))


def slower(state: State, bounds: Bounds) -> State:
    """Play slower."""
    del bounds
    return _at_speed(state, max(state.speed - 1, 0))


def _at_speed(state: State, speed: int) -> State:
    """Set the speed, and say it."""
    return replace(state, speed=speed, told=f"{SPEEDS[speed]:g} word{'s' * (SPEEDS[speed] != 1)} a second")


def swap(state: State, bounds: Bounds) -> State:
    """Swap the word at hand for its twin, or take that back."""
    del bounds
    at = state.position.at
    return state.moved(swapped=0 if state.position.swapped == at else at)


def back(state: State, bounds: Bounds) -> State:
    """Let time run backwards, from where the network is asked; or leave that."""
    if state.position.view == BACK:
        return state.moved(view=CELL)
    return state.moved(view=BACK, at=bounds.asked)


def units(state: State, bounds: Bounds) -> State:
    """Rank the units by what they do for the answer, or leave that."""
    del bounds
    return state.moved(view=CELL if state.position.view == UNITS else UNITS)


def paint(state: State, bounds: Bounds) -> State:
    """Show the text painted by the unit, or leave that."""
    del bounds
    return state.moved(view=CELL if state.position.view == PAINT else PAINT)


def help_(state: State, bounds: Bounds) -> State:
    """Show the keys."""
    del bounds
    return replace(state, above=HELP, is_playing=False)


def save(state: State, bounds: Bounds) -> State:
    """Show how to keep what is on the screen."""
    del bounds
    return replace(state, above=SAVE, is_playing=False)


def edited(state: State, sentence: str) -> State:
    """Read another sentence, from the same place as far as it has one."""
    return replace(state.moved(sentence=sentence, swapped=0), told="")


@dataclass(frozen=True)
class Key:
    """A key, or several that do the same.

    Attributes:
        keys: as Textual names them.
        shown: as the reader sees them.
        does: in a few words.
        act: what it does to the state; ``None`` for what only the screen can do.
        short: in the line of keys; empty where it stands in the help only.
    """

    keys: tuple[str, ...]
    shown: str
    does: str
    act: Act | None = None
    short: str = ""


KEYS = (
    Key(("right",), "→", "the next word is read", onward, "→ word"),
    Key(("left",), "←", "the word before", backward),
    Key(("home", "end"), "Home End", "the first word, the last"),
    Key(("down", "up"), "↓ ↑", "the next unit, the unit before", None, "↑↓ unit"),
    Key(("c",), "c", "the unit that carries what decides", carrier),
    Key(("tab",), "Tab", "the next network: RNN, LSTM, GRU", network, "Tab network"),
    Key(("l",), "l", "the other direction, the next layer", layer),
    Key(("space",), "Space", "it plays, and stops", play, "Space play"),
    Key(("plus", "minus"), "+ −", "faster, slower"),
    Key(("e",), "e", "edit the sentence; Enter keeps it, Esc doesn't", None, "e edit"),
    Key(("s",), "s", "swap the word for its twin, and see both", swap, "s swap"),
    Key(("b",), "b", "time runs backwards: the error through the gates", back, "b back"),
    Key(("u",), "u", "the units, ranked by what they do for the answer", units),
    Key(("p",), "p", "the text, painted by the unit", paint),
    Key(("x",), "x", "save the screen, or the command that prints it", save),
    Key(("question_mark",), "?", "these keys; any key closes them", help_, "? all"),
    Key(("q", "ctrl+c"), "q", "leave; Ctrl-Z comes back later", None, "q quit"),
)
ACTS: dict[str, Act] = {
    **{key: one.act for one in KEYS if one.act is not None for key in one.keys},
    "home": first, "end": last, "down": next_unit, "up": unit_before,
    "plus": faster, "equals_sign": faster, "minus": slower,
}  # fmt: skip


def line_of_keys() -> str:
    """Return the keys of the bottom line."""
    return "  ".join(one.short for one in KEYS if one.short)


def end_of_word(sentence: str, words: Sequence[str]) -> int:
    """Return where the last of the first words of a sentence ends; the end where it is read as something else."""
    end = 0
    for word in words:
        start = sentence.lower().find(word.lower(), end)
        if start < 0:
            return len(sentence)
        end = start + len(word)
    return end
