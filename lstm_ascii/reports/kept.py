"""Saving finished parts of long work to a file, to continue when a cluster, or the program, has ended.

Such a file is a ``.safetensors`` of plain numbers, which nothing is run to read. It says what it is of, and nothing
else is gone on with.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.processes import results
from lstm_ascii.records import dataclass
from lstm_ascii.work import Result

KEPT_EVERY = 10.0  # seconds from one saving of what is finished to the next


@dataclass(frozen=True)
class KeptFile:
    """The file of one piece of long work.

    Attributes:
        path: of it.
        command: whose it is.
        of: what is measured, all that its results depend on; nothing else is gone on with.
        others: what that would be, as an error says it: ``another network``.
    """

    path: Path
    command: str
    of: str
    others: str

    def save(self, arrays: Mapping[str, Array], facts: object) -> None:
        """Keep arrays, and what JSON can say.

        Raises:
            LstmAsciiError: it can't be written.
        """
        metadata = {"format": self._format, "of": self._fingerprint, "facts": json.dumps(facts)}
        try:
            write(self.path, arrays, metadata)
        except OSError as error:
            raise LstmAsciiError(f"can't write {self.path}: {error.strerror or error}", "resume") from error

    def load(self) -> tuple[Mapping[str, Array], Any] | None:
        """Return the arrays and the facts that were kept; ``None`` where there is no file yet.

        Raises:
            FileError: it is of something else, or damaged.
        """
        if not self.path.exists():
            return None
        arrays, metadata = read(self.path)
        if metadata.get("format") != self._format:
            raise FileError(
                f"{self.path}: is nothing that {self.command} has kept; name another file, or none that is there"
            )
        if metadata.get("of") != self._fingerprint:
            raise FileError(f"{self.path}: was kept of {self.others}; name another file")
        try:
            return arrays, json.loads(metadata["facts"])
        except (ValueError, KeyError, RecursionError) as error:
            raise self.damaged() from error

    def damaged(self) -> FileError:
        """Return the error for what can't be read."""
        return FileError(f"{self.path}: is damaged; remove it, and begin again")

    @property
    def _format(self) -> str:
        return f"lstm-ascii {self.command} 1"

    @property
    def _fingerprint(self) -> str:
        return hashlib.sha256(self.of.encode()).hexdigest()


@dataclass(frozen=True)
class KeptPieces(Generic[Result]):
    """A file with the results of the first pieces.

    Attributes:
        file: itself.
        pack, unpack: make arrays of a result, and a result of arrays.
    """

    file: KeptFile
    pack: Callable[[Result], Mapping[str, Array]]
    unpack: Callable[[Mapping[str, Array]], Result]

    def save(self, found: Sequence[Result]) -> None:
        """Keep the results of the first pieces."""
        arrays = {f"{number}.{name}": array for number, one in enumerate(found)
                  for name, array in self.pack(one).items()}  # fmt: skip
        self.file.save(arrays, len(found))

    def load(self) -> list[Result]:
        """Return the results that were kept.

        Raises:
            FileError: they are of something else, or damaged.
        """
        kept = self.file.load()
        if kept is None:
            return []
        parts: dict[str, dict[str, Array]] = {}
        for name, array in kept[0].items():
            number, _, rest = name.partition(".")
            parts.setdefault(number, {})[rest] = array
        try:
            return [self.unpack(parts[str(number)]) for number in range(int(kept[1]))]
        except (ValueError, KeyError, TypeError) as error:
            raise self.file.damaged() from error


def kept_results(
    work: Callable[..., Result],
    pieces: Sequence[Sequence[Any]],
    task: str,
    kept: KeptPieces[Result] | None,
    workers: int | None = None,
) -> Generator[Result]:
    """Yield the result of each piece, in their order; what a file has of them isn't done again.

    Args:
        work: a function of a module.
        pieces: the arguments of each.
        task: what they do, as errors say it.
        kept: the file to go on from, and to save to now and then and where it ends early.
        workers: how many processes on this machine; by default one a core.

    Raises:
        LstmAsciiError: a piece raised it, or the file is of something else or can't be written.
    """
    found = kept.load() if kept else []
    begun = count = len(found)
    saved_at = time.monotonic()
    yield from found
    try:
        for one in results(work, pieces[begun:], task, workers):
            count += 1
            if kept:
                found.append(one)
            if kept and time.monotonic() - saved_at > KEPT_EVERY:
                kept.save(found)
                saved_at = time.monotonic()
            yield one
    finally:
        if kept and count > begun:
            kept.save(found)
