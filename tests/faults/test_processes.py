"""Worker processes: the results are the same for any number of them, and none outlives its parent."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.processes import Pool, WorkerLostError, ending, results, stopping, tell
from lstm_ascii.reports.scored.portions import batches
from lstm_ascii.work import LINE, TRIES, UnwantedError
from tests.cli.processes import PROCESSES, children
from tests.cli.program import TIMEOUT, environment
from tests.faults import work

GONE_WITHIN = 30.0  # seconds, on a busy machine; what is forgotten stays for ever


@contextmanager
def busy_program() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a program whose two workers are in a long NumPy call; yield it and all its processes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.work"], env=environment(), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    workers = workers_of(process)
    family = children(process.pid)
    assert set(workers) <= set(family)
    time.sleep(0.2)  # from the message to the call
    try:
        yield process, workers
    finally:
        for pid in (process.pid, *family):
            if lives(pid):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=TIMEOUT)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the processes of both pieces, which tell them as they begin."""
    assert process.stdout is not None
    told = sorted(tuple(map(int, process.stdout.readline().split())) for _ in range(2))
    assert [number for number, _ in told] == [0, 1]
    return [pid for _, pid in told]


def lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@PROCESSES
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_every_worker_ends_with_its_parent_whatever_ended_it(number: int) -> None:
    with busy_program() as (process, _):
        family = children(process.pid)
        process.send_signal(number)
        until = time.monotonic() + GONE_WITHIN
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], GONE_WITHIN)
        assert readable, "a process holds the pipe of stdout open"
        assert process.stdout.read() == ""
        while any(map(lives, family)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not [pid for pid in family if lives(pid)]
        assert process.wait(TIMEOUT) == (-number if number == signal.SIGKILL else 128 + number)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@PROCESSES
def test_a_piece_that_loses_its_process_again_and_again_is_one_line_and_the_end_of_all() -> None:
    with busy_program() as (process, workers):
        family = set(workers)
        for _ in range(TRIES - 1):
            os.kill(workers[0], signal.SIGKILL)
            workers = workers_of(process)  # both begin again
            family |= set(workers)
        os.kill(workers[0], signal.SIGKILL)
        _, stderr = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 1
        line = "lstm-ascii: the process of a sum ended 3 times (SIGKILL); perhaps the memory was too small\n"
        assert stderr == line
        assert not [pid for pid in family if lives(pid)]


def test_no_lock_stays_held_whenever_an_interrupt_comes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.interrupted"],
        env=environment(), capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order_whatever_the_number_of_workers(workers: int) -> None:
    with Pool(workers, "a test") as pool:
        assert list(pool.in_order(work.slow_first, ([value] for value in range(12)))) == list(range(12))


def test_nothing_is_heard_of_work_after_its_result() -> None:
    heard: list[tuple[int, int]] = []
    with Pool(2, "a test") as pool:
        futures = [pool.submit(work.square, value, listener=heard.append) for value in range(4)]
        assert [pool.result(future) for future in futures] == [0, 1, 4, 9]
        count = len(heard)
        for _ in range(5):
            pool.wait(0.1)
        assert len(heard) == count


def test_a_piece_whose_process_always_ends_is_given_up_and_the_others_are_done() -> None:
    with Pool(2, "a test") as pool:
        first, lost, last = (pool.submit(work.killed, value) for value in (1, 3, 4))
        with pytest.raises(WorkerLostError, match=r"the process of a test ended 3 times \(SIGKILL\)"):
            pool.result(lost)
        assert (pool.result(first), pool.result(last)) == (1, 4)


def test_what_may_be_tried_once_is_given_up_at_the_first_loss() -> None:
    with pytest.raises(WorkerLostError, match=r"the process of a test ended \(SIGKILL\)"):
        list(results(work.killed, [(3,), (3,)], "a test", workers=2, tries=1))


@pytest.mark.parametrize("workers", [1, 2])
def test_what_lost_its_process_is_done_again_and_the_results_are_the_same(workers: int, tmp_path: Path) -> None:
    pieces = [(str(tmp_path), value) for value in range(10)]
    with Pool(workers, "a test") as pool:
        assert list(pool.in_order(work.killed_at_first, pieces)) == list(range(10))
    assert {int(mark.name) for mark in tmp_path.iterdir()} == {3, 7}


def test_errors_of_the_work_come_as_they_were_raised() -> None:
    with Pool(1, "a test") as pool:
        with pytest.raises(FileError, match="x: is damaged") as error:
            pool.result(pool.submit(work.fails, "file"))
        assert error.value.advice == ("a line to type",)
        with pytest.raises(LstmAsciiError, match="a test: the memory of this machine is too small"):
            pool.result(pool.submit(work.fails, "memory"))


def test_work_that_is_asked_to_stop_ends_in_order() -> None:
    heard: list[str] = []
    with Pool(2, "a test") as pool:
        futures = [pool.submit(work.until_stopped, listener=heard.append) for _ in range(2)]
        while len(heard) < 2:
            pool.wait()
        pool.stop(patience=TIMEOUT)
        assert [pool.result(future) for future in futures] == ["saved", "saved"]


def test_rows_of_a_table_are_asked_about_as_long_as_somebody_wants_the_answers() -> None:
    class Unwanted:
        """Of a piece whose result nobody wants any more."""

        def tell(self, message: object) -> None:
            raise AssertionError(message)

        def stopping(self) -> bool:
            return True

    here = LINE.set(Unwanted())
    try:
        asked = batches([1, 1, 2], int, int, units=1, equal=True)
        assert next(asked) == [1, 1]
        with pytest.raises(UnwantedError):
            next(asked)
    finally:
        LINE.reset(here)


@pytest.mark.skipif(os.name != "posix", reason="needs the signals of POSIX")
def test_workers_leave_signals_of_the_group_to_the_parent_and_have_one_thread() -> None:
    with Pool(1, "a test") as pool:
        assert pool.result(pool.submit(work.hears_no_group_signal)) == (1, 1)


def test_outside_of_a_worker_nobody_is_told_and_nothing_stops() -> None:
    tell("nobody hears it")
    assert not stopping()


def test_the_end_of_a_process_names_its_signal_and_a_likely_reason() -> None:
    assert ending(3, "at step 7") == "ended 3 times, last at step 7 (code 3); perhaps the memory was too small"
    assert ending(-signal.SIGKILL) == "ended 3 times (SIGKILL); perhaps the memory was too small"
    if hasattr(signal, "SIGBUS"):
        assert ending(-signal.SIGBUS) == "ended 3 times (SIGBUS); perhaps a file was cut off while it was read"
