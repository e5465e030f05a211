"""Every command on every kind of terminal: never too wide, never a character that the stream doesn't have."""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.segment import Segment

from lstm_ascii.cli.app import COMMANDS
from lstm_ascii.cli.output import Output
from lstm_ascii.render.parts import Part, Prose
from tests.cli.calls import CALLS, NAMES, caught

WIDTHS = (1, 20, 40, 80, 120, 200, 5000)
ENCODINGS = ("utf-8", "cp1252", "ascii")
SURROUNDINGS: dict[str, tuple[bool, dict[str, str]]] = {  # whether it is a terminal, and what the environment says
    # of true colours, as in all tests: Rich keeps the codes of a style, whatever the next console can show
    "terminal": (True, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}),
    "pipe": (False, {"TERM": "xterm-256color"}),
    "dumb": (True, {"TERM": "dumb"}),
    "no colour": (True, {"TERM": "xterm-256color", "NO_COLOR": "1"}),
}
DRAWING = re.compile("[\u2500-\u25ff\u2713\u2717\u2800-\u28ff\x1b]")
CUT = re.compile(r"[\d.±−](?<!\d\.\d\d)…(?=\s|│|$)")
ESCAPES = re.compile(r"\x1b\[[\d;]*m")


class Stream(io.TextIOWrapper):
    """A standard output of an encoding, on a terminal or not."""

    def __init__(self, encoding: str, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def written(self) -> str:
        self.flush()
        raw = self.buffer.getvalue()  # type: ignore[attr-defined]
        return str(raw.decode(self.encoding))


Shown = Sequence[tuple[Any, Any]]


@pytest.fixture(scope="module", params=NAMES)
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The reports of one command: they are made once and drawn many times."""
    return caught(request.param, tmp_path_factory.mktemp(request.param))


def drawn(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8", where: str = "pipe", **asked: Any
) -> str:
    """Return what a stream gets."""
    terminal, environment = SURROUNDINGS[where]
    for name in ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", str(asked.pop("columns", 80)))
    stream = Stream(encoding, terminal)
    monkeypatch.setattr(sys, "stdout", stream)
    for report, draw in shown:
        Output(**asked).show(report, draw)
    monkeypatch.undo()
    return stream.written()


def test_every_command_has_a_call() -> None:
    assert set(CALLS) >= set(COMMANDS), "a new command needs a line in tests/cli/calls.py"


def test_no_line_is_wider_than_the_terminal_and_no_character_is_foreign_to_it(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = itertools.product(WIDTHS, (("utf-8", "terminal"), ("ascii", "pipe")))
    for width, (encoding, where) in (*wide, *((80, pair) for pair in itertools.product(ENCODINGS, SURROUNDINGS))):
        text = drawn(shown, monkeypatch, encoding, where, columns=width)
        lines = ESCAPES.sub("", text).splitlines()
        widest = max(lines, key=cell_len)
        assert cell_len(widest) <= max(20, width), (width, encoding, where, widest)
        assert text.isascii() or encoding == "utf-8"
        assert ("\x1b" in text) == (where == "terminal"), (width, encoding, where)


class TooWide:
    """A page that takes no notice of the terminal."""

    def __rich_console__(self, console: object, options: object) -> Iterator[Segment]:
        yield Segment("├" + "─" * 100 + "0.5…\n")

    def parts(self) -> list[Part]:
        return [Prose("├")]


def test_a_page_that_breaks_the_promises_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [(Prose(""), lambda report, limit: TooWide())]
    for broken in (
        test_no_line_is_wider_than_the_terminal_and_no_character_is_foreign_to_it,
        test_no_figure_is_cut_at_any_width,
        test_plain_text_has_no_drawings_and_fits,
    ):
        with pytest.raises(AssertionError), monkeypatch.context() as patched:
            broken(shown, patched)


def test_without_colour_nothing_is_lost(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = drawn(shown, monkeypatch, where="terminal")
    assert ESCAPES.sub("", coloured) == drawn(shown, monkeypatch, where="no colour")


def test_no_figure_is_cut_at_any_width(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (20, 24, 30, 40, 60, 80, 120):
        lines = drawn(shown, monkeypatch, columns=width).splitlines()
        cut = [line for line in lines if CUT.search(line) and '{"' not in line]  # JSON from a file may be cut
        assert not cut, (width, cut)


def test_plain_text_has_no_drawings_and_fits(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in WIDTHS:
        text = drawn(shown, monkeypatch, columns=width, plain=True)
        assert not DRAWING.findall(text)
        assert max(map(cell_len, text.splitlines())) <= max(20, width)


def test_plain_text_can_be_pure_ascii(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(shown, monkeypatch, "ascii", plain=True)
    assert text.isascii()
    assert len(text.splitlines()) > 2


def test_tables_have_as_many_fields_as_heads(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if not CALLS[request.node.callspec.params["shown"]].tables:
        pytest.skip("this answer has no table")
    text = drawn(shown, monkeypatch, tsv=True)
    assert "\x1b" not in text
    for block in text.split("\n\n"):
        name, heads, *rows = block.splitlines()
        assert name.startswith("# ")
        assert "\t" not in name
        assert rows
        assert {row.count("\t") for row in rows} == {heads.count("\t")}


def test_what_is_written_for_other_programs_ignores_the_terminal(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    forms = ["json", "tsv"] if CALLS[request.node.callspec.params["shown"]].tables else ["json"]
    for form in forms:
        texts = {drawn(shown, monkeypatch, where=where, columns=width, **{form: True})
                 for where in SURROUNDINGS for width in (20, 200)}  # fmt: skip
        assert len(texts) == 1


@pytest.mark.parametrize("ending", [".svg", ".html", ".txt", ".tsv"])
def test_an_answer_can_be_exported(
    ending: str, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if ending == ".tsv" and not CALLS[request.node.callspec.params["shown"]].tables:
        pytest.skip("this answer has no table")
    target = tmp_path / f"answer{ending}"
    assert drawn(shown[:1], monkeypatch, export=str(target)) == ""
    assert target.read_text(encoding="utf-8")
