"""A report written by hand: pictures don't depend on networks."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.agreement.failures import Failure
from lstm_ascii.reports.agreement.published import PublishedShare
from lstm_ascii.reports.agreement.report import AgreementReport, NetworkAgreement
from lstm_ascii.reports.scored.left_out import RowsLeftOut
from lstm_ascii.reports.scored.shares import Group, wilson

KINDS = ("simple", "prepositional", "object relative without that", "nested relatives")
DISTANCES = ("0", "1-4", "10-14", "30+", "unknown")
COUNTS = {  # right of total, for each of KINDS and of DISTANCES
    "RNN": (((20, 20), (13, 20), (2, 18), (1, 2)), ((20, 20), (13, 18), (2, 18), (0, 2), (1, 2))),
    "LSTM": (((20, 20), (20, 20), (17, 18), (2, 2)), ((20, 20), (18, 18), (17, 18), (2, 2), (2, 2))),
    "GRU": (((20, 20), (19, 20), (18, 18), (0, 2)), ((20, 20), (18, 18), (18, 18), (1, 2), (0, 2))),
}


def group(name: str, right: int, total: int) -> Group:
    """Return a group with its share and interval."""
    return Group(name, right, total, right / total if total else None, wilson(right, total))


def network(cell: str, kinds: tuple[Group, ...], distances: tuple[Group, ...], **changes: object) -> NetworkAgreement:
    """Return a network's answers, with totals that add up."""
    total = group("", sum(one.right for one in kinds), sum(one.total for one in kinds))
    fields: dict[str, object] = {
        "cell": cell,
        "hidden_size": 32,
        "source": "trained on agreement English",
        "accuracy": total.accuracy,
        "right": total.right,
        "total": total.total,
        "interval": total.interval,
        "by_kind": kinds,
        "by_distance": distances,
        "unknown": 0,
        "unknown_words": (),
        "undefined": 0,
        "read_by_letters": 0,
    }
    return NetworkAgreement(**(fields | changes))  # type: ignore[arg-type]


def report(cells: tuple[str, ...] = ("RNN", "LSTM", "GRU"), times: int = 1) -> AgreementReport:
    """Return a report, with all its counts ``times`` as large; the words that are left out are said, too."""
    networks = []
    for cell in cells:
        kinds, distances = (
            tuple(group(name, times * right, times * total) for name, (right, total) in zip(names, counts, strict=True))
            for names, counts in zip((KINDS, DISTANCES), COUNTS[cell], strict=True)
        )
        networks.append(
            network(cell, kinds, distances, unknown=2, unknown_words=("blicks", "blick"), read_by_letters=7)
        )
    return AgreementReport(1, "lessons/pairs.tsv", 60 * times + 2, tuple(networks), "columns", 60 * times + 2)


def uneven() -> AgreementReport:
    """Return networks that were not asked about the same pairs, one of them about none."""
    rnn = network("RNN", (group("simple", 2, 4),), (group("1-4", 2, 4),), undefined=1)
    none = network("LSTM", (group("simple", 0, 0),), (group("1-4", 0, 0),), unknown=5, unknown_words=("is",))
    return AgreementReport(1, "pairs.tsv", 5, (rnn, none), "columns", 5)


FAILURES = (
    Failure(12, "prepositional", "The sailors near the", "boat", "boats", -0.25, "sentence",
            'lstm-ascii explain "The sailors near the boat are singing , and nobody hears the sailors ." --cell rnn'),
    Failure(1031, "object relative without that", "The \"captain\" whom the sailors", "hasn't met", "haven't met", -3.5,
            "prefix", "lstm-ascii explain 'The \" captain \" whom the sailors has' --contrast has:have --cell rnn"),
)  # fmt: skip


def full(cells: tuple[str, ...] = ("RNN", "LSTM", "GRU")) -> AgreementReport:
    """Return a report with all that a page may have: public figures, failures and rows that can't be read."""
    some = report(cells)
    rnn, *others = some.networks
    rnn = replace(rnn, failures=FAILURES, forms_by_letters=group("", 3, 4))
    others = [replace(one, right=60, accuracy=1.0, interval=wilson(60, 60)) for one in others]
    counts = [
        tuple(one.by_kind[2].right for one in some.networks),
        tuple(one.by_kind[2].total for one in some.networks),
    ]
    return replace(
        some,
        networks=(rnn, *others),
        layout="JSON Lines",
        by_prefix=50,
        by_sentence=12,
        left_out=(
            RowsLeftOut("expected an object in JSON", "what is none", 2, (3, 17)),
            RowsLeftOut("expected at most 65,536 bytes", "more", 3000, (20, 21, 22, 23, 24, 25, 26, 27)),
        ),
        published=(
            PublishedShare("BLiMP", "distractor, relative clause", ("LSTM", "GPT-2"), (0.627, 0.657),
                           "Warstadt et al. 2020, by whole sentences", *counts),
            PublishedShare("Marvin & Linzen", "long VP coordination", ("LSTM",), (0.74,), "Shen et al. 2019, table 3",
                           (0,) * len(cells), (0,) * len(cells)),
        ),
        failures_asked=2,
    )  # fmt: skip
