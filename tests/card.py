"""The card of the networks that come with the package: measured, not written.

``python -m tests.card`` measures the shipped weights and writes ``lstm_ascii/weights/CARD.md``;
a test measures again and compares. ``python -m tests.card FOLDER`` first ships what ``lstm-ascii train --out FOLDER``
has made.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np

from lstm_ascii.analysis.rerun import OfChoice
from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.formats.safetensors import read
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.pairs import Pair, minimal_pairs
from lstm_ascii.layer import Direction
from lstm_ascii.network import LAST, Network
from lstm_ascii.reports.explain.decision import Question, answer, carrier_of
from lstm_ascii.reports.explain.swaps import swaps_of
from lstm_ascii.reports.explain.view import View
from lstm_ascii.reports.material import Material
from lstm_ascii.sources import WEIGHTS, trained
from lstm_ascii.training.corpus import grammar_vocabulary
from lstm_ascii.training.loop import accuracy
from lstm_ascii.training.plan import GRAMMAR
from lstm_ascii.training.recipe import RECIPES, title_of
from tests import seeds

CARD = WEIGHTS / "CARD.md"
NAMES = ("rnn", "lstm", "gru", "rnn-helped")
TITLES = tuple(title_of(name) for name in NAMES)
DISTANCES = ((0, 0), (1, 4), (5, 9), (10, 14), (15, 19), (20, 24), (25, 30))
ATTRACTORS = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 99))
COUNT, SEED = 1000, 20_000
CARRIER_PAIRS = 60  # pairs in which the carrier is looked for

HEAD = """\
# The networks that come with lstm-ascii

Language models of the same size, an RNN, an LSTM and a GRU, trained by this package's own engine on the same texts,
for the same loss, with as many steps, from the start that frameworks give each of them. A fourth, `--cell
rnn-helped`, is an RNN in whose training a verb counted the more, the more words stand between it and its subject: what
it takes for one without gates to remember. They are there to be looked into. They know {words:,} word forms of everyday
English and {classes} classes for words that they don't know; they are no models of English, only of *agreement
English*, the grammar in `lstm_ascii/language/`.

