"""Splitting a graph into networks: recurrent layers with nothing unsupported between them.

What stands between two recurrent layers ends one network and begins the next. Each is read on its own, on vectors, as
nothing is read through what isn't done; where there are several, the reader chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from lstm_ascii.checkpoints.choosing import best_candidate
from lstm_ascii.checkpoints.formats.contents import FileContents, Operation
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Hints, NetworkFacts, NetworkParts
from lstm_ascii.errors import FileError, argument
from lstm_ascii.language.typed import option
from lstm_ascii.records import dataclass

MOST_NAMED = 3  # of what lies below a network
MOST_LISTED = 12  # names in one line


@dataclass(frozen=True, eq=False)
class Piece:
    """Recurrent layers, one above the other with nothing in between.

    Attributes:
        name: by which it is chosen.
        members: the names of its layers; each chooses it, too.
        reads: where its vectors come from, in words, safe to print.
        lower: the names of recurrent layers that these are made of.
        build: makes its network; raises a ``FileError`` for what can't be honoured.
    """

    name: str
    members: tuple[str, ...]
    reads: str
    lower: tuple[str, ...]
    build: Callable[[], NetworkParts]


class UndecidedError(FileError):
    """There are several networks in a file, and none was chosen.

    Attributes:
        pieces: what there is to choose from.
    """

    def __init__(self, message: str, pieces: tuple[NetworkFacts, ...]) -> None:
        """Say it, with what there is."""
        super().__init__(message)
        self.pieces = pieces


def chosen_piece(contents: FileContents, pieces: Sequence[Piece], hints: Hints) -> NetworkParts:
    """Return the network that the reader names, or the only one, or the likeliest of those that stand side by side.

    Raises:
        FileError: it can't be honoured; or there is none of that name.
        UndecidedError: there are several, one after the other or as good as each other, and none is named.
    """
    if len(pieces) == 1 and "rnn" not in hints.roles:
        return pieces[0].build()
    built = [_built(piece) for piece in pieces]
    facts = tuple(_facts(piece, parts) for piece, parts in zip(pieces, built, strict=True))
    if (role := hints.roles.get("rnn")) is not None:
        wanted = _named(contents, pieces, facts, role)
        parts = built[wanted]
        if isinstance(parts, FileError):
            raise parts
        return _among(parts, facts, wanted) if len(pieces) > 1 else parts
    if any(piece.lower for piece in pieces) or any(isinstance(parts, FileError) for parts in built):
        behind = [
            replace(fact, what=f"{fact.what}, reads {fact.reads}") if piece.lower else fact
            for piece, fact in zip(pieces, facts, strict=True)
        ]
        choose = f"choose with {option('roles', f'rnn={pieces[0].name}')}, or another name"
        raise UndecidedError(f"{contents.path}: several recurrent networks: {_listed(behind)}; {choose}", facts)
    candidates = [parts for parts in built if isinstance(parts, NetworkParts)]
    try:
        best = best_candidate(contents, candidates, hints)
    except FileError as error:
        raise UndecidedError(error.message, facts) from error
    stacks = [parts.stack for parts in candidates]
    return _among(best, facts, stacks.index(best.stack))


def _built(piece: Piece) -> NetworkParts | FileError:
    """Return the network of a piece, or what stands in the way: that keeps no other from being read."""
    try:
        return piece.build()
    except FileError as error:
        return error


def _facts(piece: Piece, parts: NetworkParts | FileError) -> NetworkFacts:
    """Say what a piece is."""
    if isinstance(parts, FileError):
        return NetworkFacts(shown(piece.name), f"can't be read: {parts.message.partition(': ')[2]}", piece.reads)
    return NetworkFacts(shown(piece.name), str(parts.stack).removeprefix(shown(piece.name)).strip(" ()"), piece.reads)


def _named(contents: FileContents, pieces: Sequence[Piece], facts: Sequence[NetworkFacts], role: str) -> int:
    """Return the place of the piece of a name, or the one that has a layer of that name.

    Raises:
        FileError: there is none, or more than one.
    """
    name = role.rstrip("._/")
    whole = [place for place, piece in enumerate(pieces) if name in (piece.name, shown(piece.name))]
    places = whole or [place for place, piece in enumerate(pieces) if name in piece.members]
    if len(places) == 1:
        return places[0]
    wanted = f"{argument('roles')} rnn={shown(role)}"
    if not places:
        raise FileError(f"{contents.path}: {wanted}: no such layers; there are {_listed(facts)}")
    raise FileError(f"{contents.path}: {wanted}: several have it: {_listed([facts[place] for place in places])}")


def _among(parts: NetworkParts, facts: Sequence[NetworkFacts], place: int) -> NetworkParts:
    """Return the network that was chosen, with all that there were."""
    listed = tuple(replace(fact, chosen=n == place) for n, fact in enumerate(facts))
    return replace(parts, pieces=listed)


def _listed(facts: Sequence[NetworkFacts]) -> str:
    """Name the pieces in one line."""
    some = "; ".join(f"{fact.name} ({fact.what})" for fact in facts[:MOST_LISTED])
    return some if len(facts) <= MOST_LISTED else f"{some}; and {len(facts) - MOST_LISTED} more"


def below(
    operations: Sequence[Operation], value: str, layers: Mapping[str, str], plain: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Return where vectors come from.

    Args:
        operations: of the graph.
        value: the vectors' name.
        layers: the names of the recurrent layers, by each of the values that they give.
        plain: the kinds of operation that are not worth a word.

    Returns:
        It in words, safe to print, and the names of the recurrent layers that are met first on the way down.
    """
    makers = {name: operation for operation in operations for name in operation.outputs if name}
    kinds: dict[str, None] = {}
    lower: dict[str, None] = {}
    waiting, visited = [value], {value}
    for name in waiting:  # which grows
        if name in layers:
            lower[layers[name]] = None
            continue
        maker = makers.get(name)
        if maker is None:
            continue
        if maker.kind not in plain:
            kinds[f"{maker.kind} {shown(maker.name)}".strip()] = None
        for entry in maker.inputs:
            if entry and entry not in visited and entry not in maker.tensors:
                visited.add(entry)
                waiting.append(entry)
    some = list(kinds)[:MOST_NAMED] + (["…"] if len(kinds) > MOST_NAMED else [])
    if not lower:
        return ", ".join(some) or "what the model is given", ()
    sources = " and ".join(map(shown, lower))
    return (f"{', '.join(some)} behind {sources}" if some else f"the last output of {sources}"), tuple(lower)
