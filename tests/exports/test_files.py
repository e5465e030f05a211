"""An answer in a file: as on the screen, whole or not at all, and never over another without being told to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lstm_ascii.cli import export
from lstm_ascii.errors import LstmAsciiError, UsageError
from tests.cli.program import BRIEF, SENTENCE, inside

GATES = ("explain", SENTENCE, "--cell", "gru", "--view", "gates")
Capture = pytest.CaptureFixture[bytes]


def test_an_exported_table_is_what_a_pipe_gets(tmp_path: Path, capsysbinary: Capture) -> None:
    target = tmp_path / "gates.tsv"
    assert inside(capsysbinary, *GATES, "--export", str(target)).code == 0
    assert target.read_bytes() == inside(capsysbinary, *GATES, "--tsv").out


def test_an_exported_plain_text_is_what_a_pipe_gets(tmp_path: Path, capsysbinary: Capture) -> None:
    target = tmp_path / "gates.txt"
    assert inside(capsysbinary, *GATES, "--plain", "--export", str(target)).code == 0
    assert target.read_bytes() == inside(capsysbinary, *GATES, "--plain").out


@pytest.mark.parametrize("ending", ["svg", "html", "txt"])
def test_the_picture_that_is_exported_is_the_one_on_the_screen(
    ending: str, tmp_path: Path, capsysbinary: Capture
) -> None:
    from html import unescape
    from re import sub

    target = tmp_path / f"gates.{ending}"
    assert inside(capsysbinary, *GATES, "--width", "60", "--export", str(target)).code == 0
    drawn = target.read_text(encoding="utf-8")
    body = drawn[max(drawn.find("<pre"), drawn.find("<rect"), 0) :]
    found = unescape(sub(r"<[^>]+>", "", body))
    assert "".join(found.split()) == "".join(inside(capsysbinary, *GATES, "--width", "60").text.split())


def test_an_answer_without_a_table_is_no_tsv(tmp_path: Path, capsysbinary: Capture) -> None:
    target = tmp_path / "words.tsv"
    result = inside(capsysbinary, "explain", SENTENCE, *BRIEF, "--export", str(target))
    assert (result.code, result.out) == (2, b"")
    assert "table" in result.complaint
    assert not target.exists()


def test_what_was_there_stays_where_the_new_one_cannot_be_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine.txt"
    target.write_text("precious")

    def full(*paths: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LstmAsciiError, match="No space left"):
        export.write(str(target), "new", force=True)
    assert target.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="such names exist on POSIX only")
def test_a_link_is_replaced_not_followed_and_only_when_forced(tmp_path: Path) -> None:
    target, link = tmp_path / "theirs.txt", tmp_path / "link.txt"
    target.write_text("precious")
    link.symlink_to(target)
    with pytest.raises(LstmAsciiError, match="--force"):
        export.check(str(link), force=False)
    export.check(str(link), force=True)
    export.write(str(link), "new", force=True)
    assert (target.read_text(), link.read_text()) == ("precious", "new")
    umask = os.umask(0o022)
    os.umask(umask)
    assert stat.S_IMODE(link.stat().st_mode) == 0o666 & ~umask
    link.unlink()
    link.symlink_to(tmp_path / "nowhere.txt")
    with pytest.raises(LstmAsciiError, match="--force"):
        export.check(str(link), force=False)


@pytest.mark.parametrize("name", ["x", "x.pdf", "", ".svg", "x.svg.gz"])
def test_a_name_that_does_not_say_what_it_is_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="--export"):
        export.check(name, force=False)
