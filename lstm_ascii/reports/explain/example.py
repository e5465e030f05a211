"""A sentence on which networks part, found by search in the grammar: a lecture never lacks one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.pairs import Pair, minimal_pairs
from lstm_ascii.network import Network
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.reports.material import Material
from lstm_ascii.sources import trained
from lstm_ascii.thresholds import CLOSED, VANISHED_BELOW_LOG10

SEED, MARGIN = 7, 1.0  # of the search; log-odds from which a network is said to be sure
WINDOWS = ((6, 9), (10, 14), (15, 20), (21, 30))  # words between subject and verb: the shortest sentence wins
QUICK, SLOW = 900, 24  # sentences that are tried in each window: by their answers alone, or measured whole
ALIVE_LOG10 = -1.3  # a twentieth of the error is still there
ENDING = ("old", ".")  # after a form of be
KINDS = {
    "rnn-forgets": "the RNN says the wrong verb, the LSTM the right one",
    "vanishes": "the error vanishes in the RNN on its way to the subject, and not in the LSTM",
    "clears": "the LSTM clears the first subject before the second sentence",
}


def example(kind: str = "") -> tuple[str, str]:
    """Return a sentence of a kind, by default the first of :data:`KINDS`, and what is to be seen on it.

    Raises:
        UsageError: there is no such kind.
        LstmAsciiError: no sentence that was tried is of that kind.
    """
    name = kind or next(iter(KINDS))
    if name not in KINDS:
        raise UsageError(f"expected {', '.join(KINDS)}, got {name}", "example")
    fits: dict[str, Callable[[Pair], bool]] = {
        "rnn-forgets": _forgets, "vanishes": _vanishes, "clears": _clears}  # fmt: skip
    tried = 0
    for pair in _candidates(name):
        tried += 1
        if fits[name](pair):
            return _sentence(pair), f"Found by search in the grammar, {tried:,} tried: {KINDS[name]}."
    raise LstmAsciiError(f"of {tried:,} sentences that were tried there is none on which {KINDS[name]}")


def _candidates(kind: str) -> Iterator[Pair]:
    """Yield what is tried, short sentences first."""
    windows = ((0, 2),) if kind == "clears" else WINDOWS
    for window in windows:
        pairs = minimal_pairs(QUICK, SEED, window, (0, 0) if kind == "clears" else (1, 99), before=kind == "clears")
        of_be = [pair for pair in pairs if {pair.right, pair.wrong} in ({"was", "were"}, {"is", "are"})]
        if kind == "clears":
            plain = sorted((pair for pair in of_be if "." in pair.prefix), key=lambda pair: len(pair.prefix))
        else:
            plain = [pair for pair in of_be if _is_plain(pair)]
        yield from plain if kind == "rnn-forgets" else plain[:SLOW]


def _is_plain(pair: Pair) -> bool:
    """Tell whether it reads easily: the subject's phrase begins with the subject, and a relative clause follows."""
    return (
        pair.prefix[0].lower() == "the"
        and pair.subject == 1
        and pair.prefix[2] in ("that", "who")
        and "," not in pair.prefix
    )


def _forgets(pair: Pair) -> bool:
    """Tell whether the RNN is surely wrong and the LSTM surely right."""
    return _log_odds(trained("rnn"), pair) < -MARGIN and _log_odds(trained("lstm"), pair) > MARGIN


def _log_odds(network: Network, pair: Pair) -> float:
    """Return how much a network prefers the right verb."""
    right, wrong = (network.vocabulary.read(word).index for word in (pair.right, pair.wrong))
    run = Material(pair.prefix).run(network)
    return float(Contrast(len(pair.prefix), right, wrong).log_odds(network, run.outputs[-1, 0]))


def _vanishes(pair: Pair) -> bool:
    """Tell whether the error at the subject has vanished in the RNN and is alive in the LSTM."""
    rnn, lstm = explain_report(_sentence(pair), ("rnn", "lstm")).networks
    if lstm.verdict.at != pair.subject + 1 or lstm.verdict.error is None or lstm.verdict.error < ALIVE_LOG10:
        return False
    return rnn.verdict.error is None or rnn.verdict.error < VANISHED_BELOW_LOG10


def _clears(pair: Pair) -> bool:
    """Tell whether the unit that carries the second subject is cleared at the first full stop, and the memory with it.

    That is so where nearly nothing is left of what the first sentence wrote where the second verb is chosen.
    """
    main = explain_report(_sentence(pair), ("lstm",)).main
    stop = pair.prefix.index(".") + 1
    if main.unit is None or main.carrier is None or not main.carrier.carries or not main.carrier.word > stop:
        return False
    keeps, adds = (round(gate or 0.0, 2) for gate in (main.unit.steps[stop - 1].keeps, main.unit.steps[stop - 1].adds))
    if keeps >= CLOSED or adds >= CLOSED:
        return False
    left = [one.kept[main.loss_after - 1] for one in main.writings if one.word < stop]
    return bool(left) and all(share is not None and share < CLOSED for share in left)


def _sentence(pair: Pair) -> str:
    """Return a whole sentence with the right verb, as one writes it."""
    words = [*pair.prefix, pair.right, *ENDING]
    text = " ".join(words).replace(" .", ".").replace(" ,", ",").replace(" n't", "n't")
    parts = [part[:1].upper() + part[1:] for part in text.split(". ")]
    return ". ".join(parts)
