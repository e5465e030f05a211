"""``derive`` on what a network of one's own reads and answers: a series, a class, a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.reports.derive import derive_report
from lstm_ascii.sources import Source

FILES = Path(__file__).parents[1] / "checkpoints" / "files"


def _forecaster(folder: Path, pooling: str) -> Source:
    random = np.random.default_rng(0)
    sizes = {"rnn.weight_ih_l0": (12, 2), "rnn.weight_hh_l0": (12, 3), "rnn.bias_ih_l0": (12,),
             "rnn.bias_hh_l0": (12,), "fc.weight": (1, 3), "fc.bias": (1,)}  # fmt: skip
    np.savez(folder / "net.npz", **{name: random.normal(size=size) for name, size in sizes.items()})
    np.save(folder / "x.npy", random.normal(size=(6, 2)))
    return Source(model=str(folder / "net.npz"), head=f"{pooling},linear", input=str(folder / "x.npy"))


def test_a_forecast_of_a_series_is_followed_back(tmp_path: Path) -> None:
    report = derive_report(("forget",), source=_forecaster(tmp_path, "last"))
    (found,) = report.expansions
    assert (found.after, found.right, found.wrong, len(report.words)) == (6, "y", "", 6)
    assert found.backward is not None
    assert found.backward.value.by_hand == pytest.approx(found.backward.value.other, rel=1e-9)


def test_a_class_is_followed_back_as_its_log_odds() -> None:
    source = Source(str(FILES / "sentiment.keras"), vocabulary=str(FILES / "sentiment.words.txt"), labels="no,yes")
    (found,) = derive_report(("input",), "the film was not good .", source=source).expansions
    assert {found.right, found.wrong} == {"no", "yes"}
    assert found.backward is not None
    assert found.backward.value.by_hand == pytest.approx(found.backward.value.other, rel=1e-9)


def test_an_answer_that_is_made_of_all_steps_is_left_to_explain(tmp_path: Path) -> None:
    with pytest.raises(LstmAsciiError, match="made after one step"):
        derive_report(("forget",), source=_forecaster(tmp_path, "mean"))
