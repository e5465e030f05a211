"""Pieces on a Dask cluster: the results of this machine, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("distributed", reason="needs the package distributed")
if os.name != "posix":
    pytest.skip("ends processes by signals", allow_module_level=True)

from lstm_ascii import processes
from lstm_ascii.checkpoints import own
from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.processes import Pool, Shared, on_cluster, results
from lstm_ascii.reports.gradients import kinds
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.maps import maps_report
from lstm_ascii.reports.gradients.report import gradients_report
from tests.cli.program import ROOT, TIMEOUT, environment, is_clean_error, run
from tests.cluster.conftest import Running
from tests.faults import work

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries' own


def test_a_thousand_small_pieces_come_in_order(lasting_cluster: Running) -> None:
    with on_cluster(lasting_cluster.address):
        assert list(results(work.slow_first, ([value] for value in range(1000)), "a test")) == list(range(1000))


def test_pieces_tell_fail_and_stop_as_they_do_here(lasting_cluster: Running) -> None:
    heard: list[object] = []
    with on_cluster(lasting_cluster.address), Pool(1, "a test") as pool:
        assert pool.at_once == 2
        with pytest.raises(FileError, match="x: is damaged") as error:
            pool.result(pool.submit(work.fails, "file"))
        assert error.value.advice == ("a line to type",)
        with pytest.raises(LstmAsciiError, match="a test: the memory of this machine is too small"):
            pool.result(pool.submit(work.fails, "memory"))
        pieces = [pool.submit(work.until_stopped, listener=heard.append) for _ in range(2)]
        while len(heard) < 2:
            pool.wait()
        pool.stop(patience=60)
        assert [pool.result(piece) for piece in pieces] == ["saved", "saved"]


def test_what_is_still_done_ends_with_the_program(lasting_cluster: Running) -> None:
    heard: list[object] = []
    with on_cluster(lasting_cluster.address):
        with Pool(1, "a test") as pool:
            for _ in range(2):
                pool.submit(work.until_stopped, listener=heard.append)
            while len(heard) < 2:
                pool.wait()
        assert list(results(work.slow_first, ([value] for value in range(4)), "a test")) == list(range(4))


def test_ctrl_c_cancels_what_runs_there(lasting_cluster: Running, tmp_path: Path) -> None:
    from distributed import Client

    with Client(lasting_cluster.address, set_as_default=False) as client:
        before = client.run_on_scheduler(tasks_there)
        program = [sys.executable, "-m", "tests.faults.work", lasting_cluster.address, str(tmp_path)]
        with subprocess.Popen(program, cwd=ROOT, env=environment(), stderr=subprocess.PIPE) as process:  # noqa: S603
            try:
                assert comes(lambda: len(list(tmp_path.glob("*.begun"))) == 2 or process.poll() is not None)
                assert set(client.run(pieces_at_work).values()) == {1}
                process.send_signal(signal.SIGINT)
                assert process.communicate(timeout=TIMEOUT)[1] == b""
            finally:
                process.kill()
        assert process.returncode == 130
        assert comes(lambda: client.run_on_scheduler(tasks_there) == before)
        assert comes(lambda: set(client.run(pieces_at_work).values()) == {0})
    assert not list(tmp_path.glob("*.done"))


def tasks_there(dask_scheduler: Any) -> int:
    """Return how many tasks a scheduler knows of."""
    return len(dask_scheduler.tasks)


def pieces_at_work(dask_worker: Any) -> int:
    """Return how many functions a worker is running, also those that nobody wants any more."""
    return len(dask_worker.active_keys)


def comes(state: Callable[[], bool]) -> bool:
    """Wait until something is so, and tell whether it came."""
    until = time.monotonic() + TIMEOUT
    while not state():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_corpus_is_profiled_as_it_is_here_bit_for_bit(lasting_cluster: Running, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(f"The {['cat', 'dogs'][number % 2]} that laughed was hungry .\n" * 20)
    here, there = (
        run("profile", "lstm", str(tmp_path), "--json", *where)
        for where in ((), ("--cluster", lasting_cluster.address))
    )
    assert (there.code, there.complaint) == (0, "")
    assert there.out == here.out


def test_networks_are_trained_there_into_a_folder_that_all_share(lasting_cluster: Running, tmp_path: Path) -> None:
    tiny = ("train", "--cell", "rnn", "--seeds", "2", "--hidden", "4", "--steps", "2", "--out")
    for name, where in (("here", ()), ("there", ("--cluster", lasting_cluster.address))):
        done = run(*tiny, name, *where, cwd=tmp_path)
        assert done.code == 0, done.complaint
    for seed in (0, 1):
        here, there = (own.load(tmp_path / name / f"rnn-seed{seed}.safetensors") for name in ("here", "there"))
        one, other = (network.layers[0][0].cell.parameters for network in (here, there))
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_gradients_of_seeds_and_of_maps_are_those_of_here_bit_for_bit(
    lasting_cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "LONG", 0)
    monkeypatch.setattr(kinds, "OF_A_PIECE", 60)
    seeds, edges = Levers(steps=30, hidden=4, seeds=5), Levers(steps=10, hidden=2, cells=("rnn",))
    told: list[str] = []
    with on_cluster(lasting_cluster.address):
        there = gradients_report(seeds, watch=lambda text, _: told.append(text)), maps_report(edges)
    monkeypatch.setattr(processes, "cores", lambda: 1)
    assert there == (gradients_report(seeds), maps_report(edges))
    assert told[-1] == "RNN, piece 12 of 12"


def test_pieces_of_a_killed_worker_are_done_by_others_and_a_scheduler_that_goes_is_one_line(cluster: Running) -> None:
    shared = Shared(bytes, (1 << 20,))
    with on_cluster(cluster.address):
        found = []
        for result in results(work.slow_len, ((shared, value) for value in range(40)), "a test"):
            found.append(result)
            if len(found) == 10:
                os.kill(cluster.processes[1].pid, signal.SIGKILL)
        assert found == [(1 << 20) + value for value in range(40)]
        pieces = results(work.slow_len, ((b"", value) for value in range(10_000)), "a test")
        assert [next(pieces) for _ in range(5)] == list(range(5))
        os.kill(cluster.processes[0].pid, signal.SIGKILL)
        with pytest.raises(LstmAsciiError, match=r"^the scheduler at tcp://.* is gone; what was finished is kept$"):
            list(pieces)


def test_where_nobody_answers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstm_ascii.cluster.CONNECTS_WITHIN", 0.5)
    nobody = "tcp://127.0.0.1:9"
    with on_cluster(nobody), pytest.raises(LstmAsciiError, match=f"no scheduler answers at {nobody}"):
        list(results(work.square, [[1], [2]], "a test"))


def test_a_command_without_a_scheduler_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("The cat was hungry.\n")
    arguments = ("profile", "lstm", str(tmp_path / "text.txt"), "--cluster", "nonsense")
    assert is_clean_error(run(*arguments), 1)
