"""The guide in the terminal: every topic is found, fits, loses nothing, and opens in the reader's pager."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.cli import paging
from lstm_ascii.cli.app import COMMANDS
from lstm_ascii.cli.output import Output
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.guide import TOPICS, topics
from lstm_ascii.guide.topics import Topic, topic
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.guide import PICTURE, GuidePage
from lstm_ascii.render.markdown import Code, Heading, blocks
from lstm_ascii.render.parts import Plain, to_tsv
from lstm_ascii.reports.guide import SCHEMA_VERSION, GuideReport, guide_report
from tests.cli.program import TIMEOUT, answer, inside, is_clean_error
from tests.rendering import render

TEXT = """\
# A page written by hand

`wired` shows *how* a wire **holds**, in one
sentence; see [the other page](other.md).

![A picture of a wire](wire.svg)

```console
$ lstm-ascii wired "The cat that chased the mice that ate the cheeses was hungry." --view one,two
┌──────────────────────────────────────┐
│ 0.25  a drawing  that  keeps  blanks │
└──────────────────────────────────────┘
```

## The `options`

- `--one` is an item that is long enough to be folded where the page is narrow, or even at home.
- two

| option | what it does |
|---|---|
| `--one` | one thing, at some length, so that it must be folded |
| `--two`, `-t` | another |

| a | b | c |
|---|---|---|
| x | y | a table of three |

