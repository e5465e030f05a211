"""Swaps and patches do what they say: each against the same thing done by hand, one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis import leaving_out
from lstm_ascii.analysis.interventions import Contrast, patched_log_odds, split_log_odds
from lstm_ascii.analysis.leaving_out import swapped_figures
from lstm_ascii.analysis.rerun import OfChoice
from lstm_ascii.network import Network
from tests.analysis.networks import IDS, network, run

CELLS = ["rnn", "lstm", "gru"]
CONTRAST = Contrast(after=7, right=2, wrong=5)


def _odds(model: Network, ids: tuple[int, ...]) -> float:
    """Return the log-odds after a sentence, by the softmax itself."""
    logits = model.decode(run(model, ids).outputs[CONTRAST.after - 1, 0])
    p = np.exp(logits) / np.exp(logits).sum()
    return float(np.log(p[CONTRAST.right] / p[CONTRAST.wrong]))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("rows", [1, 1024])
def test_swaps_side_by_side_equal_the_sentence_run_again(cell: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving_out, "at_once", lambda *_: rows)
    model, swaps = network(cell), [(place, entry) for place in range(2, 7) for entry in range(8)]
    expected = [_odds(model, (*IDS[:place], entry, *IDS[place + 1 :])) for place, entry in swaps]
    np.testing.assert_allclose(
        swapped_figures(model, run(model), swaps, OfChoice(model, CONTRAST)), expected, rtol=1e-12, atol=1e-13
    )


def test_without_swaps_there_is_nothing() -> None:
    assert swapped_figures(network("rnn"), run(network("rnn")), [], OfChoice(network("rnn"), CONTRAST)).shape == (0,)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("at", [3, 6, 7])
def test_a_patch_puts_one_unit_of_the_other_run_in_place(cell: str, at: int) -> None:
    model = network(cell)
    drawn = model.layers[0][0].cell
    own, other = run(model), run(model, (6, *IDS[1:]))
    found = patched_log_odds(model, own, other, at, CONTRAST)
    for unit in range(5):
        start = {}
        for name, state in own.traces[0][0].states.items():
            start[name] = state[at].copy()
            start[name][0, unit] = other.traces[0][0].states[name][at, 0, unit]
        h = drawn.forward(own.traces[0][0].x[at : CONTRAST.after], start).states["h"][-1, 0]
        assert found[unit] == pytest.approx(float(CONTRAST.log_odds(model, h)), rel=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_split_adds_up_to_the_log_odds(cell: str) -> None:
    model = network(cell)
    words, start, bias = split_log_odds(model, run(model), CONTRAST)
    assert words.shape == (7,)
    assert words.sum() + start + bias == pytest.approx(_odds(model, IDS), rel=1e-12)


def test_an_rnn_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="no sum"):
        split_log_odds(network("rnn"), run(network("rnn")), CONTRAST)
