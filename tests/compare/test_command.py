"""``lstm-ascii compare`` as its users call it, and what it measures."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.analysis.replay import Passage
from lstm_ascii.analysis.travel import travel
from lstm_ascii.cells import CELLS
from lstm_ascii.cells.initial import random_cell
from lstm_ascii.reports.compare import measured
from lstm_ascii.reports.compare.comparison import Comparison, compare_report
from lstm_ascii.reports.compare.measured import FILE, ready
from lstm_ascii.reports.compare.report import (
    CompareReport,
    Excerpt,
    Reach,
    SeriesRead,
    choice_reach,
    inside_sentences,
    radius_reach,
    random_reach,
    sizes,
    step_times,
    texts,
)
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.report import gradients_report, sentence_report
from lstm_ascii.reports.material import open_material
from lstm_ascii.reports.stored import restored
from lstm_ascii.sources import WEIGHTS, Source, trained
from tests.cli.processes import started
from tests.cli.program import TIMEOUT, is_clean_error, run

FILES = Path(__file__).parents[1] / "checkpoints" / "files"
ECHO, TABLE = str(FILES / "echo.onnx"), str(FILES / "echo.csv")
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
    report = explain_report(" ".join(sentence), (cell,), about=About(contrast="was:were"))
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
    with started(*ENDLESS) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
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


def near(one: object, other: object) -> bool:
    """Tell whether two reports as plain values agree to six digits."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-6, abs=1e-12)
    return one == other


def test_what_stands_ready_was_measured_of_these_networks() -> None:
    """``python -m tests.measured`` measures anew, where this fails."""
    views = ("size", "gradient", "gates")
    kept = ready(Comparison(views=views))
    assert kept is not None
    assert kept.measured is not None
    fresh = replace(compare_report(Comparison(views=views), never), measured=kept.measured)
    assert near(asdict(kept), asdict(fresh))


def test_what_stands_ready_is_for_the_plain_question_alone(tmp_path: Path) -> None:
    assert ready(Comparison()) is not None
    assert ready(Comparison(timed=False)) is not None
    assert '"claims":[]' in FILE.read_text(encoding="utf-8")  # they are judged by the rules of today
    own = Source(str(WEIGHTS / "gru.safetensors"))
    others = (Comparison(seed=1), Comparison(("lstm",)), Comparison(source=own), Comparison(sentence="The cat"))
    assert [ready(other) for other in others] == [None] * len(others)


def test_other_networks_are_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "digest", lambda: "another")
    assert ready(Comparison()) is None


def test_what_stands_ready_says_when_and_where_and_how_it_is_measured_here() -> None:
    page = " ".join(run("compare", "--view", "size").text.replace("│", " ").split())
    assert re.search(r"measured on \d{4}-\d\d-\d\d, .* NumPy [\d.]+; --again measures here", page)
    assert "--again" not in run("compare", "--view", "size", "--again").text


def test_a_report_that_was_kept_is_the_same_report() -> None:
    kept = ready(Comparison())
    assert restored(CompareReport, json.loads(json.dumps(asdict(kept)))) == kept  # type: ignore[call-overload]


def test_along_a_series_ones_own_network_stands_beside_random_ones_that_read_the_same() -> None:
    series = Source(model=ECHO, input=TABLE)
    report = compare_report(Comparison(("rnn", "gru"), ("size", "gradient", "gates"), series, seed=2), never)
    own = report.trained[-1]
    (network,), material = open_material("", (), series)
    run = material.run(network)
    assert [one.label for one in report.trained] == ["random RNN", "random GRU", "your LSTM"]
    assert {one.hidden_size for one in report.trained} == {network.layers[0][0].cell.hidden_size}
    assert report.series == SeriesRead(60, "00:00", "09:50", ("pressure", "flow"))
    assert own.parameters[0] == network.size
    along = sentence_report("", (), series).networks[0].total_log10
    assert own.inside == Reach("your LSTM", (1, 10, 50), tuple(along[back - 1] for back in (1, 10, 50)))
    for gate in own.gates or ():
        assert gate.mean == pytest.approx(float(run.traces[0][0].gates[gate.letter].mean()))
    cell = random_cell("gru", 2, 12, 2, 0.0)
    alone = Passage(cell, lambda first, last: material.run(network).traces[0][0].x[first:last], 60)
    sizes = [travel([alone], (-3.0, 3.0)).total[1, back - 1] for back in (1, 10, 50)]
    gru = report.trained[1].inside
    assert gru is not None
    assert gru.log10[0] == pytest.approx(sizes[0], abs=0.3)  # one of the five whose median it is


@pytest.mark.parametrize(
    ("more", "about"),
    [
        (("--view", "agreement"), "agreement is not measured along a series; size, time, gradient, gates are"),
        (("--view", "gates,claims"), "claims is not measured along a series"),
        (("--sentence", "The cat"), "--input: takes the place of a sentence; leave --sentence out"),
    ],
)
def test_what_only_words_have_is_refused_beside_a_series(more: tuple[str, str], about: str) -> None:
    result = run("compare", "--model", ECHO, "--input", TABLE, *more)
    assert is_clean_error(result, 2)
    assert about in result.complaint


def test_a_series_without_a_network_that_reads_it_is_refused() -> None:
    assert is_clean_error(run("compare", "--input", TABLE), 2)


def test_a_short_series_is_looked_back_over_as_far_as_it_goes() -> None:
    series = Source(model=ECHO, input=TABLE, window="last:2")
    report = compare_report(Comparison(("lstm",), ("gradient",), series), never)
    assert [one.inside.steps_back for one in report.trained if one.inside] == [(1,), (1,)]