```python
if True:
    report = 1
```
"""
NAMES = list(TOPICS)
WIDTHS = (20, 21, 34, 40, 69, 70, 80, 120, 200)


def page(text: str = TEXT) -> GuidePage:
    """Return a page of a topic written by hand."""
    return GuidePage(
        GuideReport(SCHEMA_VERSION, "wired", (Topic("wired", "A page written by hand", "It holds.", text),))
    )


def squeezed(text: str) -> str:
    """Return a text without what folding and framing change."""
    return re.sub(r"[\s•│╭╮╰╯─]", "", text)


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(page(), width) == snapshot


def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    text = render(GuidePage(words_in_ascii(page().report)), 80, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_the_page_told_without_drawing_reads_as_it_was_read(snapshot: SnapshotAssertion) -> None:
    assert render(Plain(page()), 80) == snapshot
    assert to_tsv(page().parts()).startswith("# The options\noption\twhat it does\n--one\tone thing")


def test_the_list_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    listed = GuideReport(SCHEMA_VERSION, "", (topics.Topic("one", "The first", "It is one.", "", ("first",)),) * 2)
    assert render(GuidePage(listed), 60) == snapshot
    assert render(GuidePage(listed), 30) == snapshot


@pytest.mark.parametrize("name", ["", *NAMES])
def test_no_line_of_any_topic_is_wider_than_the_terminal(name: str) -> None:
    report = guide_report(name)
    for width in WIDTHS:
        for drawn in (GuidePage(report), Plain(GuidePage(report)), GuidePage(words_in_ascii(report))):
            assert max(cell_len(line) for line in render(drawn, width).splitlines()) <= width


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_topic_is_left_out_at_any_width(name: str) -> None:
    widest = squeezed(render(GuidePage(guide_report(name)), 160))
    for block in blocks(topic(name).text):
        if isinstance(block, Code):
            assert squeezed(block.text) in widest
    for line in re.sub(r"(?s)```.*?```", "", topic(name).text).splitlines():
        for word in re.findall(r"`([^`|]+)`", line):
            told = squeezed(word)
            assert told in widest or told.upper() in widest
    for width in (20, 40, 80):
        narrow = render(GuidePage(guide_report(name)), width)
        for block in blocks(topic(name).text):
            if isinstance(block, Code):
                assert squeezed(block.text) in squeezed(narrow)


def test_an_output_without_a_drawing_is_told_in_full() -> None:
    told = squeezed(render(Plain(GuidePage(guide_report("scripts"))), 80))
    for block in blocks(topic("scripts").text):
        if isinstance(block, Code):
            assert squeezed(block.text) in told


def test_no_tab_reaches_the_terminal() -> None:
    assert "\t" in topic("scripts").text
    assert "\t" not in render(GuidePage(guide_report("scripts")), 80)


def test_outputs_keep_their_layout_where_there_is_room() -> None:
    shown = render(GuidePage(guide_report("explain")), 80)
    output = next(block for block in blocks(topic("explain").text) if isinstance(block, Code))
    for line in output.text.splitlines()[1:]:
        assert f"{line.rstrip()}\n" in shown


@pytest.mark.parametrize("name", NAMES)
def test_each_topic_opens_with_a_heading_and_a_sentence(name: str) -> None:
    first, *others = blocks(topic(name).text)
    assert isinstance(first, Heading)
    assert first.level == 1
    assert [block for block in others if isinstance(block, Heading) and block.level != 2] == []
    assert re.fullmatch(r"[^\n]+[.?]", topic(name).answers)
    assert cell_len(topic(name).title) <= 50


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_leads_to_a_topic_that_shows_it(name: str) -> None:
    (shown,) = topics.topics(name)
    assert f"`{name}" in shown.text or f"lstm-ascii {name}" in shown.text


def test_a_topic_is_found_by_its_name_and_by_its_commands() -> None:
    assert [found.name for found in topics.topics("  Own networks ")] == ["own-networks"]
    assert [found.name for found in topics.topics("doctor")] == ["own-networks"]
    assert [found.name for found in topics.topics("")] == NAMES


@pytest.mark.parametrize(("wanted", "told"), [("explian", "do you mean explain"), ("qqq", "figures"), ("\x1b", "x1b")])
def test_a_topic_that_there_is_not_is_refused_with_those_that_there_are(wanted: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        topics.topics(wanted)


@given(st.text(max_size=30))
def test_any_topic_is_found_or_refused(wanted: str) -> None:
    try:
        answered = " ".join(found.name for found in topics.topics(wanted))
    except UsageError as error:
        answered = str(error)
    assert answered.isprintable()


def test_a_file_that_is_no_page_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "FOLDER", tmp_path)
    (tmp_path / "explain.md").write_text("no heading\n")
    for name, told in (("explain", "mend the file"), ("train", "install")):
        with pytest.raises(FileError, match=told):
            topic.__wrapped__(name)


def test_the_command_lists_shows_and_refuses(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    listed = inside(capsysbinary, "guide")
    assert (listed.code, listed.err) == (0, b"")
    assert all(f" {name} " in listed.text for name in NAMES)
    assert inside(capsysbinary, "guide", "train").text.startswith("╭─ lstm-ascii ─")
    refused = inside(capsysbinary, "guide", "qqq")
    assert is_clean_error(refused, 2)
    assert "own-networks" in refused.complaint
    report = json.loads(inside(capsysbinary, "guide", "--json").text)
    assert [one["name"] for one in report["topics"]] == NAMES
    assert report["topics"][0]["text"].startswith("# ")
    rows = inside(capsysbinary, "guide", "--tsv").text.splitlines()
    assert rows[:2] == ["# topics", "topic\ttitle\tanswers\talso called"]
    assert len(rows) == 2 + len(NAMES)


def test_a_pipe_gets_the_page_without_an_escape_and_no_pager() -> None:
    result = answer("guide", "train", PAGER="false", TERM="xterm-256color")
    assert (result.code, result.err) == (0, b"")
    assert b"\x1b" not in result.out
    assert result.text.count("\n") > 10


def test_a_picture_is_told_by_its_command_alone() -> None:
    told = render(Plain(GuidePage(guide_report("explain"))), 80)
    assert PICTURE in told
    assert "█" not in told
    assert "$ lstm-ascii explain" in told


def test_on_a_terminal_a_long_page_goes_to_the_pager_and_a_short_one_does_not(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect", reason="needs a terminal")
    pager = tmp_path / "pager"
    pager.write_text(f"#!{sys.executable}\nimport sys\nprint('PAGED', sys.stdin.read().count(chr(10)) > 30)\n")
    pager.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS")}
    environment = {**kept, "TERM": "xterm-256color", "PAGER": str(pager)}

    def shown(*arguments: str, rows: int = 24, command: str = "guide", **changes: str) -> str:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "lstm_ascii", command, *arguments],
            env={**environment, **changes},
            dimensions=(rows, 80),
            encoding="utf-8",
            timeout=TIMEOUT,
        )
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
        return str(child.before).rpartition("\x1b[2K")[2]  # on a busy machine a bar came, and went

    assert shown("explain") == "PAGED True\r\n"
    assert "PAGED" not in shown("train", rows=60)
    for changes in ({"PAGER": "cat"}, {"PAGER": ""}, {"TERM": "dumb"}, {"PAGER": "/no/such/pager"}):
        assert "One sentence, word by word" in shown("explain", **changes)
    assert shown("explain", "--json").startswith("{")
    assert shown(command="explain") == "PAGED True\r\n"
    assert "THE VERDICT" in shown("--no-pager", command="explain")
    assert "PAGED" not in shown("--brief", command="explain", rows=30)


def test_ctrl_c_is_left_to_the_pager(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect", reason="needs a terminal")
    pager = tmp_path / "pager.py"
    pager.write_text(
        "import signal, sys, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nsys.stdin.read()\n"
        "print('READY', flush=True)\ntime.sleep(1)\nprint('LEFT')\n"
    )
    child = pexpect.spawn(
        sys.executable,
        ["-m", "lstm_ascii", "guide", "explain"],
        env={**os.environ, "TERM": "xterm", "PAGER": f"{sys.executable} {pager}"},
        timeout=TIMEOUT,
    )
    child.expect("READY")
    child.sendintr()
    child.expect("LEFT")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.skipif(os.name != "posix", reason="needs a pager of its own")
@pytest.mark.parametrize("script", ["import sys; sys.exit(0)", "import sys; sys.stdin.readline(); sys.exit(3)"])
def test_a_pager_that_is_left_early_is_no_error(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", f"{sys.executable} -c '{script}'")
    assert paging._page("line\n" * 100_000, "utf-8")


def test_a_pager_that_is_no_command_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    for pager in ("less '", "/no/such/pager -R"):
        monkeypatch.setenv("PAGER", pager)
        assert not paging._page("line\n", "utf-8")


def test_without_a_pager_python_finds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("pydoc.pager", shown.append)
    assert paging._page("line\n", "utf-8")
    assert shown == ["line\n"]


def test_answers_for_programs_are_never_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PAGER", "less")
    assert paging._can_page(Output())
    assert not any(paging._can_page(output) for output in (Output(json=True), Output(tsv=True)))


CLAIM = re.compile(r"^- (?P<claim>[^:`]+): `lstm-ascii (?P<command>[^`]+)` \(", re.MULTILINE)
CLAIMS = [(match["claim"], match["command"]) for match in CLAIM.finditer(topic("lectures").text)]
SCREEN = 24  # lines
ROOT = Path(__file__).parent.parent.parent


def test_every_statement_of_lectures_has_a_command() -> None:
    assert len(CLAIMS) == topic("lectures").text.count("\n- ")
    assert len(CLAIMS) >= 40


@pytest.mark.parametrize(("claim", "command"), CLAIMS)
def test_what_lectures_say_is_shown_on_one_screen(
    claim: str, command: str, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its command runs as it stands, and nothing has to be scrolled to."""
    monkeypatch.chdir(ROOT)
    shown = inside(capsysbinary, *shlex.split(command), "--width", "80")
    lines = shown.text.splitlines()
    assert shown.code == 0
    assert 0 < len(lines) <= SCREEN, claim
