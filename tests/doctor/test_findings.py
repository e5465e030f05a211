"""Each finding of ``doctor`` is made where its fault was planted, and not in a healthy network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.cells import GRU, LSTM, RNN, Cell
from lstm_ascii.cells.initial import random_cell
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.reports.doctor.corpus_statistics import line_statistics
from lstm_ascii.reports.doctor.findings import Finding, Limits, signed
from lstm_ascii.reports.doctor.units import UnitsMeasured, activity_findings, units_measured
from lstm_ascii.reports.doctor.weights import layer_measures, names_of_directions, weight_findings

WORDS = tuple(f"w{number}" for number in range(40))
H = 8
LSTM_0 = random_cell("lstm", H, H, 0)
TEXT = [" ".join(np.random.default_rng(line).choice(WORDS, 30)) for line in range(12)]


def network(cell: Cell | None = None, **changes: object) -> Network:
    """Return a small network; by default a healthy LSTM."""
    cell = random_cell("lstm", H, H, 0, 1.5) if cell is None else cell
    random = np.random.default_rng(1)
    made = Network(
        Vocabulary(WORDS),
        random.standard_normal((len(WORDS), cell.input_size)),
        ((Direction(cell),),),
        random.standard_normal((len(WORDS), cell.hidden_size)),
        np.zeros(len(WORDS)),
    )
    return replace(made, **changes)


def by_weights(one: Network) -> dict[str, Finding]:
    """Return the findings on the weights, by rule."""
    with np.errstate(all="ignore"):
        return {found.rule: found for found in weight_findings(one, layer_measures(one), Limits())}


def findings_of_text(one: Network, lines: Sequence[str] = TEXT) -> list[Finding]:
    """Return the findings on the text."""
    with np.errstate(all="ignore"):
        heard = line_statistics(one, lines)
        measured = units_measured(one, heard, names_of_directions(one), Limits())
        return list(activity_findings(one, heard, measured, Limits()))


def by_text(one: Network, lines: Sequence[str] = TEXT) -> dict[str, Finding]:
    """Return the findings on the text, by rule."""
    return {found.rule: found for found in findings_of_text(one, lines)}


@pytest.mark.parametrize("scale", [0.0, 1e-39, 1e-8])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_weights_that_are_nothing_are_an_error(kind: str, scale: float) -> None:
    cell = random_cell(kind, H, H, 0)
    assert "dead-weights" not in by_weights(network(cell))
    dead = replace(cell, weight_ih=cell.weight_ih * scale, weight_hh=cell.weight_hh * scale)
    assert by_weights(network(dead))["dead-weights"].severity == "error"
    assert by_weights(network(replace(cell, weight_ih=dead.weight_ih)))["dead-weights"].severity == "error"
    assert by_weights(network(replace(cell, weight_hh=dead.weight_hh)))["dead-weights"].severity == "warning"


def with_bias(cell: Cell, letter: str, ih: float, hh: float = 0.0) -> Cell:
    """Return a cell with other biases for one gate."""
    rows = slice((place := cell.gate_letters.index(letter) * H), place + H)
    biases = {name: getattr(cell, name).copy() for name in ("bias_ih", "bias_hh")}
    biases["bias_ih"][rows], biases["bias_hh"][rows] = ih, hh
    return replace(cell, **biases)


def test_a_healthy_network_gets_no_finding() -> None:
    assert by_weights(network()) == {}
    assert by_text(network()) == {}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_an_error_that_names_the_tensor(value: float) -> None:
    table = network().embedding.copy()
    table[3, 4] = value
    found = by_weights(network(embedding=table))["not-a-number"]
    assert (found.severity, found.where, found.count) == ("error", "embedding.weight", 1)
    if np.isnan(value):  # an infinity only saturates the units
        assert by_text(network(embedding=table))["not-a-number"].severity == "error"


def test_a_low_forget_bias_is_a_warning_with_its_half_life() -> None:
    found = by_weights(network(with_bias(random_cell("lstm", H, H, 0), "f", -1.0)))["forget-bias"]
    assert found.severity == "warning"
    assert "mean −1.00" in found.evidence
    assert found.what == "the forget gates are biased towards forgetting"
    assert "σ(−1.00) = 0.27" in found.means
    assert "gone after 0.5 steps" in found.means  # ln 0.5 / ln σ(−1)


def test_without_a_forget_bias_the_gates_are_half_open() -> None:
    found = by_weights(network(with_bias(random_cell("lstm", H, H, 0), "f", -0.0)))["forget-bias"]
    assert found.what == "the forget gates are half open by their bias"
    assert "mean 0.00, from 0.00 to 0.00; limit 0.00" in found.evidence
    assert found.means.endswith("half of it is gone after 1 step")


def test_numbers_have_a_true_minus_and_nothing_has_no_sign() -> None:
    assert [signed(value) for value in (0.5, -0.05, -0.004, 0.0, -12)] == ["+0.50", "−0.05", "0.00", "0.00", "−12.00"]


def test_two_forget_biases_that_add_up_are_noted() -> None:
    found = by_weights(network(with_bias(random_cell("lstm", H, H, 0), "f", 1.0, 1.0)))["two-biases"]
    assert "add up to +2.00" in found.evidence
    assert "two-biases" not in by_weights(network(with_bias(random_cell("lstm", H, H, 0), "f", 2.0, 0.0)))


@pytest.mark.parametrize(("scale", "activation", "rule"), [(0.9, "tanh", "contraction"), (1.1, "relu", "expansion")])
def test_what_the_recurrent_weights_of_an_rnn_make_certain_is_said(scale: float, activation: str, rule: str) -> None:
    eye = np.eye(H)
    rnn = RNN(eye, scale * eye, np.zeros(H), np.zeros(H), activation)
    assert by_weights(network(rnn)).keys() == {rule}
    other = RNN(eye, (2 - scale) * eye, np.zeros(H), np.zeros(H), activation)
    assert by_weights(network(other)) == {}


def test_rows_of_the_embedding_that_are_empty_or_twice_there_are_noted() -> None:
    table = network().embedding.copy()
    table[[5, 9]] = 0
    found = by_weights(network(embedding=table))
    assert found.keys() == {"untrained-rows"} | ({"equal-rows"} & found.keys())
    assert "“w5”, “w9”" in found["untrained-rows"].evidence
    table[7] = table[8]
    assert by_weights(network(embedding=table))["equal-rows"].count == 1


def test_an_embedding_that_is_nothing_throughout_is_noted() -> None:
    found = by_weights(network(embedding=np.zeros_like(network().embedding)))
    assert found["untrained-rows"].count == len(network().embedding) - 1


def test_a_gate_that_never_moves_is_named_with_where_it_stands() -> None:
    found = by_text(network(with_bias(random_cell("lstm", H, H, 0), "o", 30.0)))["still-gate"]
    assert found.severity == "warning"
    assert found.what == "output gates that never move"
    assert "8 of 8" in found.evidence
    assert found.evidence.endswith("words, at 1.00")
    assert "units where it stands above 0.9 show nearly all of their memory at every word" in found.means
    assert found.advice == "where it stands above 0.9, lower its bias"


@pytest.mark.parametrize(
    ("letter", "does"), [("f", "wipe nearly all of their memory at every word"), ("i", "write next to nothing")]
)
def test_what_a_gate_that_stands_closed_does_is_said(letter: str, does: str) -> None:
    rules = [
        found for found in findings_of_text(network(with_bias(LSTM_0, letter, -30.0))) if found.rule == "still-gate"
    ]
    assert [found.means for found in rules] == [
        f"such a gate is a constant: the words have no say in it; units where it stands below 0.1 {does}"
    ]
    assert "raise its bias" in rules[0].advice


def test_a_gate_that_stands_half_open_has_no_weights_to_speak_of() -> None:
    rows = slice((place := LSTM_0.gate_letters.index("i") * H), place + H)
    cell = replace(LSTM_0, weight_ih=LSTM_0.weight_ih.copy(), weight_hh=LSTM_0.weight_hh.copy())
    cell.weight_ih[rows] = cell.weight_hh[rows] = 0
    found = by_text(network(cell))["still-gate"]
    assert "bias" not in found.advice
    assert "the weights into it do next to nothing" in found.advice


def test_over_few_words_a_still_gate_is_only_a_note() -> None:
    stuck = network(with_bias(random_cell("lstm", H, H, 0), "o", 30.0))
    assert by_text(stuck, TEXT[:1])["still-gate"].severity == "note"


def test_a_handful_of_words_is_too_few_to_say_what_never_moves() -> None:
    zeros = LSTM(**{name: np.zeros_like(value) for name, value in LSTM_0.parameters.items()})
    assert {"still-gate", "dead-unit"} <= by_text(network(zeros), ["w1 " * Limits().least]).keys()
    assert by_text(network(zeros), ["w1 " * (Limits().least - 1)]) == {}


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gates_at_their_ends_nearly_always_are_found(kind: str) -> None:
    cell = random_cell(kind, H, H, 0)
    switching = replace(cell, weight_ih=100 * cell.weight_ih)
    found = by_text(network(switching))["saturated-gates"]
    assert found.severity == "warning"
    assert "% of the values of all its gates are above 0.9 or below 0.1, over 360 words; limit 90 %" in found.evidence
    assert "saturated-gates" not in by_text(network(cell))


def test_of_states_that_are_no_numbers_no_figure_is_told() -> None:
    weights = LSTM_0.weight_hh.copy()
    weights[0, 0] = np.nan
    broken = network(replace(LSTM_0, weight_hh=weights))
    heard = line_statistics(broken, TEXT)
    (told,) = units_measured(broken, heard, names_of_directions(broken), Limits())
    assert told == UnitsMeasured("layer 1", None, None, None, None, None, None, None, None, (0, 0))
    assert by_text(broken).keys() == {"not-a-number"}


def test_the_horizon_is_taken_from_the_lines_whose_states_are_numbers() -> None:
    table = network().embedding.copy()
    table[5] = np.nan
    cell = RNN(np.eye(H), 0.1 * np.eye(H), np.zeros(H), np.zeros(H))
    some = network(cell, embedding=table)
    with np.errstate(all="ignore"):
        heard = line_statistics(some, ["w1 w2 w3 w4 w6 w7 w8 w9", "w5 w1 w2 w3 w4 w6 w7 w8"])
        (told,) = units_measured(some, heard, names_of_directions(some), Limits())
    assert told.horizon in (2, 3)
    assert told.followed == (1, 8)


def test_a_dead_unit_is_found() -> None:
    cell = random_cell("rnn", H, H, 0)
    dead = replace(cell, weight_ih=cell.weight_ih.copy(), weight_hh=cell.weight_hh.copy())
    dead.weight_ih[2] = dead.weight_hh[2] = 0
    found = by_text(network(dead))["dead-unit"]
    assert (found.severity, found.count) == ("warning", 1)
    assert "unit 2" in found.where


def test_a_saturated_unit_is_found() -> None:
    cell = random_cell("rnn", H, H, 0)
    bias = cell.bias_ih.copy()
    bias[[1, 4, 6]] = 9.0
    found = by_text(network(replace(cell, bias_ih=bias)))["saturated-unit"]
    assert (found.severity, found.count) == ("warning", 3)
    assert "units 1, 4, 6" in found.where


def test_a_memory_that_counts_up_is_found() -> None:
    cell = random_cell("lstm", H, H, 0)
    for letter in "ifg":
        cell = with_bias(cell, letter, 30.0)
    found = by_text(network(cell))["counting-unit"]
    assert found.count == H
    assert "8 of 8 reach up to 30" in found.evidence  # one a word, lines of 30 words


def test_a_gradient_that_is_soon_gone_is_a_warning() -> None:
    gone = network(RNN(np.eye(H), 0.1 * np.eye(H), np.zeros(H), np.zeros(H)))
    found = by_text(gone)["short-horizon"]
    assert "after 3 words" in found.evidence or "after 2 words" in found.evidence  # 0.1³ times slopes below 1
    assert "short-horizon" not in by_text(network(with_bias(random_cell("lstm", H, H, 0), "f", 5.0)))


def test_a_text_in_other_words_is_a_warning() -> None:
    found = by_text(network(), ["w1 w2 strange words that w3 has never met"])["unknown-words"]
    assert "6 more are left out" in found.evidence


def test_every_finding_says_what_was_seen_what_it_means_and_what_to_do() -> None:
    bad = network(with_bias(GRU(*random_cell("gru", H, H, 0).parameters.values()), "r", -30.0))
    for found in (
        by_weights(network(with_bias(LSTM(*random_cell("lstm", H, H, 0).parameters.values()), "f", -2.0))),
        by_text(bad),
    ):
        assert found
        for one in found.values():
            assert all((one.what, one.where, one.evidence, one.means, one.advice))
