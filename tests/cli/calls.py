"""How each command is called where all of them are tested: an answer that is a real one and takes little time.

A new command joins by a line here; ``test_matrix`` fails until it has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lstm_ascii.cli.app import COMMANDS, run
from lstm_ascii.cli.output import Output
from lstm_ascii.render.explain import SECTIONS
from lstm_ascii.sources import WEIGHTS

SENTENCE = "The cat that chased the mice was hungry."
PAIRS = Path(__file__).parents[1] / "agreement" / "pairs.tsv"
WATCHED = Path(__file__).parents[1] / "watch" / "watch.jsonl"
REVIEWS = Path(__file__).parents[1] / "accuracy" / "reviews.tsv"
SENTIMENT = Path(__file__).parents[1] / "checkpoints" / "files" / "sentiment.keras"
FOLDER = "{folder}"  # stands for an empty one


@dataclass(frozen=True)
class Call:
    """What follows a command's name.

    Attributes:
        arguments: with :data:`FOLDER` where the command writes files.
        repeats: whether the same call gives the same bytes; not where it tells how long it took.
        tables: whether the answer has tables, for ``--tsv``.
        logs: whether it says on standard error how far it is.
        waits: whether it waits for its reader on a terminal.
    """

    arguments: tuple[str, ...]
    repeats: bool = True
    tables: bool = True
    logs: bool = False
    waits: bool = False

    def in_folder(self, folder: Path) -> list[str]:
        """Return the arguments, with a folder for what is written."""
        return [argument.replace(FOLDER, str(folder)) for argument in self.arguments]


CALLS = {
    "explain": Call((SENTENCE, "--view", ",".join(SECTIONS))),
    "step": Call((SENTENCE, "--at", "cat", "--still")),
    "gradients": Call(("--steps", "30", "--hidden", "6", "--clip", "1", "--view",
                       "glance,steps,bars,measures,spectrum,clip,words")),
    "derive": Call(("--sentence", SENTENCE)),
    "diagram": Call(("lstm", "--sentence", SENTENCE)),
    "glossary": Call(()),
    "guide": Call(("explain",), waits=True),
    "gradcheck": Call(("--cell", "gru,lstm", "--hidden", "3")),
    "recall": Call(("--gaps", "2,3", "--cell", "rnn,lstm", "--forget-bias", "1", "--steps", "10", "--seeds", "1"),
                   logs=True),
    "compare": Call(("--no-time", "--hidden", "4", "--steps", "10", "--seeds", "1", "--cell", "rnn,lstm"), logs=True),
    "learn": Call(("2",), waits=True),
    "inspect": Call((str(WEIGHTS / "gru.safetensors"),)),
    "doctor": Call((str(WEIGHTS / "gru.safetensors"), SENTENCE)),
    "profile": Call(("gru", str(REVIEWS), "--view", "layers,units,places,idle,all")),
    "diff": Call((str(WEIGHTS / "rnn.safetensors"), str(WEIGHTS / "rnn-helped.safetensors"), SENTENCE)),
    "agreement": Call((str(PAIRS), "--cell", "lstm,rnn")),
    "watch": Call((str(WATCHED), "--no-follow")),
    "accuracy": Call((str(REVIEWS), "--model", str(SENTIMENT), "--vocab", str(SENTIMENT.with_suffix(".words.txt")),
                      "--labels", "negative,positive", "--failures", "2")),
    "generate": Call(("The cats", "--words", "24", "--seed", "1")),
    "train": Call(("--cell", "rnn", "--hidden", "4", "--steps", "2", "--out", f"{FOLDER}/networks", "--force"),
                  repeats=False, logs=True),
}  # fmt: skip
SAYS = "{sentence}"  # stands for the reader's own
WITH_SENTENCE = {  # how a command takes one, where it does
    "explain": ("--cell", "gru", "--view", "gates,highway,words", "--", SAYS),
    "step": ("--cell", "gru", "--still", "--", SAYS),
    "gradients": ("--view", "glance,bars", "--cell", "gru", "--", SAYS),
    "derive": ("forget", "--sentence", SAYS),
    "diagram": ("gru", "--sentence", SAYS),
    "learn": ("2", "--sentence", SAYS),
    "compare": ("--view", "gates", "--sentence", SAYS),
    "gradcheck": ("--cell", "gru", "--hidden", "3", "--sentence", SAYS),
    "doctor": (str(WEIGHTS / "gru.safetensors"), SAYS),
    "diff": (str(WEIGHTS / "rnn.safetensors"), str(WEIGHTS / "rnn-helped.safetensors"), SAYS),
}
NAMES = tuple(name for name in COMMANDS if name in CALLS)


def caught(name: str, folder: Path) -> Sequence[tuple[Any, Any]]:
    """Return the reports that a command would show, each with what draws it."""
    shown: list[tuple[Any, Any]] = []
    with patch.object(Output, "show", lambda self, report, draw: shown.append((report, draw))):
        assert run([name, *CALLS[name].in_folder(folder)]) == 0
    assert shown
    return shown
