"""Pieces on a Dask cluster: the results of this machine, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("distributed", reason="needs the package distributed")
if os.name != "posix":
    pytest.skip("ends processes by signals", allow_module_level=True)

from lstm_ascii.checkpoints import own
from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.processes import Pool, Shared, on_cluster, results
from tests.cli.program import is_clean_error, run
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
    tiny = ("train", "--cell", "rnn,gru", "--hidden", "4", "--steps", "2", "--out")
    for name, where in (("here", ()), ("there", ("--cluster", lasting_cluster.address))):
        done = run(*tiny, name, *where, cwd=tmp_path)
        assert done.code == 0, done.complaint
    for cell in ("rnn", "gru"):
        here, there = (own.load(tmp_path / name / f"{cell}.safetensors") for name in ("here", "there"))
        one, other = (network.layers[0][0].cell.parameters for network in (here, there))
        assert all(np.array_equal(one[name], other[name]) for name in one)


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
