"""Saving the finished part of ``profile`` to a file, to continue from it later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.analysis.activity import Activity, Range
from lstm_ascii.analysis.follows import Follows
from lstm_ascii.analysis.sketch import Passage, Sketch
from lstm_ascii.cells import Array
from lstm_ascii.corpora import TextFile, text_pieces
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass
from lstm_ascii.reports.kept import KeptFile
from lstm_ascii.reports.profile.reading import CorpusSketch


@dataclass(frozen=True, eq=False)
class Kept:
    """The file of one reading.

    Attributes:
        path: of it.
        network, files: what reads what; nothing else is gone on with.
    """

    path: Path
    network: Network
    files: Sequence[TextFile]

    def save(self, whole: CorpusSketch, count: int) -> None:
        """Keep the sum of the first ``count`` pieces.

        Raises:
            LstmAsciiError: it can't be written.
        """
        arrays = {f"{number}.{name}": value for number, one in enumerate(whole.sketches)
                  for name, value in _arrays(one).items()}  # fmt: skip
        facts = {"count": count, "sums": [whole.lines, whole.words, whole.unknown, whole.skipped],
                 "highest": [_passages(one) for one in whole.sketches]}  # fmt: skip
        self._file.save(arrays, facts)

    def load(self) -> tuple[CorpusSketch | None, int]:
        """Return the sum of the first pieces, and how many these are; nothing where there is no file yet.

        Raises:
            FileError: it is of another reading, or damaged.
        """
        file = self._file
        if (kept := file.load()) is None:
            return None, 0
        arrays, facts = kept
        try:
            names = [_Names(arrays, f"{number}.") for number in range(len(facts["highest"]))]
            sketches = tuple(_sketch(one, some) for one, some in zip(names, facts["highest"], strict=True))
            lines, words, unknown, skipped = map(int, facts["sums"])
            return CorpusSketch(lines, words, unknown, skipped, sketches), int(facts["count"])
        except (ValueError, KeyError, TypeError) as error:
            raise file.damaged() from error

    @property
    def _file(self) -> KeptFile:
        """What the reading depends on: the network's numbers, the files and how they are cut."""
        digest = hashlib.sha256()
        for layer in self.network.layers:
            for direction in layer:
                for value in direction.cell.parameters.values():
                    digest.update(np.ascontiguousarray(value).tobytes())
        digest.update("\n".join(self.network.vocabulary.words).encode())
        digest.update(json.dumps([[one.name, one.size] for one in self.files]).encode())
        return KeptFile(self.path, "profile", f"{digest.hexdigest()} {len(text_pieces(self.files))}",
                        "another network or another corpus")  # fmt: skip


class _Names(dict[str, Array]):
    """The arrays of one direction."""

    def __init__(self, arrays: Mapping[str, Array], start: str) -> None:
        super().__init__({name.removeprefix(start): value for name, value in arrays.items() if name.startswith(start)})

    def of(self, start: str) -> list[str]:
        return list(dict.fromkeys(name.split(".")[1] for name in self if name.startswith(start)))


def _arrays(sketch: Sketch) -> dict[str, Array]:
    """Return all numbers of a sketch by name."""
    arrays = {"count": np.array([sketch.activity.count, sketch.activity.not_numbers], np.int64)}
    for name, one in sketch.activity.ranges.items():
        arrays |= {f"range.{name}.{field.name}": getattr(one, field.name) for field in fields(one)}
    arrays |= {f"histogram.{name}": counts.astype(np.int64) for name, counts in sketch.histograms.items()}
    arrays |= {f"follows.{field.name}": getattr(sketch.follows, field.name) for field in fields(sketch.follows)}
    return arrays | {"products": sketch.products}


def _sketch(arrays: _Names, highest: Any) -> Sketch:
    """Return the sketch of its numbers and passages."""
    count, not_numbers = map(int, arrays["count"])
    ranges = {name: Range(*(arrays[f"range.{name}.{field.name}"] for field in fields(Range)))
              for name in arrays.of("range.")}  # fmt: skip
    return Sketch(
        Activity(count, ranges, not_numbers), {name: arrays[f"histogram.{name}"] for name in arrays.of("histogram.")},
        arrays["products"], Follows(*(arrays[f"follows.{field.name}"] for field in fields(Follows))),
        tuple(tuple(Passage(float(order), str(file), (int(place), int(line)), tuple(map(str, words)), int(at))
                    for order, file, (place, line), words, at in unit) for unit in highest),
    )  # fmt: skip


def _passages(sketch: Sketch) -> list[Any]:
    return [[[one.order, one.file, one.line, one.words, one.at] for one in unit] for unit in sketch.highest]
