"""Published results for the kinds of public benchmarks, from a data file, beside what is measured here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import Protocol

from lstm_ascii.lessons.toml import read, several
from lstm_ascii.records import dataclass

DATA = Path(__file__).with_name("published.toml")


class ReadFile(Protocol):
    """A file of pairs that was read.

    Attributes:
        name: of it.
        layout: how it is laid out.
    """

    name: str
    layout: str


@dataclass(frozen=True)
class Published:
    """A share of right answers that was published.

    Attributes:
        test: the public test.
        what: the construction.
        kinds: as files of the test name them.
        shares: what the model, of the same place in ``models``, gets right; from 0 to 1.
        models: who was measured.
        source: where the figures stand.
        file: how the file's name begins, where kinds alone don't tell the test.
        layout: of the file, likewise.
    """

    test: str
    what: str
    kinds: tuple[str, ...]
    shares: tuple[float, ...]
    models: tuple[str, ...]
    source: str
    file: str = ""
    layout: str = ""


@dataclass(frozen=True)
class PublishedShare:
    """A published share beside ours.

    Attributes:
        test, what, models, shares, source: as in :class:`Published`.
        right: pairs of these kinds that each network gets right.
        total: those that were scored.
    """

    test: str
    what: str
    models: tuple[str, ...]
    shares: tuple[float, ...]
    source: str
    right: tuple[int, ...]
    total: tuple[int, ...]


@cache
def published() -> tuple[Published, ...]:
    """Return all published shares, in the order of the data file.

    Raises:
        FileError: the data file is damaged.
    """
    entries = read(DATA)
    tests = {test["name"]: test for test in entries["test"]}
    tables: list[dict[str, object]] = [
        {**figure, **{key: tests[figure["test"]][key] for key in ("models", "source")}} for figure in entries["figure"]
    ]
    return several(Published, tables, DATA.name)


def published_for(file: ReadFile, kinds: Sequence[Sequence[tuple[str, int, int]]]) -> tuple[PublishedShare, ...]:
    """Return what was published for kinds that a file has.

    Args:
        file: that was read.
        kinds: of each network, the name of each kind with the pairs that were right, and those that were scored.
    """
    found = []
    for entry in published():
        if entry.layout not in ("", file.layout) or not PurePath(file.name).name.startswith(entry.file):
            continue
        ours = [[one for one in some if one[0] in entry.kinds] for some in kinds]
        if ours and ours[0]:
            right, total = (tuple(sum(int(one[place]) for one in some) for some in ours) for place in (1, 2))
            found.append(PublishedShare(entry.test, entry.what, entry.models, entry.shares, entry.source, right, total))
    return tuple(found)
