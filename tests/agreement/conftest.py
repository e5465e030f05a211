"""A network whose answers are known, and a way to ask it about the lines of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import RNN
from lstm_ascii.language.vocabulary import UNKNOWN, Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.reports.agreement import report as agreement
from lstm_ascii.reports.agreement.report import AgreementReport, agreement_report

ONE, MANY = ("cat", "was"), ("mice", "were")


def follower(weight: float = 1.0) -> Network:
    """Return a network that takes the last noun for the subject: "cat" asks for "was", "mice" for "were"."""
    words = ("the", "that", "chased", *ONE, *MANY, UNKNOWN)
    number = {**dict.fromkeys(ONE, 1.0), **dict.fromkeys(MANY, -1.0)}
    embedding = np.array([[number.get(word, 0.0)] for word in words])
    # h = tanh(3 x + h'): a noun sets it, other words leave its sign as it is
    cell = RNN(np.array([[3.0]]), np.array([[1.0]]), np.zeros(1), np.zeros(1))
    decoder = np.array([[number[word] * weight if word in number else 0.0] for word in words])
    return Network(Vocabulary(words), embedding, ((Direction(cell),),), decoder, np.zeros(len(words)), "by hand")


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [follower()])


@pytest.fixture
def asked(tmp_path: Path, by_hand: None) -> Callable[[str | bytes], AgreementReport]:
    def ask(content: str | bytes) -> AgreementReport:
        path = tmp_path / "pairs.tsv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return agreement_report(str(path))

    return ask
