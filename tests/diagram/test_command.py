"""``lstm-ascii diagram`` as its readers call it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lstm_ascii.reports.diagram.pictures import PICTURES
from tests.cli.program import SENTENCE, TIMEOUT, command, environment, inside, is_clean_error, run
from tests.diagram.joints import loose_ends

Capture = pytest.CaptureFixture[bytes]


@pytest.mark.parametrize("arguments", [(), ("--list",)])
def test_alone_it_lists_the_pictures(arguments: tuple[str, ...], capsysbinary: Capture) -> None:
    result = inside(capsysbinary, "diagram", *arguments)
    assert (result.code, result.err) == (0, b"")
    assert all(f" {name} " in result.text for name in PICTURES)


@pytest.mark.parametrize("width", [20, 34, 40, 80, 120])
@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_drawn_with_a_sentences_values(name: str, width: int, capsysbinary: Capture) -> None:
    result = inside(capsysbinary, "diagram", name, "--sentence", SENTENCE, "--width", str(width))
    assert (result.code, result.err) == (0, b"")
    assert max(map(len, result.text.splitlines())) <= width
    assert loose_ends(result.text) == []


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_told_in_json_tables_and_sentences(name: str, capsysbinary: Capture) -> None:
    asked = ("diagram", name, "--sentence", SENTENCE)
    report = json.loads(inside(capsysbinary, *asked, "--json").text)
    assert (report["schema_version"], report["name"]) == (1, name)
    assert inside(capsysbinary, *asked, "--tsv").text.startswith("# ")
    assert inside(capsysbinary, *asked, "--plain").code == 0
    assert inside(capsysbinary, *asked, "--ascii").out.isascii()


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "training"])
@pytest.mark.parametrize("more", [("--hidden", "1"), ("--forget-bias", "-10000"), ("--forget-bias", "10000")])
def test_unusual_networks_can_be_drawn(name: str, more: tuple[str, ...], capsysbinary: Capture) -> None:
    result = inside(capsysbinary, "diagram", name, "--sentence", "\x1b[1m 日本語 cats", *more)
    assert (result.code, result.err) == (0, b"")
    assert "nan" not in result.text
    assert "\x1b" not in result.text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lst",), "lstm"),
        (("lstm", "--animate"), "--animate"),
        (("lstm", "--forget", "0.5"), "--forget"),
        (("carousel", "--forget", "2"), "0 to 1"),
        (("gru-lstm", "--model", "x.safetensors"), "two networks"),
        (("\x1b[31m",), "\\x1b"),
    ],
)
def test_what_makes_no_sense_is_a_clean_usage_error(
    arguments: tuple[str, ...], told: str, capsysbinary: Capture
) -> None:
    result = inside(capsysbinary, "diagram", *arguments)
    assert is_clean_error(result, 2)
    assert told in result.complaint


def test_a_network_with_another_cell_is_not_drawn_as_what_it_is_not(capsysbinary: Capture) -> None:
    import lstm_ascii

    gru = Path(lstm_ascii.__file__).with_name("weights") / "gru.safetensors"
    result = inside(capsysbinary, "diagram", "lstm", "--model", str(gru))
    assert is_clean_error(result, 2)
    assert "GRU" in result.complaint
    assert inside(capsysbinary, "diagram", "gru", "--model", str(gru), "--sentence", "The cat").code == 0


def test_a_pipe_gets_a_few_frames_one_below_another() -> None:
    result = run("diagram", "carousel", "--animate", "--forget", "0.5", env={"TERM": "xterm"})
    assert (result.code, result.err) == (0, b"")
    assert b"\x1b" not in result.out
    assert result.text.count("f = 0.5") == 5
    assert len(result.text.splitlines()) < 60


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
class TestOnATerminal:
    """The animation moves, ends, and leaves the terminal as it was."""

    def child(self, *arguments: str) -> object:
        pexpect = pytest.importorskip("pexpect")
        first, *rest = command("diagram", "carousel", "--animate", *arguments)
        assert first == sys.executable
        return pexpect.spawn(
            sys.executable,
            [str(one) for one in rest],
            env=environment(TERM="xterm"),
            dimensions=(60, 80),
            encoding="utf-8",
            timeout=TIMEOUT,
        )

    def test_an_interrupt_ends_the_ride_and_gives_the_cursor_back(self) -> None:
        pexpect = pytest.importorskip("pexpect")
        child = self.child("--sentence", "The cat was hungry.")
        child.expect("1 round")  # type: ignore[attr-defined]
        child.sendintr()  # type: ignore[attr-defined]
        child.expect(pexpect.EOF)  # type: ignore[attr-defined]
        child.close()  # type: ignore[attr-defined]
        assert child.exitstatus == 130  # type: ignore[attr-defined]
        assert "\x1b[?25h" in child.before  # type: ignore[attr-defined]
        assert "Traceback" not in child.before  # type: ignore[attr-defined]
