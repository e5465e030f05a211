"""What is written is whole or not there, follows no link, honours the umask, and takes nothing away from anybody."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii import files
from lstm_ascii.checkpoints.formats import safetensors
from lstm_ascii.errors import LstmAsciiError
from tests.cli.processes import started
from tests.cli.program import TIMEOUT, environment, is_clean_error, run

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
TRAINING = ("train", "--cell", "rnn", "--hidden", "2")


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@POSIX
@pytest.mark.parametrize(("mask", "expected"), [(0o077, 0o600), (0o027, 0o640), (0o022, 0o644)])
@pytest.mark.usefixtures("umask")
def test_a_new_file_has_the_permissions_that_the_umask_leaves(mask: int, expected: int, tmp_path: Path) -> None:
    os.umask(mask)
    for overwrite in (False, True):
        path = tmp_path / f"{overwrite}.txt"
        files.write(path, [b"text"], overwrite)
        assert (path.read_bytes(), mode(path)) == (b"text", expected)


@POSIX
@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o666, 0o755])
@pytest.mark.usefixtures("umask")
def test_a_file_that_is_overwritten_keeps_its_permissions(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_bytes(b"old")
    path.chmod(kept)
    files.write(path, [b"n", memoryview(b"ew")], overwrite=True)
    assert (path.read_bytes(), mode(path)) == (b"new", kept)


def test_a_file_that_comes_while_another_is_written_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine"

    def content() -> Iterator[bytes]:
        yield b"new"
        path.write_bytes(b"another's")

    with pytest.raises(FileExistsError):
        files.write(path, content(), overwrite=False)
    assert path.read_bytes() == b"another's"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_there_are_no_hard_links_nothing_is_overwritten_either(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", no_links)
    files.write(tmp_path / "new", [b"new"], overwrite=False)
    assert (tmp_path / "new").read_bytes() == b"new"

    def content() -> Iterator[bytes]:
        yield b"new"
        (tmp_path / "mine").write_bytes(b"another's")

    with pytest.raises(FileExistsError):
        files.write(tmp_path / "mine", content(), overwrite=False)
    assert (tmp_path / "mine").read_bytes() == b"another's"
    assert {path.name for path in tmp_path.iterdir()} == {"new", "mine"}


@POSIX
@pytest.mark.parametrize("points_to", ["theirs", "nowhere"])
def test_no_link_at_the_target_is_written_through(points_to: str, tmp_path: Path) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    theirs.write_bytes(b"precious")
    link.symlink_to(points_to)
    with pytest.raises(FileExistsError):
        files.write(link, [b"new"], overwrite=False)
    assert link.is_symlink()
    files.write(link, [b"new"], overwrite=True)
    assert (link.is_symlink(), link.read_bytes(), theirs.read_bytes()) == (False, b"new", b"precious")
    assert not (tmp_path / "nowhere").exists()


@POSIX
def test_no_link_at_a_guessed_name_beside_it_is_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.os, "urandom", bytes)  # as if it could be guessed
    (tmp_path / "theirs").write_bytes(b"precious")
    (tmp_path / f".mine.{'0' * 16}.part").symlink_to("theirs")
    with pytest.raises(FileExistsError):
        files.write(tmp_path / "mine", [b"new"], overwrite=True)
    assert (tmp_path / "theirs").read_bytes() == b"precious"
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt(), MemoryError()])
def test_nothing_is_left_half_written(error: BaseException, overwrite: bool, tmp_path: Path) -> None:
    def content() -> Iterator[bytes]:
        yield b"half"
        raise error

    path = tmp_path / "mine"
    if overwrite:
        path.write_bytes(b"old")
    with pytest.raises(type(error)):
        files.write(path, content(), overwrite)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"] * overwrite
    assert not overwrite or path.read_bytes() == b"old"


@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_it_is_written_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom lstm_ascii import files\n"
        f"def content():\n    yield b'half'\n    os.kill(os.getpid(), {int(number)})\n    yield b'other half'\n"
        "files.write(Path(sys.argv[1]), content(), overwrite=False)\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(tmp_path / "mine")], env=environment(), capture_output=True, check=False
    )
    assert done.returncode
    assert not list(tmp_path.iterdir())


def test_names_of_any_length_are_written_to(tmp_path: Path) -> None:
    path = tmp_path / f"{'ü' * 120}.txt"
    files.write(path, [b"text"], overwrite=False)
    assert list(tmp_path.iterdir()) == [path]


def test_parts_of_killed_writers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = [".net.part", ".net.0123.part", f".other.{'0' * 16}.part", "net", f".net.{'x' * 16}.part"]
    for name in (*kept, f".net.{'0a' * 8}.part"):
        (tmp_path / name).write_bytes(b"")
    files.discard_parts(tmp_path / "net")
    assert {path.name for path in tmp_path.iterdir()} == set(kept)


def test_weights_are_not_written_over_others_where_that_is_not_wanted(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    safetensors.write(path, {"one": np.ones(3, np.float32)}, {}, overwrite=False)
    with pytest.raises(FileExistsError):
        safetensors.write(path, {"two": np.ones(3, np.float32)}, {}, overwrite=False)
    assert list(safetensors.read(path)[0]) == ["one"]


# -- locks ------------------------------------------------------------------------------------------


def test_what_is_locked_is_refused_to_others_and_free_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "net"
    for _ in range(2):
        with files.locked([path]):
            with pytest.raises(LstmAsciiError, match="is being written by another program"), files.locked([path]):
                pass
            with files.locked([tmp_path / "other"]):
                pass
    assert not list(tmp_path.iterdir())


@POSIX
def test_the_lock_of_a_killed_program_locks_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom lstm_ascii import files\n"
        "with files.locked([Path(sys.argv[1])]):\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "net")], env=environment(), check=False)  # noqa: S603
    assert [path.name for path in tmp_path.iterdir()] == [".net.lock"]
    with files.locked([tmp_path / "net"]):
        pass
    assert not list(tmp_path.iterdir())


@POSIX
def test_no_link_at_the_name_of_a_lock_is_followed(tmp_path: Path) -> None:
    (tmp_path / ".net.lock").symlink_to("theirs")
    with pytest.raises(OSError, match="symbolic links"), files.locked([tmp_path / "net"]):
        pass
    assert not (tmp_path / "theirs").exists()


def test_of_two_trainings_to_one_place_the_second_is_refused(tmp_path: Path) -> None:
    with started(*TRAINING, "--steps", "1000000", "--out", "nets", cwd=tmp_path) as first:
        assert first.stderr is not None
        first.stderr.readline()
        second = run(*TRAINING, "--steps", "2", "--out", "nets", "--force", cwd=tmp_path)
        assert is_clean_error(second, 1)
        assert "nets/rnn.safetensors is being written by another program" in second.complaint
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=TIMEOUT)
    assert first.returncode == 130
    assert sorted(path.name for path in (tmp_path / "nets").iterdir()) == ["rnn.safetensors", "rnn.state"]


@pytest.mark.parametrize("name", ["rnn.safetensors", "rnn.state"])
def test_a_network_that_comes_while_one_is_trained_is_kept(name: str, tmp_path: Path) -> None:
    with started(*TRAINING, "--steps", "4000", "--out", "nets", cwd=tmp_path) as process:
        until = time.monotonic() + TIMEOUT
        while not (tmp_path / "nets" / ".rnn.safetensors.lock").exists() and time.monotonic() < until:
            time.sleep(0.005)
        (tmp_path / "nets" / name).write_bytes(b"another's")
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert (tmp_path / "nets" / name).read_bytes() == b"another's"
    assert (process.returncode, stdout) == (1, "")
    assert f"{name} exists by now; --force overwrites it" in stderr.splitlines()[-1]
