"""What is wrong with a network, by its weights and by what it does on a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lstm_ascii.corpora import names_a_corpus, text_files
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.network import Network
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass
from lstm_ascii.reports.corpus import LONGEST, told
from lstm_ascii.reports.doctor.corpus_statistics import (
    CorpusStatistics,
    file_statistics,
    line_statistics,
    series_statistics,
)
from lstm_ascii.reports.doctor.findings import SEVERITIES, Finding, Limits, of_steps
from lstm_ascii.reports.doctor.units import UnitsMeasured, activity_findings, share_met, units_measured
from lstm_ascii.reports.doctor.weights import LayerMeasures, layer_measures, names_of_directions, weight_findings
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source, open_networks

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.feeding import Fed

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class TextSummary:
    """The text that the network read.

    Attributes:
        name: of the file, or the sentence.
        lines, words: how many.
        pieces, longest: each line is read from the start state, or in pieces of at most ``longest`` words: how many.
        unknown, skipped: words that are read as unknown ones, and that can't be read at all.
        met: the share of the vocabulary that came in it; ``None`` of vectors.
        units: what each direction did.
        is_series: whether it is a series of numbers, whose words are steps.
    """

    name: str
    lines: int
    pieces: int
    longest: int
    words: int
    unknown: int
    skipped: int
    met: float | None
    units: tuple[UnitsMeasured, ...]
    is_series: bool = False


@dataclass(frozen=True)
class DoctorReport:
    """All that ``doctor`` shows.

    Attributes:
        schema_version: of this layout.
        model: the file.
        source: what the network says about itself.
        parameters: how many numbers.
        layers: the weights of each direction.
        listened: ``None`` without a text.
        findings: the worst first.
        limits: that they go by.
        fed: how a whole model brought the network what it read; ``None`` where none did.
    """

    schema_version: int
    model: str
    source: str
    parameters: int
    layers: tuple[LayerMeasures, ...]
    listened: TextSummary | None
    findings: tuple[Finding, ...]
    limits: Limits
    fed: Fed | None = None

    def worst(self) -> str:
        """Return the severity of the worst finding; empty without any."""
        return self.findings[0].severity if self.findings else ""


def doctor_report(
    source: Source, text: str | Sequence[str] = "", limits: Limits | None = None, watch: Watch | None = None
) -> DoctorReport:
    """Examine a network.

    Args:
        source: of one network.
        text: a sentence, or the name of a file of any size, of a folder or a pattern, or several such names; without
            it, and without an input of ``source``, only the weights are looked at.
        limits: that findings go by.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        LstmAsciiError: a file can't be read, or there is nothing in the text that the network can read.
    """
    limits = limits or Limits()
    network, material = _opened(source, text)
    with np.errstate(all="ignore"):  # weights may be no numbers: that is said, not warned about
        layers = layer_measures(network)
        findings = list(weight_findings(network, layers, limits))
        text_summary = None
        if text or material:
            corpus, name = _read(network, source, material) if material else _statistics(network, source, text, watch)
            units = units_measured(network, corpus, names_of_directions(network), limits)
            found = activity_findings(network, corpus, units, limits)
            findings.extend(of_steps(finding) if corpus.series else finding for finding in found)
            text_summary = TextSummary(
                name, corpus.lines, corpus.pieces, LONGEST, corpus.words, corpus.unknown, corpus.skipped,
                share_met(corpus), units, bool(corpus.series),
            )  # fmt: skip
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return DoctorReport(
        SCHEMA_VERSION,
        visible(source.model),
        network.source,
        network.size,
        layers,
        text_summary,
        tuple(findings),
        limits,
        material.fed if material else None,
    )


def findings_of(network: Network, limits: Limits, lines: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return what is found, the worst first: by the weights, and by what the units do on some lines of text.

    Raises:
        UsageError: there is no word in the lines that the network can read.
    """
    with np.errstate(all="ignore"):
        findings = list(weight_findings(network, layer_measures(network), limits))
        if lines:
            corpus = line_statistics(network, lines)
            units = units_measured(network, corpus, names_of_directions(network), limits)
            findings.extend(activity_findings(network, corpus, units, limits))
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _opened(source: Source, text: str | Sequence[str]) -> tuple[Network, Material | None]:
    """Return the network, and what it reads in place of a text, where the source names that.

    Raises:
        UsageError: there is a text, too.
    """
    if not source.reads_file:
        return open_networks((), (), source)[0], None
    if text:
        raise UsageError("takes the place of a text; leave one of them out", "input" if source.input else "feed")
    (network,), material = open_material("", (), source)
    return network, material


def _read(network: Network, source: Source, material: Material) -> tuple[CorpusStatistics, str]:
    """Return the statistics of what a file gives in place of a text, and the file's name."""
    name = visible(source.input or source.feed)
    if material.vectors is None:
        return line_statistics(network, [" ".join(material.words)]), name
    return series_statistics(network, material.vectors), name


def _statistics(
    network: Network, source: Source, text: str | Sequence[str], watch: Watch | None
) -> tuple[CorpusStatistics, str]:
    """Return the statistics of files, if there are any of that name, else of the text itself, and the text's name."""
    if not network.has_embedding:
        raise UsageError("doctor: the network has no embedding, so it reads no text; leave the text out")
    names = [text] if isinstance(text, str) else list(text)
    if len(names) > 1 or _is_corpus(names[0]):
        files = text_files(names)
        return file_statistics(source, network, files, watch), visible(told(files))
    return line_statistics(network, names[0].splitlines()), visible(" ".join(names[0].split()))


def _is_corpus(text: str) -> bool:
    """Tell whether a text names a file, a folder or more of them.

    Raises:
        FileError: it is a single word that looks like the name of a file that is not there: read as a text, a slip in
            a name would pass as a network without faults.
    """
    if names_a_corpus(text):
        return True
    if len(text.split()) == 1 and len(Path(text).suffix) > 1 and "\n" not in text:
        raise FileError(f"{text}: there is no such file; give a file of text, or a sentence")
    return False
