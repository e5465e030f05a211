"""Pieces of work for worker processes; as a program, a pool whose two workers sit in one long NumPy call each."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.processes import Pool, end_if_unwanted, on_cluster, results, stopping, tell

MINUTES = 12 * 10**9  # elements that are added up in one call, some of them at a time


def square(value: int) -> int:
    for step in range(3):
        tell((value, step))
    return value * value


def slow_first(value: int) -> int:
    time.sleep(0.5 if value == 0 else 0.0)
    return value


def slow_len(shared: bytes, value: int) -> int:
    time.sleep(0.05)
    return len(shared) + value


def killed(value: int) -> int:
    if value == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def killed_at_first(folder: str, value: int) -> int:
    mark = Path(folder) / str(value)
    if value % 4 == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def fails(kind: str) -> None:
    if kind == "file":
        raise FileError("x: is damaged", advice=("a line to type",))
    raise MemoryError


def minute(name: str) -> None:
    """Be at work for a minute; only what asks whether it is wanted ends earlier."""
    Path(f"{name}.begun").touch()
    for _ in range(6000):
        end_if_unwanted()
        time.sleep(0.01)
    Path(f"{name}.done").touch()


def until_stopped() -> str:
    tell("begun")
    while not stopping():
        time.sleep(0.01)
    return "saved"


def hears_no_group_signal() -> tuple[int, ...]:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    return tuple(int(os.environ[name]) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"))


def one_long_numpy_call(number: int) -> float:
    tell(f"{number} {os.getpid()}")
    return float(np.broadcast_to(np.float64(1), MINUTES).sum())


def main(*arguments: str) -> None:
    """Add up; of an address and a folder, have two minutes done by that cluster."""
    if arguments:
        address, folder = arguments
        with on_cluster(address):
            list(results(minute, [(f"{folder}/{number}",) for number in range(2)], "a minute"))
        return
    with Pool(2, "a sum") as pool:
        pieces = [
            pool.submit(one_long_numpy_call, number, listener=lambda told: print(told, flush=True))
            for number in range(2)
        ]
        for piece in pieces:
            pool.result(piece)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except LstmAsciiError as error:
        print(f"lstm-ascii: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        from lstm_ascii.interrupts import exit_code

        sys.exit(exit_code())
