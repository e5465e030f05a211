"""Options and lines that the program prints as advice are typed again, word for word: each does what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.cli.program import Result, inside

draw = np.random.default_rng(0)


def drawn(*shapes: tuple[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Return random arrays."""
    return {name: draw.normal(size=shape).astype("f4") for name, shape in shapes}


LAYER = (("lstm.weight_ih_l0", (16, 3)), ("lstm.weight_hh_l0", (16, 4)))
OTHER = (("other one.weight_ih_l0", (15, 7)), ("other one.weight_hh_l0", (15, 5)))
WORDS = (("emb.weight", (9, 3)), ("fc.weight", (9, 4)))
FILES = {
    "names of nobody": drawn(("in put", (16, 3)), ("recurrent one", (16, 4))),
    "three gates": drawn(("in", (12, 3)), ("recurrent", (12, 4))),
    "side by side": drawn(("all gates.weight", (16, 7)), ("all gates.bias", (16,)), ("out.weight", (2, 4))),
    "several networks": drawn(*LAYER, *OTHER),
    "something between": drawn(*LAYER, *WORDS, ("my norm.weight", (4,))),
    "two decoders": drawn(*LAYER, *WORDS, ("proj.weight", (9, 4))),
    "a simple one": drawn(("rnn.weight_ih_l0", (4, 3)), ("rnn.weight_hh_l0", (4, 4)), ("fc.weight", (1, 4))),
    "the tutorial's": drawn(("i2h.weight", (5, 8)), ("i2o.weight", (2, 8))),
    "nothing that recurs": drawn(("conv.weight", (3, 3, 2))),
}
OPTION = re.compile(r"""(?:--(?:map|gates|activation|head) (?:"[^"]+"|'[^']+'|[^\s;,)"]+(?:,[a-z]+)*) ?)+""")
LINE = re.compile(r"""lstm-ascii inspect (?:"[^"]+"|\S+)""")


def advised(said: str) -> Iterator[list[str]]:
    """Yield the options that a text names, those that stand side by side together."""
    for match in OPTION.finditer(" ".join(said.split())):
        words = shlex.split(match[0].strip().rstrip("."))
        if not any(word.isupper() or word.endswith("=NAME") for word in words):
            yield words


def said(result: Result) -> str:
    return result.text + result.complaint


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["inspect", "doctor"])
def test_advice_is_typed_word_for_word(
    name: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(tmp_path)
    file = f"{name} it is.npz".replace("'", "")
    np.savez(tmp_path / file, **FILES[name])
    first = inside(capsysbinary, command, file, "--plain")
    problem = first.complaint.partition(";")[0]
    lines = [match[0] for match in LINE.finditer(first.complaint)]
    options = list(advised(said(first)))
    assert lines or options or not first.code, said(first)
    for line in lines:
        assert inside(capsysbinary, *shlex.split(line)[1:]).code == 0, line
    for words in options:
        again = inside(capsysbinary, command, file, "--plain", *words)
        assert again.code == 0 or again.complaint.partition(";")[0] != problem, (words, said(again))
        assert again.code != 2, (words, said(again))
        assert "It can't be read" not in again.text, (words, again.text)
        assert "There is no RNN" not in again.text, (words, again.text)
