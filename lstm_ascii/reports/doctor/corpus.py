"""A network listens to a file of any size, on all cores and in little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.files import size_of_text
from lstm_ascii.language.text import visible
from lstm_ascii.network import Direction, Network
from lstm_ascii.processes import Pool, cores
from lstm_ascii.reports.doctor.listening import Heard, heard_in, without_words
from lstm_ascii.sources import Source, open_networks

CHUNK = 1 << 20  # bytes of a file that one process takes at a time
NEAR = 1 << 16  # bytes in which the end of a line is looked for; fewer than a chunk has

Watch = Callable[[str, float], None]


def listen_to_file(source: Source, path: Path, watch: Watch | None = None) -> Heard:
    """Read a text file of any size, a line from the start state each, on all cores.

    Args:
        source: of one network.
        path: a text; what is not UTF-8 in it is read as U+FFFD.
        watch: is called with what is done and how far it is, from 0 to 1.

    Raises:
        LstmAsciiError: the file can't be read, or there is no word in it that the network can read.
    """
    size = size_of_text(path)
    chunks = [(path, first, min(size, first + CHUNK)) for first in range(0, size, CHUNK)]
    total: Heard | None = None
    for done, heard in enumerate(_side_by_side(source, chunks), 1):
        if heard is not None:
            total = heard if total is None else total + heard
        if watch:
            watch(f"reading {path.name}", done / len(chunks))
    if total is None or not total.words:
        hint = without_words(_opened(source))
        raise LstmAsciiError(f"{path}: there is no word in it that the network can read{hint}")
    return total


def _side_by_side(source: Source, chunks: Sequence[tuple[Path, int, int]]) -> Iterator[Heard | None]:
    """Read chunks, by processes where there are several; in their order, so that the samples are the same each time."""
    workers = min(cores(), len(chunks))
    if workers <= 1:
        yield from (_read_chunk(source, *chunk) for chunk in chunks)
        return
    with Pool(workers, f"the reading of {visible(chunks[0][0].name)}") as pool:
        yield from pool.in_order(_read_chunk, ((source, *chunk) for chunk in chunks))


@cache
def _opened(source: Source) -> Network:
    """Open the network once in each process, its cells in single precision: what is counted needs no more."""
    (network,) = open_networks((), (), source)
    return replace(network, layers=tuple(tuple(map(_single, layer)) for layer in network.layers))


def _single(direction: Direction) -> Direction:
    """Return a direction in single precision."""
    cell = replace(
        direction.cell, **{name: value.astype(np.float32) for name, value in direction.cell.parameters.items()}
    )
    return replace(direction, cell=cell, start={name: one.astype(np.float32) for name, one in direction.start.items()})


def _read_chunk(source: Source, path: Path, first: int, last: int) -> Heard | None:
    """Read what lies between two places of a file, moved to where lines end."""
    try:
        with path.open("rb") as file:
            begin, end = _boundary(file, first), _boundary(file, last)
            file.seek(max(0, begin - 1))
            goes_on = begin > 0 and file.read(1) not in b"\r\n"
            file.seek(begin)
            content = file.read(end - begin)
    except OSError as error:
        raise LstmAsciiError(f"{path}: {error.strerror or error}") from error
    if begin + len(content) < last:
        raise LstmAsciiError(f"{path}: was cut off while it was read; begin again")
    return heard_in(_opened(source), content.decode("utf-8", "replace").splitlines(), goes_on)


def _boundary(file: BinaryIO, place: int) -> int:
    """Return the end of the line, or at least of the word, that ``place`` lies in; near it in any case."""
    if place == 0:
        return 0
    file.seek(place - 1)
    near = file.read(NEAR)
    ends = (near.find(mark) for mark in (b"\n", b" "))
    return place + next((end for end in ends if end >= 0), 0)
