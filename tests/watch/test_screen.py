"""On a terminal the page follows the file, and a Ctrl-C gives the terminal back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import TIMEOUT, command, environment
from tests.watch import by_hand

pexpect = pytest.importorskip("pexpect")
SHOWN, HIDDEN = "\x1b[?25h", "\x1b[?25l"


def test_a_ctrl_c_ends_it_with_130_the_cursor_back_and_the_last_page_left(tmp_path: Path) -> None:
    file = by_hand.write(tmp_path / "watch.jsonl", ended=False)
    first, *others = map(str, command("watch", str(file)))
    child = pexpect.spawn(
        first, others, env=environment(TERM="xterm-256color", PYTHONDONTWRITEBYTECODE="1"), encoding="utf-8",
        timeout=TIMEOUT, dimensions=(24, 80),
    )  # fmt: skip
    try:
        said = ""
        child.expect("step 1,500")
        said += child.before + child.after
        with file.open("a") as more:
            more.write(json.dumps(by_hand.report(31)) + "\n")
        child.expect("step 1,550")  # it follows
        said += child.before + child.after
        child.sendintr()
        child.expect(pexpect.EOF)
        said += child.before
        child.wait()
        assert child.exitstatus == 130
    finally:
        child.close(force=True)
    assert said.count(HIDDEN) == said.count(SHOWN) >= 1
    assert said.rindex(SHOWN) > said.rindex(HIDDEN)
    assert "Traceback" not in said
    assert "WHAT DOCTOR WOULD SAY" in said[said.rindex(SHOWN) :]
