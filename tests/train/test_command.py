"""``lstm-ascii train`` as its users call it: in processes of its own, on a terminal and in a pipe."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pexpect
import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.training.jobs import Status
from lstm_ascii.training.plan import Wishes, plan
from lstm_ascii.training.state import load_state
from lstm_ascii.training.workers import run_jobs
from tests.cli.processes import PROCESSES, children, complaint_without_workers, end, leaves_nothing_when_killed, started
from tests.cli.program import TIMEOUT, Result, run

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
TINY = ("--hidden", "4", "--steps", "4")
ENDLESS = ("--hidden", "4", "--steps", "1000000")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("".join(f"The {['cat', 'dog', 'wug'][n % 3]} wasn't hungry.\n" for n in range(300)))
    return path


def one_line(result: Result, code: int) -> str:
    """Check that ``result`` is a clean error, and return it."""
    assert result.code == code, result.complaint
    assert result.out == b""
    assert "Traceback" not in result.complaint
    line = result.complaint.rstrip("\n")
    assert "\n" not in line
    assert line.startswith("lstm-ascii: ")
    return line


def test_a_user_trains_networks_and_looks_inside_one(tmp_path: Path) -> None:
    result = run("train", "--cell", "rnn,gru", *TINY, "--seed", "3", cwd=tmp_path)
    assert result.code == 0, result.complaint
    assert "HOW THEY LEARNT" in result.text
    assert "\x1b" not in result.text + result.complaint
    assert "GRU: step 4 of 4" in result.complaint
    assert sorted(path.name for path in (tmp_path / "lstm-ascii-networks").iterdir()) == [
        "gru.safetensors", "gru.state", "rnn.safetensors", "rnn.state",
    ]  # fmt: skip
    again = run("train", "--cell", "rnn,gru", *TINY, cwd=tmp_path)
    assert "exists" in one_line(again, 1)
    inside = run("explain", "The cat was blarged.", "--model", "lstm-ascii-networks/gru.safetensors", cwd=tmp_path)
    assert inside.code == 0, inside.complaint
    assert "trained on agreement English, 4 steps" in inside.text


def test_a_network_of_a_text_reads_words_that_no_lexicon_has(tmp_path: Path, text: Path) -> None:
    result = run("train", "--corpus", text.name, *TINY, "--out", "my.safetensors", "--json", cwd=tmp_path)
    assert result.code == 0, result.complaint
    report = json.loads(result.text)
    (network,) = report["networks"]
    assert (report["trained_on"], network["cell"], network["file"]) == ("text.txt", "LSTM", "my.safetensors")
    assert network["agreement"] is None
    assert [point["step"] for point in network["points"]] == [1, 2, 3, 4]
    inside = run("explain", "The wug zorbled Ψ 42 dogs", "--model", "my.safetensors", cwd=tmp_path)
    assert inside.code == 0, inside.complaint
    assert "‹unknown-ed›" in inside.text


def test_the_same_seed_gives_the_same_network(tmp_path: Path, text: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        out = f"{name}.safetensors"
        assert run("train", "--corpus", text.name, *TINY, "--seed", seed, "--out", out, cwd=tmp_path).code == 0
    one, two, three = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert one == two != three


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "nothing to learn"), (b" \n\n\t\n", "nothing to learn"), (b"fine \xff", "not UTF-8 at byte 6"),
        (None, "No such file"), ("folder", "is a folder"), ("fifo", "no file on a disk"), ("locked", "denied"),
    ],
)  # fmt: skip
def test_a_text_that_does_not_serve_is_a_clean_error(content: bytes | str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "text\x1b.txt"
    if content == "folder":
        path.mkdir()
    elif content == "fifo":
        os.mkfifo(path)
    elif content == "locked":
        path.write_text("secret words")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("root reads everything")
    elif isinstance(content, bytes):
        path.write_bytes(content)
    line = one_line(run("train", "--corpus", str(path), "--out", "nets", cwd=tmp_path), 1)
    assert message in line
    assert "\x1b" not in line
    assert not (tmp_path / "nets").exists()


def test_one_line_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("the cat sat")
    result = run("train", "--corpus", "one", *TINY, cwd=tmp_path)
    assert result.code == 0, result.complaint


def test_a_folder_that_cannot_be_written_to_is_a_clean_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is no folder" in one_line(run("train", *TINY, "--out", "file", cwd=tmp_path), 1)
    assert "no folder" in one_line(run("train", *TINY, "--out", "none/nets", cwd=tmp_path), 1)


def test_help_loads_no_numpy(tmp_path: Path) -> None:
    code = "import sys; from lstm_ascii.cli.app import run; run(['train', '--help']); print('numpy' in sys.modules)"
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "False"
    assert "--corpus" in result.stdout


# -- Ctrl-C -----------------------------------------------------------------------------------------


def whole_files(folder: Path) -> set[str]:
    """Check that every file in ``folder`` can be read, and return their names."""
    for path in folder.iterdir():
        if path.suffix == ".state":
            load_state(path)
        else:
            own.load(path)
    return {path.name for path in folder.iterdir()}


@PROCESSES
def test_ctrl_c_on_a_terminal_saves_and_gives_the_cursor_back(tmp_path: Path) -> None:
    arguments = ["-m", "lstm_ascii", "train", *ENDLESS, "--out", "nets"]
    terminal = {**ENVIRONMENT, "TERM": "xterm-256color"}
    shown = pexpect.spawn(
        sys.executable,
        arguments,
        cwd=str(tmp_path),
        env=terminal,
        timeout=TIMEOUT,
        encoding="utf-8",
        dimensions=(30, 100),
    )  # fmt: skip
    shown.logfile_read = log = (tmp_path / "log").open("w", encoding="utf-8")
    shown.expect("validation loss")
    started = children(shown.pid)
    assert len(started) >= 2
    shown.sendintr()
    shown.expect(pexpect.EOF)
    shown.close()
    log.close()
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert shown.exitstatus == 130
    assert "Traceback" not in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "Go on with: lstm-ascii train --resume nets" in " ".join(text.split())
    assert end(started)
    assert {f"{cell}.state" for cell in ("rnn", "lstm", "gru")} <= whole_files(tmp_path / "nets")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_training_in_a_pipe_can_go_on(number: int, tmp_path: Path, text: Path) -> None:
    with started("train", "--corpus", text.name, *ENDLESS, "--out", "nets", cwd=tmp_path, env=ENVIRONMENT) as process:
        assert process.stderr is not None
        assert "step 1 of 1,000,000" in process.stderr.readline()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, stdout) == (128 + number, "")
    assert "Traceback" not in stderr
    assert whole_files(tmp_path / "nets") == {"lstm.safetensors", "lstm.state"}
    step = load_state(tmp_path / "nets" / "lstm.state").step
    assert f"LSTM at step {step:,} of 1,000,000" in stderr
    result = run("train", "--resume", "nets/lstm.safetensors", "--steps", str(step + 3), cwd=tmp_path)
    assert result.code == 0, result.complaint
    assert f"{step + 3:,} steps" in result.text


def test_ctrl_c_while_everything_still_loads_is_quiet(tmp_path: Path) -> None:
    for delay in (0.15, 0.35, 0.6):
        there = {"cwd": tmp_path, "env": ENVIRONMENT, "start_new_session": True}
        with started("train", *ENDLESS, "--out", f"nets{delay}", **there) as process:
            time.sleep(delay)
            os.killpg(process.pid, signal.SIGINT)
            stdout, stderr = process.communicate(timeout=TIMEOUT)
        assert stdout == ""
        if process.returncode == 130:  # else Python itself was still starting
            assert "Traceback" not in stderr


@PROCESSES
def test_a_killed_program_leaves_no_process_behind(tmp_path: Path, text: Path) -> None:
    there = {"cwd": tmp_path, "env": ENVIRONMENT, "stdout": subprocess.DEVNULL}
    with started("train", "--corpus", text.name, *ENDLESS, "--out", "nets", **there) as process:
        assert leaves_nothing_when_killed(process)


@PROCESSES
def test_a_training_that_is_killed_is_told(tmp_path: Path, text: Path) -> None:
    with started("train", "--corpus", text.name, *ENDLESS, "--out", "nets", cwd=tmp_path, env=ENVIRONMENT) as process:
        assert "the process of the LSTM ended 3 times" in complaint_without_workers(process)


def test_a_training_that_never_began_is_not_called_saved(capsys: pytest.CaptureFixture[str]) -> None:
    from lstm_ascii.cli.train import _tell_interrupted
    from lstm_ascii.training.jobs import Status
    from lstm_ascii.training.workers import Interrupted

    known = ("stopped", 7, 300, None, 1.0, None)
    one, other = Status("LSTM", *known, saved=0), Status("GRU", *known, saved=7)
    _tell_interrupted(Interrupted((one,)), "nets")
    assert "interrupted; LSTM was stopped before the first step. Go on with" in capsys.readouterr().err
    _tell_interrupted(Interrupted((one, other)), "nets")
    assert "saved GRU at step 7 of 300; LSTM was stopped before the first step" in capsys.readouterr().err


def test_a_training_whose_process_dies_goes_on_to_the_same_network(tmp_path: Path, text: Path) -> None:
    killed: list[int] = []

    def kill(statuses: Sequence[Status]) -> None:
        if statuses[0].saved and not killed:
            for worker in multiprocessing.active_children():
                worker.kill()
                worker.join()
                killed.append(statuses[0].saved)

    networks = []
    for name, watch in (("undisturbed", lambda _: None), ("killed", kill)):
        jobs = plan(Wishes((), str(text), hidden=4, steps=60, out=str(tmp_path / name)))
        run_jobs(jobs, watch)
        networks.append(own.load(jobs[0].file))
    assert killed
    assert killed[0] > 0
    one, other = (network.layers[0][0].cell.parameters for network in networks)
    assert all(np.array_equal(one[name], other[name]) for name in one)
