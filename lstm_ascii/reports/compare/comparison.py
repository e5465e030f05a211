"""An RNN, an LSTM and a GRU side by side, and what lecture notes say of them beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

from lstm_ascii.cells import CELLS
from lstm_ascii.errors import UsageError, argument
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.records import dataclass
from lstm_ascii.reports.compare.claims import claims_of
from lstm_ascii.reports.compare.report import (
    INSIDE,
    PAIRS,
    RANDOM_SEEDS,
    SCHEMA_VERSION,
    STEPS_BACK,
    TEXTS,
    THRESHOLDS,
    CompareReport,
    TrainedFigures,
    agreements,
    choice_reach,
    inside_sentences,
    parameter_counts,
    radius_reach,
    random_reach,
    reach_along,
    sizes,
    step_times,
    texts,
)
from lstm_ascii.reports.explain.view import why_no_next_word
from lstm_ascii.reports.recall import GAPS, RecallReport, plan_race, recall_report, report_of_outcomes
from lstm_ascii.sources import Source, check_cells, open_networks, trained
from lstm_ascii.training.recall_race import RaceInterrupted, Watch
from lstm_ascii.training.recipe import RECIPES

VIEWS = ("claims", "problems", "size", "time", "span", "agreement", "gradient", "gates")
NEEDS = {"claims": VIEWS[2:], "problems": ("span", "agreement", "gradient", "gates")}  # what they are made of
OF_SERIES = ("size", "time", "gradient", "gates")  # what is measured along a series
FORGET_BIASES = (1.0, "chrono")
DEFAULT_HIDDEN = 32
MOST_HIDDEN = 512


@dataclass(frozen=True)
class Comparison:
    """What is asked for.

    Attributes:
        cells: ``rnn``, ``lstm``, ``gru`` (these three if none is named), ``rnn-helped``.
        views: sections, of ``VIEWS``; all if none is named.
        source: of a network of one's own, if it names a file, to stand beside those that come with the package; where
            it names a series, beside random ones that read the same.
        sentence: along which gates are measured; empty for fresh sentences.
        hidden: H where sizes, times and random networks are compared; by default 32, or beside a series as many as the
            reader's network has.
        gaps: of the memory race.
        seed: of the random networks, the race and the fresh sentences.
        seeds: of the race.
        steps: of the race, at most.
        timed: whether steps are timed at all; all other figures are the same in every run.

    Raises:
        UsageError: there is no such cell or section, or a number makes no sense.
    """

    cells: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    source: Source = field(default_factory=Source)
    sentence: str = ""
    hidden: int | None = None
    gaps: tuple[int, ...] = GAPS
    seed: int = 0
    seeds: int = 3
    steps: int = 1000
    timed: bool = True

    def __post_init__(self) -> None:
        """Refuse what can't be measured."""
        check_cells(self.cells)
        for name in self.views:
            if name not in VIEWS:
                raise UsageError(f"expected {', '.join(VIEWS)}, got {name}", "views")
        if "time" in self.views and not self.timed:
            raise UsageError(f"leave out time, or {argument('timed')}", "views")
        if self.hidden is not None and not 1 <= self.hidden <= MOST_HIDDEN:
            raise UsageError(f"expected 1 to {MOST_HIDDEN} units, got {self.hidden}", "hidden")
        if self.source.reads_file:
            self._check_series()
        plan_race(self.kinds, self.gaps, FORGET_BIASES, self.seed, self.seeds, self.steps)

    def _check_series(self) -> None:
        """Refuse what only words have."""
        given = "input" if self.source.input else "feed"
        if self.sentence:
            raise UsageError(f"takes the place of a sentence; leave {argument('sentence')} out", given)
        if wordy := [name for name in self.views if name not in OF_SERIES]:
            raise UsageError(f"{wordy[0]} is not measured along a series; {', '.join(OF_SERIES)} are", "views")

    @property
    def names(self) -> tuple[str, ...]:
        """The trained networks, without a name twice."""
        return tuple(dict.fromkeys(self.cells)) or tuple(CELLS)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Their cells: ``rnn``, ``lstm``, ``gru``."""
        return tuple(dict.fromkeys(RECIPES[name].cell for name in self.names))

    def wants(self, view: str) -> bool:
        """Tell whether a section is asked for, by itself or by one that is made of it."""
        if self.source.reads_file and not self.views:
            return view in OF_SERIES
        needed = {part for name in self.views for part in NEEDS.get(name, ())}
        return not self.views or view in self.views or view in needed


def compare_report(comparison: Comparison, watch: Watch) -> CompareReport:
    """Measure what is asked for; the memory race comes last, as it takes longest.

    Args:
        comparison: what to measure.
        watch: is called a few times a second with how far the race is. Ctrl-C ends it: the report then has what is
            known so far, and its race is ``interrupted``.

    Raises:
        UsageError: there is no word in the sentence, or the network names no next word.
        FileError: a network can't be read.
    """
    if comparison.source.reads_file:
        return _series_report(comparison)
    names, hidden = comparison.kinds, comparison.hidden or DEFAULT_HIDDEN
    words = tuple(words_of(comparison.sentence)) if comparison.sentence else ()
    report = replace(
        _beginning(comparison, hidden),
        sentence=visible(" ".join(words)),
        sizes=sizes(names, hidden) if comparison.wants("size") else (),
        random=random_reach(names, hidden, comparison.seed) if comparison.wants("gradient") else (),
        radii=radius_reach(hidden, comparison.seed) if "rnn" in names and comparison.wants("gradient") else (),
        trained=_trained(comparison, words),
    )
    report = replace(report, recall=_race(comparison, watch) if comparison.wants("span") else None)
    return replace(report, claims=claims_of(report) if comparison.wants("claims") else ())


def _beginning(comparison: Comparison, hidden: int) -> CompareReport:
    """Return a report with the times of a step, in which nothing else is measured yet."""
    names = comparison.kinds
    return CompareReport(
        schema_version=SCHEMA_VERSION,
        cells=tuple(CELLS[name].name for name in names),
        hidden_size=hidden,
        seed=comparison.seed,
        sentence="",
        pairs=PAIRS,
        texts=TEXTS,
        random_seeds=RANDOM_SEEDS,
        thresholds=THRESHOLDS,
        sizes=(),
        times=step_times(names, hidden) if comparison.timed and comparison.wants("time") else (),
        recall=None,
        random=(),
        radii=(),
        trained=(),
        claims=(),
    )


def _series_report(comparison: Comparison) -> CompareReport:
    """Measure along a series."""
    from lstm_ascii.reports.compare.along_series import along_series  # no sentence needs it

    found = along_series(comparison.kinds, comparison.source, comparison.hidden, comparison.seed)
    networks = tuple(
        replace(
            network,
            inside=network.inside if comparison.wants("gradient") else None,
            gates=network.gates if comparison.wants("gates") else None,
        )
        for network in found.networks
    )
    asked = any(map(comparison.wants, ("size", "gradient", "gates")))
    return replace(_beginning(comparison, found.hidden_size), trained=networks if asked else (), series=found.series)


def _race(comparison: Comparison, watch: Watch) -> RecallReport:
    """Run the memory race; what is known of it where it is interrupted."""
    race = plan_race(
        comparison.kinds, comparison.gaps, FORGET_BIASES, comparison.seed, comparison.seeds, comparison.steps
    )
    try:
        return recall_report(race, watch)
    except RaceInterrupted as interrupted:
        return replace(report_of_outcomes(race, interrupted.outcomes), interrupted=True)


def _trained(comparison: Comparison, words: Sequence[str]) -> tuple[TrainedFigures, ...]:
    """Measure the trained networks, and the reader's own if there is one."""
    if not any(map(comparison.wants, ("size", "agreement", "gradient", "gates"))):
        return ()
    networks = [(network.title, network) for network in map(trained, comparison.names)]
    recipes = [RECIPES[name] for name in comparison.names]
    if comparison.source.model:
        (own,) = open_networks((), (), comparison.source)
        if why := why_no_next_word(own):
            raise UsageError(f"{why}; compare needs a network that names the next word", "model")
        networks.append((f"your {own.layers[-1][0].cell.name}", own))
    asked_pairs = (
        agreements([network for _, network in networks], comparison.seed) if comparison.wants("agreement") else ()
    )
    inside, along = inside_sentences(comparison.seed, words), texts(comparison.seed)
    figures = []
    for number, (label, network) in enumerate(networks):
        near, gates = reach_along(label, network, inside, INSIDE)
        cell = network.layers[-1][0].cell
        figures.append(
            TrainedFigures(
                label=label,
                cell=cell.name,
                hidden_size=cell.hidden_size,
                words=len(network.vocabulary),
                parameters=parameter_counts(network),
                source=network.source,
                agreement=asked_pairs[number] if asked_pairs else None,
                inside=near if comparison.wants("gradient") else None,
                along=reach_along(label, network, along, STEPS_BACK)[0] if comparison.wants("gradient") else None,
                inside_choice=choice_reach(label, network, inside, INSIDE) if comparison.wants("gradient") else None,
                along_choice=choice_reach(label, network, along, STEPS_BACK) if comparison.wants("gradient") else None,
                gates=gates if comparison.wants("gates") else None,
                recipe=recipes[number] if number < len(recipes) else None,
            )
        )
    return tuple(figures)
