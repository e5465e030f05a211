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
from lstm_ascii.reports.compare.report import (
    Excerpt,
    choice_reach,
    inside_sentences,
    radius_reach,
    random_reach,
    sizes,
    step_times,
    texts,
)
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import gradients_report
from lstm_ascii.sources import WEIGHTS, Source, trained
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
    report = compare_report(Comparison(("lstm", "gru"), ("agreement", "gates"), source=Source(str(own))), never)
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


def test_the_random_rnn_of_the_first_radius_is_the_one_beside_the_other_cells() -> None:
    first, *others = radius_reach(8, 3)
    assert (first.reach,) == random_reach(("rnn",), 8, 3)
    assert len({first.radius, *(one.radius for one in others)}) == len(others) + 1


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_what_is_left_of_a_choice_is_what_explain_says_is_left(cell: str) -> None:
    sentence, network = ("The", "cat", "that", "chased", "the", "mice"), trained(cell)
    report = explain_report(" ".join(sentence), (cell,), contrast="was:were")
    told = [step.gradient.choice for step in report.main.steps if step.gradient]
    found = choice_reach("it", network, [Excerpt(sentence, "was", "were")], (1, 3, 5))
    assert found is not None
    assert found.log10 == pytest.approx([told[-1 - back] for back in found.steps_back])


def test_there_is_no_choice_in_the_readers_sentence_or_between_words_read_as_one() -> None:
    words = ("The", "cat")
    assert choice_reach("it", trained("gru"), [Excerpt(words)], (1,)) is None
    assert choice_reach("it", trained("gru"), [Excerpt(words, "was", "was")], (1,)) is None


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
    for seed in range(5):
        assert {len(one.words) for one in inside_sentences(seed, ())} == {26}
        assert {len(one.words) for one in texts(seed)} == {100}
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


def test_the_words_of_a_file_can_be_named(tmp_path: Path) -> None:
    words, own = tmp_path / "words.txt", tmp_path / "mine.npz"
    network = trained("gru")
    cell = network.layers[0][0].cell
    np.savez(own, **{"embedding.weight": network.embedding, "decoder.weight": network.decoder_weight,
                     "decoder.bias": network.decoder_bias,
                     **{f"rnn.{name}_l0": value for name, value in cell.parameters.items()}})  # fmt: skip
    words.write_text("\n".join(network.vocabulary.words), "utf-8")
    asked = ("compare", "--model", str(own), "--cell", "gru", "--view", "gates", "--sentence", "the cat was")
    without, report = run(*asked), run(*asked, "--vocab", str(words), "--json")
    assert is_clean_error(without, 1)
    assert "--vocab FILE" in without.complaint
    assert [one["label"] for one in json.loads(report.text)["trained"]] == ["GRU", "your GRU"]
