"""Two networks compared: their weights, the findings of ``doctor``, and their behaviour on the same input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import examined, incidental, vocabulary_for
from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.language.text import visible
from lstm_ascii.network import Network
from lstm_ascii.progress import Progress, Watch, labelled
from lstm_ascii.records import dataclass
from lstm_ascii.reports.diff.behaviour import Behaviour, behaviour_of
from lstm_ascii.reports.diff.moves import Move, Unlike, network_moves, pairs_moved
from lstm_ascii.reports.doctor.findings import SEVERITIES, Finding, Limits
from lstm_ascii.reports.doctor.report import findings_of
from lstm_ascii.reports.material import open_material
from lstm_ascii.sources import Source, open_networks

SCHEMA_VERSION = 1
DIFFERENCE = "difference"
FAILS_ON = (*SEVERITIES, DIFFERENCE)  # what a build can be failed on
_UNITS = re.compile(r", units? .*")
Tell = Callable[[LstmAsciiError], str]


@dataclass(frozen=True)
class Side:
    """One of the two.

    Attributes:
        model: the file, safe to print.
        source: the network's description, or why it can't be read.
        parameters: their number; that of the values in all tensors if no network can be read.
        read: whether a network could be read.
    """

    model: str
    source: str
    parameters: int
    read: bool


@dataclass(frozen=True)
class Changed:
    """A finding of ``doctor``, and how it changed from the first network to the second.

    Attributes:
        change: ``new``: in the second only; ``gone``: in the first only; ``worse``, ``better``: in both, for more or
            fewer units, or more or less severe; ``same``.
        finding: in the second network; of a finding that is gone, in the first.
    """

    change: str
    finding: Finding


@dataclass(frozen=True)
class DiffReport:
    """All that ``diff`` shows.

    Attributes:
        schema_version: of this layout.
        first, second: the two networks.
        same: whether both have the same parameters with the same values.
        moves: how far each part changed, from the input up.
        unlike: parts that can't be compared number by number.
        findings: new ones first, then worse, better, gone, the same.
        behaviour: on the sentence or series; ``None`` without one.
        limits: the thresholds of the findings.
    """

    schema_version: int
    first: Side
    second: Side
    same: bool
    moves: tuple[Move, ...]
    unlike: tuple[Unlike, ...]
    findings: tuple[Changed, ...]
    behaviour: Behaviour | None
    limits: Limits

    def fails(self, on: str) -> bool:
        """Tell whether a build should fail, given one of :data:`FAILS_ON`.

        A severity: if the second network has a finding of at least that severity that the first doesn't have, or has
        less severely. ``difference``: if the two behave differently on the sentence or series; without one, if any
        parameter differs.
        """
        if on != DIFFERENCE:
            level = SEVERITIES.index(on)
            news = (changed.finding for changed in self.findings if changed.change in ("new", "worse"))
            return any(SEVERITIES.index(finding.severity) <= level for finding in news)
        if self.behaviour is None:
            return not self.same
        behaviour = self.behaviour
        return bool(behaviour.parting or behaviour.first_other_answer or self.unlike or behaviour.notes)


def diff_report(first: Source, second: Source, sentence: str = "", tell: Tell = str, watch: Watch | None = None,
                limits: Limits | None = None) -> DiffReport:  # fmt: skip
    """Compare two networks.

    Args:
        first: the one.
        second: the other, such as a later checkpoint of the same training.
        sentence: read by both; the ``input`` of the sources replaces it.
        tell: turns the error that keeps a network from being read into a text.
        watch: called with the name of the work and the share that is done, from 0 to 1.
        limits: the thresholds of the findings.

    Raises:
        LstmAsciiError: a file can't be read, or one of the networks can't read the sentence or series.
    """
    limits = limits or Limits()
    progress = labelled(watch, "comparing")
    networks = _opened(first, tell), _opened(second, tell)
    old, new = networks
    _tell(progress, 0.2)
    moved = list(_moves((first, second), old, new))
    unlike = tuple(one for one in moved if isinstance(one, Unlike))
    moves = tuple(one for one in moved if isinstance(one, Move))
    findings: tuple[Changed, ...] = ()
    if isinstance(old, Network) and isinstance(new, Network):
        _tell(progress, 0.6)
        lines = sentence.splitlines() if old.has_embedding and new.has_embedding else ()
        findings = tuple(changed_findings(*(findings_of(network, limits, lines) for network in (old, new))))
    behaviour = None
    if sentence.strip() or first.reads_file:
        _tell(progress, 0.8)
        behaviour = _behaviour((first, second), sentence)
    return DiffReport(
        SCHEMA_VERSION,
        _side(first, old),
        _side(second, new),
        not unlike and all(move.whole.same for move in moves),
        moves,
        unlike,
        findings,
        behaviour,
        limits,
    )


def _tell(progress: Progress | None, share: float) -> None:
    """Tell how far it is, where somebody wants to know."""
    if progress:
        progress(share)


def _behaviour(sources: tuple[Source, Source], sentence: str) -> Behaviour:
    """Let both read the sentence, or what the sources name in its place."""
    (old, material), (new, other) = (open_material(sentence, (), source) for source in sources)
    with np.errstate(all="ignore"):
        return behaviour_of((old[0], new[0]), (material, other))


def _opened(source: Source, tell: Tell) -> Network | str:
    """Return the network of a file that can be read; of one without, why there is none."""
    read_contents(source.file)  # what is damaged is refused
    try:
        (network,) = open_networks((), (), source)
    except FileError as error:
        return tell(error).removeprefix(f"{source.model}: ")
    return network


def _side(source: Source, network: Network | str) -> Side:
    """Describe one of the two."""
    if isinstance(network, Network):
        return Side(visible(source.model), network.source, network.size, True)
    stored = read_contents(source.file).tensors.stored.values()
    numbers = sum(int(np.prod(tensor.shape)) for tensor in stored)
    return Side(visible(source.model), visible(network), numbers, False)


def _moves(sources: tuple[Source, Source], old: Network | str, new: Network | str) -> Iterator[Move | Unlike]:
    """Compare the networks, then the tensors that are no part of them."""
    contents = [read_contents(source.file) for source in sources]
    used: list[frozenset[str]] = [frozenset(), frozenset()]
    if isinstance(old, Network) and isinstance(new, Network):
        yield from network_moves(old, new)
        used = [_used(one, source) for one, source in zip(contents, sources, strict=True)]
    rest = [
        {name: tensor.load() for name, tensor in one.tensors.stored.items() if name not in names}
        for one, names in zip(contents, used, strict=True)
    ]
    yield from pairs_moved(*rest)


def _used(contents: FileContents, source: Source) -> frozenset[str]:
    """Return the names of the tensors that the network was made of, and of those that are no weights."""
    parts = examined(contents, vocabulary_for(contents, source.vocabulary), source.hints or Hints()).recognised
    origins = {origin for name in parts.used for origin in contents.origins.get(name, ())}
    return parts.used | incidental(contents) | origins


def changed_findings(old: tuple[Finding, ...], new: tuple[Finding, ...]) -> Iterator[Changed]:
    """Say of each finding whether it is new, worse, better, gone or the same."""
    before = {_key(finding): finding for finding in old}
    after = {_key(finding): finding for finding in new}
    changes = [(_change(before.get(key), finding), finding) for key, finding in after.items()]
    changes += [("gone", finding) for key, finding in before.items() if key not in after]
    for wanted in ("new", "worse", "better", "gone", "same"):
        yield from (Changed(change, finding) for change, finding in changes if change == wanted)


def _key(finding: Finding) -> tuple[str, str, str]:
    """Return what makes two findings the same: the rule, the layer, and of gates which one, but not which units."""
    return finding.rule, _UNITS.sub("", finding.where), finding.what if finding.rule == "still-gate" else ""


def _change(old: Finding | None, new: Finding) -> str:
    """Tell how a finding changed."""
    if old is None:
        return "new"
    ours, theirs = ((-SEVERITIES.index(one.severity), one.count) for one in (old, new))
    return "worse" if theirs > ours else "better" if theirs < ours else "same"


def beside(source: Source, model: str) -> Source:
    """Return the source of the second network: the same but for the file."""
    return replace(source, model=model)
