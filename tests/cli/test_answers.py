"""The answer in other forms: JSON, SVG, HTML, text."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lstm_ascii.cli.output import to_json
from lstm_ascii.reports.explain.passes import Unit, UnitStep
from tests.cli.program import BRIEF, SENTENCE, Result, answer, inside, is_clean_error, run
from tests.cli.test_sentences import CONTROLS, NASTY

STEP_KEYS = {"number", "word", "read_as", "known", "state_size", "gates", "written", "wiped", "holds", "gradient"}
NETWORK_KEYS = {"cell", "hidden_size", "source", "choice", "steps", "inside", "swaps", "carrier", "split", "memory"}


def strictly(text: str) -> Any:
    """Read JSON as the standard has it, without NaN and infinities."""

    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refused)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    result = answer("explain", SENTENCE, "--json")
    assert (result.code, result.err) == (0, b"")
    found: dict[str, Any] = strictly(result.text)
    return found


def test_json_has_what_is_promised(report: dict[str, Any]) -> None:
    assert report["schema_version"] == 1
    assert report["words"] == SENTENCE.replace(".", " .").split()
    assert report["sentence"] == " ".join(report["words"])
    assert [network["cell"] for network in report["networks"]] == ["RNN", "LSTM", "GRU"]
    for network in report["networks"]:
        assert network.keys() >= NETWORK_KEYS
        assert [step["number"] for step in network["steps"]] == list(range(1, 10))
        assert all(step.keys() >= STEP_KEYS for step in network["steps"])


def test_json_has_full_precision(report: dict[str, Any]) -> None:
    sizes = [step["state_size"] for network in report["networks"] for step in network["steps"]]
    assert all(len(repr(size)) > 10 for size in sizes)


def test_json_shares_of_memory_add_up(report: dict[str, Any]) -> None:
    for network in report["networks"][1:]:
        for step in network["steps"]:
            held = step["holds"]
            assert sum(share["share"] for share in held["words"]) + held["others"] == pytest.approx(1)


def test_json_is_plain_ascii_whatever_the_sentence() -> None:
    result = run("explain", "-", "--json", "--cell", "gru", "--color", "always", stdin=NASTY.encode())
    assert (result.code, result.err) == (0, b"")
    assert result.out.isascii()
    assert b"\x1b" not in result.out
    assert r"\x1b[31mred" in strictly(result.text)["words"]


def test_json_says_null_for_what_is_no_number() -> None:
    values = tuple(UnitStep(value, None, 0.5, value) for value in (math.nan, math.inf, -math.inf))
    assert strictly(to_json(Unit(0, math.nan, values))) == {
        "index": 0,
        "half_life": None,
        "steps": [{"value": None, "keeps": None, "adds": 0.5, "shows": None}] * 3,
    }


@pytest.mark.parametrize("more", [("--forget-bias", "10000"), ("--forget-bias", "-10000"), ("--hidden", "1")])
def test_json_has_no_nan_in_a_degenerate_network(
    more: tuple[str, ...], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, "explain", SENTENCE, "--json", *more)
    assert (result.code, result.err) == (0, b"")
    strictly(result.text)


@pytest.mark.parametrize("more", [(), ("--seed", "7"), ("--json", "--seed", "7", "--hidden", "5")])
def test_the_same_question_gives_the_same_bytes(more: tuple[str, ...]) -> None:
    first = run("explain", SENTENCE, *more, env={"PYTHONHASHSEED": "1"})
    assert first.code == 0
    assert first == run("explain", SENTENCE, *more, env={"PYTHONHASHSEED": "2"})


def test_another_seed_gives_another_answer() -> None:
    brief = ("--json", "--hidden", "4", "--cell", "gru")
    assert run("explain", "x", *brief, "--seed", "1").out != run("explain", "x", *brief, "--seed", "2").out


def exported(path: Path, *more: str) -> str:
    """Export a picture of the nasty sentence and return it."""
    result = run("explain", "-", "--all", "--cell", "gru", "--export", str(path), *more, stdin=NASTY.encode())
    assert (result.code, result.out) == (0, b"")
    assert result.complaint == f"lstm-ascii: written to {path}\n"
    return path.read_text(encoding="utf-8")


def test_an_exported_svg_is_well_formed_whatever_the_sentence(tmp_path: Path) -> None:
    text = exported(tmp_path / "picture.SVG")
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    assert "日本語" in "".join(root.itertext()).replace("\u00a0", " ")
    assert not set(text) & set(CONTROLS)


def test_an_exported_page_is_well_formed_whatever_the_sentence(tmp_path: Path) -> None:
    text = exported(tmp_path / "picture.html")
    opened: list[str] = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br", "link"):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Balanced().feed(text)
    assert opened == []
    assert "&lt;" in text
    assert not set(text) & set(CONTROLS)


@pytest.mark.parametrize("more", [(), ("--ascii",), ("--width", "40")])
def test_an_exported_text_is_what_a_pipe_gets(more: tuple[str, ...], tmp_path: Path) -> None:
    target = tmp_path / "picture.txt"
    result = run("explain", SENTENCE, *BRIEF, "--export", str(target), *more)
    assert result.code == 0
    shown = run("explain", SENTENCE, *BRIEF, *more).text
    assert target.read_text(encoding="utf-8").splitlines() == [line.rstrip() for line in shown.splitlines()]


def refused(target: Path, code: int = 1, *more: str) -> Result:
    """Try to export and be refused."""
    result = run("explain", "x", *BRIEF, "--export", str(target), *more)
    assert is_clean_error(result, code)
    return result


def test_an_existing_file_is_kept_unless_it_is_forced(tmp_path: Path) -> None:
    target = tmp_path / "mine.txt"
    target.write_text("precious")
    assert "--force" in refused(target).complaint
    assert target.read_text() == "precious"
    assert run("explain", "x", *BRIEF, "--export", str(target), "--force").code == 0
    assert "IN WORDS" in target.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [target]


def test_a_target_that_cannot_be_is_a_clean_error(tmp_path: Path) -> None:
    assert "make it first" in refused(tmp_path / "missing" / "x.svg").complaint
    folder = tmp_path / "folder.svg"
    folder.mkdir()
    assert "folder" in refused(folder, 1, "--force").complaint
    refused(tmp_path / "x.pdf", 2)
    refused(tmp_path / "x", 2)
    refused(tmp_path / f"{'x' * 300}.txt")
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
def test_a_read_only_folder_is_a_clean_error() -> None:
    refused(Path("/proc/x.svg"))


def test_json_and_a_picture_can_be_had_at_once(tmp_path: Path) -> None:
    result = run("explain", "x", "--cell", "gru", "--json", "--export", str(tmp_path / "x.svg"))
    assert result.code == 0
    assert strictly(result.text)["words"] == ["x"]
    assert (tmp_path / "x.svg").exists()


def test_an_export_that_is_refused_prints_nothing_and_names_the_option_that_was_given(tmp_path: Path) -> None:
    file = tmp_path / "course.tsv"
    for also in ((), ("--json",)):
        result = run("guide", "train", *also, "--export", str(file))
        assert is_clean_error(result, 2)
        assert f"--export {file}: this answer has no table" in " ".join(result.complaint.split())
        assert not file.exists()
