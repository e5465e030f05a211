"""What other seeds give: the networks of ``lstm-ascii train``, measured once and kept as data.

``python -m tests.seeds FOLDER`` measures the networks in a folder, whatever they are called, and writes
``tests/seeds.tsv``; the card of the shipped networks tells their spread. To train one takes minutes, so no test does
it anew; that the shipped seeds give what stands there is tested.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.formats.safetensors import read
from lstm_ascii.language.pairs import Pair, minimal_pairs
from lstm_ascii.network import Network
from lstm_ascii.training.loop import accuracy, log_odds
from lstm_ascii.training.recipe import RECIPES, Recipe, title_of

FILE = Path(__file__).with_name("seeds.tsv")
COUNT, SEED = 1000, 20_010
SENTENCES = {
    "mouse": "the cat that chased the mouse that ate the cheese that sat on the table",
    "mice": "the cat that chased the mice that ate the cheeses that sat on the tables",
}
SETS = {  # what their pairs are held to
    "0-4 words": {"distance": (0, 4)},
    "5-14 words": {"distance": (5, 14)},
    "15-30 words": {"distance": (15, 30)},
    "no attractor": {"attractors": (0, 0)},
    "one": {"attractors": (1, 1)},
    "several": {"attractors": (2, 99)},
}


@cache
def pairs_of(name: str) -> list[Pair]:
    """Return the pairs of a set, the same for all networks."""
    return minimal_pairs(COUNT, SEED, **SETS[name])


def measured(network: Network) -> dict[str, float]:
    """Return percent right of each set, and the log-odds of "was" against "were" after the two sentences."""
    figures = {name: round(100 * accuracy(network, pairs_of(name)), 1) for name in SETS}
    asked = [Pair(tuple(text.split()), "was", "were", "", 1, 13, 0) for text in SENTENCES.values()]
    odds = log_odds(network, asked)
    return figures | {name: round(float(value), 1) for name, value in zip(SENTENCES, odds, strict=True)}


def rows() -> list[dict[str, str]]:
    """Return what was measured, a row a network."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def table() -> str:
    """Return the table of all seeds; those that are shipped are marked."""
    heads = ("", "seed", *SETS, "... mouse ... cheese ... table", "... mice ... cheeses ... tables")
    lines = [
        f"Percent right of {COUNT:,} pairs each, by distance and by attractors; and what is said after “The cat that",
        "chased the ...”, with the log-odds of *was* against *were*. A star marks the seed that is shipped.\n",
        f"| {' | '.join(heads)} |",
        "|---" * len(heads) + "|",
    ]
    for row in rows():
        star = "*" if RECIPES[row["name"]].seed == int(row["seed"]) else ""
        said = [f"{'was' if float(row[name]) > 0 else 'were'} {float(row[name]):+.1f}" for name in SENTENCES]
        cells = (title_of(row["name"]), row["seed"] + star, *(row[name] for name in SETS), *said)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _found(folder: Path) -> Iterator[tuple[str, int, Mapping[str, float]]]:
    """Yield name, seed and figures of the networks in a folder that were trained by the recipes of today."""
    for path in sorted(folder.glob("*.safetensors")):
        recipe = Recipe(**json.loads(read(path)[1]["recipe"]))
        yield recipe.name, recipe.seed, measured(own.load(path))


def main(folder: Path) -> None:
    """Measure the networks in ``folder`` and write the file."""
    order = list(RECIPES)
    found = sorted(_found(folder), key=lambda row: (order.index(row[0]), row[1]))
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("name", "seed", *SETS, *SENTENCES))
        writer.writerows((name, seed, *figures.values()) for name, seed, figures in found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
