"""``lstm-ascii compare`` as its users call it, and what it measures."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import CELLS
from lstm_ascii.reports.compare.comparison import Comparison, compare_report
from lstm_ascii.reports.compare.figures import inside_sentences, random_reach, sizes, step_times, texts
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import gradients_report
from lstm_ascii.sources import WEIGHTS, trained
from tests.cli.program import command, environment, is_clean_error, run

QUICK = ("compare", "--no-time", "--cell", "rnn,lstm", "--seeds", "1", "--steps", "20")
ENDLESS = ("compare", "--no-time", "--cell", "lstm", "--seeds", "1", "--steps", "100000")


def never(_: object) -> None:
    raise AssertionError("there is no race to watch")


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, same = run(*QUICK), run(*QUICK)
    assert one == same
    assert one.code == 0
    assert "WHAT LECTURES SAY" in one.text
    assert "TIME A STEP" not in one.text


def test_sections_that_are_not_asked_for_cost_nothing() -> None:
    result = run("compare", "--view", "size,gates", "--json")
    report = json.loads(result.text)
    assert result.err == b""
    assert report["recall"] is None
    assert report["times"] == report["claims"] == []
    assert [network["agreement"] for network in report["trained"]] == [None] * 3


def test_a_network_of_ones_own_stands_beside_the_others(tmp_path: Path) -> None:
    own = tmp_path / "mine.safetensors"
    own.write_bytes((WEIGHTS / "gru.safetensors").read_bytes())
    report = compare_report(Comparison(("lstm", "gru"), ("agreement", "gates"), str(own)), never)
    assert [one.label for one in report.trained] == ["LSTM", "GRU", "your GRU"]
    gru, mine = report.trained[1:]
    assert (mine.gates, mine.parameters, mine.agreement) == (gru.gates, gru.parameters, gru.agreement)


@pytest.mark.parametrize(
    "wrong",
    [("--view", "all"), ("--hidden", "0"), ("--cell", "cnn"), ("--seeds", "0"), ("--steps", "3")],
)
def test_wrong_calls_are_clean_errors(wrong: tuple[str, str]) -> None:
    result = run("compare", *wrong)
    assert is_clean_error(result, 2)
    assert wrong[0] in result.complaint


def test_a_sentence_without_words_is_a_clean_error() -> None:
    result = run("compare", "--sentence", " ")
    assert is_clean_error(result, 2)
    assert "the sentence is empty" in result.complaint


def test_parameters_are_counted() -> None:
    for size in sizes(tuple(CELLS), 7):
        assert size.parameters == {"RNN": 1, "LSTM": 4, "GRU": 3}[size.cell] * (7 * 7 + 7 * 7 + 7 + 7)


def test_times_are_in_order() -> None:
    for time in step_times(("rnn", "lstm"), 4):
        assert 0 < time.forward[0] <= time.forward[1] <= time.forward[2]
        assert time.forward[1] < time.training[1]


def test_random_gradients_are_those_of_the_command_gradients() -> None:
    found = {reach.label: reach for reach in random_reach(("rnn", "lstm"), 8, 3)}
    for network in gradients_report(Levers(100, ("rnn", "lstm"), 8, seed=3, seeds=5)).networks:
        expected = tuple(network.total_log10[back - 1] for back in found[network.label].steps_back)
        assert found[network.label].log10 == expected


def test_gates_are_measured_along_the_readers_sentence() -> None:
    sentence = "The cat that chased the mice was hungry ."
    report = compare_report(Comparison(("lstm",), ("gates",), sentence=sentence), never)
    network = trained("lstm")
    ids = np.array(network.vocabulary.ids(sentence.split()), np.intp)[:, None]
    gates = network.run(ids).traces[0][0].gates
    assert report.sentence == sentence
    for gate in report.trained[0].gates or ():
        assert gate.mean == pytest.approx(float(gates[gate.letter].mean()))
        assert gate.open == pytest.approx(float((gates[gate.letter] > 0.9).mean()))


def test_what_is_measured_along_is_as_long_as_it_is_looked_back_over() -> None:
    assert {len(words) for words in inside_sentences(0, ())} == {26}
    assert {len(words) for words in texts(0)} == {100}
    assert texts(0) != texts(1)


def test_ctrl_c_prints_what_is_known_so_far() -> None:
    process = subprocess.Popen(  # noqa: S603
        command(*ENDLESS), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "The race was stopped" in stdout
    assert "AGREEMENT" in stdout