The figures below were measured on the shipped weights (stored in float16, computed in float64), on held-out minimal
pairs: no training document has their subjects' phrases before a verb. `python -m tests.card` measures them again,
and a test holds this page against what it finds.
"""


def main(folder: str = "") -> None:
    """Ship the networks of a folder, if there is one, and write the card."""
    for name in NAMES if folder else ():
        ship(Path(folder) / f"{name}.safetensors")
    CARD.write_text(text(), encoding="utf-8")


def ship(path: Path) -> None:
    """Store a trained network as the one of its name that comes with the package, in half precision."""
    metadata = read(path)[1]
    told = {name: metadata[name] for name in ("recipe", "step")}
    if json.loads(told["recipe"]) != asdict(RECIPES[path.stem]):
        raise SystemExit(f"{path}: not trained by the recipe of today")
    own.save(WEIGHTS / path.name, replace(own.load(path), source=f"trained on {GRAMMAR}"), told, np.float16)


def text() -> str:
    """Measure the shipped networks and return the card."""
    networks = {name: trained(name) for name in NAMES}
    vocabulary = grammar_vocabulary().words
    classes = sum(word.startswith("‹") for word in vocabulary)
    parts = [
        HEAD.format(words=len(lexicon().words), classes=classes),
        "## Recipe\n",
        _recipes(),
        "\nTrain them again with `lstm-ascii train`; the recipe stands in each file's metadata. The costs of memory",
        "and writing, which make a memory readable, are the LSTM's alone.\n",
        "## Number agreement, by distance\n",
        f"Percent right of {COUNT:,} pairs each: how often the right form of the verb is the likelier one.\n",
        _table("words between", DISTANCES, networks, lambda span: minimal_pairs(COUNT, SEED, distance=span)),
        "\n## By attractors\n",
        "Nouns of the other number between the subject and its verb, at any distance up to 30 words.\n",
        _table("attractors", ATTRACTORS, networks, lambda span: minimal_pairs(COUNT, SEED + 1, attractors=span)),
        "\n## Where the subject is an unknown word\n",
        "The subject's head is read by a class of its letters.\n",
        _table("words between", ((0, 30),), networks, lambda span: minimal_pairs(COUNT, SEED + 2, span, unknown=True)),
        "\n## Other seeds\n",
        seeds.table(),
        "\n## The carrier unit\n",
        _carriers(networks),
    ]
    return "\n".join(parts)


def _recipes() -> str:
    """Return the recipes, a column a network."""
    rows = [f"| | {' | '.join(TITLES)} |", "|---" * (len(NAMES) + 1) + "|"]
    for field in fields(RECIPES["rnn"]):
        if field.name not in ("cell", "helped"):
            values = [str(getattr(RECIPES[name], field.name)) for name in NAMES]
            rows.append(f"| {field.name.replace('_', ' ')} | {' | '.join(values)} |")
    return "\n".join(rows)


def _table(name: str, spans: Sequence[tuple[int, int]], networks: dict[str, Network], pairs_of) -> str:  # type: ignore[no-untyped-def]
    """Return a table of accuracies, a row a span."""
    rows = [f"| {name} | {' | '.join(TITLES)} |", "|---" * (len(NAMES) + 1) + "|"]
    for span in spans:
        pairs = pairs_of(span)
        figures = [f"{100 * accuracy(network, pairs):.1f}" for network in networks.values()]
        rows.append(f"| {_span(span)} | {' | '.join(figures)} |")
    return "\n".join(rows)


def _span(span: tuple[int, int]) -> str:
    """Name a range of numbers."""
    least, most = span
    return f"{least}" if least == most else f"{least} or more" if most == 99 else f"{least}-{most}"


def _carriers(networks: dict[str, Network]) -> str:
    """Return, for each network, which unit carries the number and what happens without it."""
    pairs = minimal_pairs(COUNT, SEED + 3, distance=(5, 30), attractors=(1, 99))
    rows = [
        f"On {len(pairs):,} pairs with attractors, at 5 to 30 words. The unit through which the subject's number acts",
        f"most was looked for in {CARRIER_PAIRS} of them: one unit at a time, halfway to the verb, got the value that",
        "it has with the other number. Without it: its value is 0 all along.\n",
        "| | unit | carries in | its part of the swap | right with it | right without it |",
        "|---|---|---|---|---|---|",
    ]
    for name, network in networks.items():
        found = [carrier for pair in pairs[:CARRIER_PAIRS] if (carrier := _carrier(network, pair))]
        unit, times = Counter(unit for unit, _ in found).most_common(1)[0]
        part = float(np.median([part for other, part in found if other == unit]))
        whole, without = accuracy(network, pairs), accuracy(without_unit(network, unit), pairs)
        rows.append(
            f"| {title_of(name)} | {unit} | {100 * times / len(found):.0f} % | {100 * part:.0f} % "
            f"| {100 * whole:.1f} % | {100 * without:.1f} % |"
        )
    return "\n".join(rows) + "\n"


def _carrier(network: Network, pair: Pair) -> tuple[int, float] | None:
    """Return the unit that carries the subject's number to the verb of a pair, and its part of the swap."""
    ids = np.array(network.vocabulary.ids(pair.prefix), np.intp)[:, None]
    run = network.run(ids)
    entries = [reading.entry for reading in network.vocabulary.read_sentence(pair.prefix)]
    _, contrast = answer(network, run, Question(len(pair.prefix), pair.right, pair.wrong, "asked"))
    swaps = [
        swap for swap in swaps_of(network, run, entries, OfChoice(network, contrast)) if swap.word == pair.subject + 1
    ]
    carrier = carrier_of(View(network, run, Material(pair.prefix), LAST), swaps, contrast)
    return None if carrier is None else (carrier.unit, carrier.change / carrier.swap_change)


def without_unit(network: Network, unit: int) -> Network:
    """Return the network with a unit that always holds 0.

    Its candidate gets no input and its start state is 0, so its memory stays 0 whatever the gates do.
    """
    direction = network.layers[0][0]
    cell, size = direction.cell, direction.cell.hidden_size
    rows = {"RNN": 0, "LSTM": 2, "GRU": 2}[cell.name] * size + unit
    changed = {name: value.copy() for name, value in cell.parameters.items()}
    for value in changed.values():
        value[rows] = 0
    start = {name: np.where(np.arange(size) == unit, 0, value) for name, value in direction.start.items()}
    return replace(network, layers=((Direction(replace(cell, **changed), start),),))


if __name__ == "__main__":
    main(*sys.argv[1:2])
