"""Every command in every surrounding, as a process of its own: streams, locales, kernels, read-only homes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from lstm_ascii.cli.app import COMMANDS
from tests.cli.calls import CALLS, NAMES
from tests.cli.program import ROOT, Result, inside, is_clean_error, run, run_on_a_full_disk, shell

REPEATING = tuple(name for name in NAMES if CALLS[name].repeats)
QUIET = tuple(name for name in NAMES if not CALLS[name].logs)
KERNELS = {  # other ways to the same sums
    "OpenBLAS as on an old machine": {"OPENBLAS_CORETYPE": "Prescott"},
    "NumPy without wide vectors": {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"},
}
NO_NETWORK = """
import socket
def refused(*given, **named):
    raise AssertionError("the program looks for a network")
socket.socket.connect = socket.getaddrinfo = refused
"""
ON_UNIX = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


Usual = Callable[[str], Result]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Usual:
    """What a command answers into a pipe, in pure ASCII; asked for once."""
    return cache(lambda name: run(name, *CALLS[name].in_folder(tmp_path_factory.mktemp(name)), "--ascii"))


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_all_on_standard_output_without_an_escape(name: str, usual: Usual) -> None:
    result = usual(name)
    assert result.code == 0
    assert CALLS[name].logs or result.err == b""
    assert result.out.endswith(b"\n")
    assert b"\x1b" not in result.out + result.err


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for the bytecode without asserts, which would else be made again at every start."""
    return str(tmp_path_factory.mktemp("bytecode"))


@pytest.mark.parametrize("name", REPEATING)
def test_the_hardest_surroundings_change_nothing(name: str, usual: Usual, bytecode: str, tmp_path: Path) -> None:
    """Asserts off, the C locale, no UTF-8, no home, no place for temporary files, no network: the same bytes."""
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    nowhere = "/proc" if Path("/proc/self").exists() else str(tmp_path / "nowhere")
    env = {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONOPTIMIZE": "1", "HOME": nowhere,
        "TMPDIR": nowhere, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT))),
        "PYTHONPYCACHEPREFIX": bytecode,
    }  # fmt: skip
    assert run(name, *CALLS[name].in_folder(tmp_path), env=env, cwd=nowhere if nowhere == "/proc" else None) == usual(
        name
    )


def test_a_network_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    code = "import socket; socket.create_connection(('localhost', 9))"
    done = shell(f'PYTHONPATH={tmp_path} {sys.executable} -c "{code}"')
    assert b"looks for a network" in done.err


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", ["explain", "gradients", "agreement"])
def test_other_kernels_print_the_same(name: str, kernel: str, usual: Usual, tmp_path: Path) -> None:
    result = run(name, *CALLS[name].in_folder(tmp_path), "--ascii", env=KERNELS[kernel])
    assert (result.code, result.text) == (0, usual(name).text)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("name", QUIET)
def test_a_full_disk_is_a_clean_error(name: str, tmp_path: Path) -> None:
    result = run_on_a_full_disk(name, *CALLS[name].in_folder(tmp_path))
    assert is_clean_error(result, 1)
    assert "can't write the answer: No space left" in result.complaint


@ON_UNIX
@pytest.mark.parametrize("name", QUIET)
def test_a_reader_that_leaves_early_is_no_error(name: str, tmp_path: Path) -> None:
    result = shell('{ "$@"; echo "code $?" >&2; } | head -1', name, *CALLS[name].in_folder(tmp_path))
    assert len(result.out.splitlines()) == 1
    assert result.err in (b"code 0\n", b"code 141\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_shows_the_usage_on_standard_error(
    name: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, name, "--nonsense")
    assert (result.code, result.out) == (2, b"")
    usage, message = result.complaint.splitlines()
    assert usage.startswith(f"Usage: lstm-ascii {name} [OPTIONS]")
    assert "{" not in usage
    assert "--nonsense" in message


@pytest.mark.parametrize("name", NAMES)
def test_forms_that_exclude_each_other_are_a_usage_error(
    name: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    for forms in (("--json", "--tsv"), ("--plain", "--json"), ("--color", "red"), ("--width", "19"), ("--export", "x")):
        assert is_clean_error(inside(capsysbinary, name, *CALLS[name].in_folder(tmp_path), *forms), 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_never_overwritten_without_being_told_to(
    name: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    mine = tmp_path / "mine.svg"
    mine.write_text("precious")
    arguments = [one for one in CALLS[name].in_folder(tmp_path) if one != "--force"]
    assert is_clean_error(inside(capsysbinary, name, *arguments, "--export", str(mine)), 1)
    assert mine.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [mine]


@pytest.mark.parametrize("name", NAMES)
def test_json_is_strict_pure_ascii_and_numbered(
    name: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    result = inside(capsysbinary, name, *CALLS[name].in_folder(tmp_path), "--json", "--color", "always")
    assert result.code == 0
    assert result.out.isascii()
    assert b"\x1b" not in result.out
    assert json.loads(result.text, parse_constant=refused)["schema_version"] >= 1
