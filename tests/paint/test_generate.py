"""What is written is drawn from the model's own probabilities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.analysis.sampling import choose, probabilities_at, uniforms
from lstm_ascii.reports.explain.view import next_word_probabilities
from lstm_ascii.reports.generate import GenerateReport, generate_report
from lstm_ascii.sources import WEIGHTS, Source, trained
from tests.cli.program import inside, is_clean_error

Capture = pytest.CaptureFixture[bytes]
SENTIMENT = str(Path(__file__).parents[1] / "checkpoints" / "files" / "sentiment.keras")


def ids_of(report: GenerateReport, cell: str = "lstm") -> np.ndarray:
    """Return the rows of all words of a report, ``(T, 1)``."""
    return np.array(trained(cell).vocabulary.ids(report.text.painted.words), np.intp)[:, None]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
def test_every_probability_is_the_models(cell: str, temperature: float) -> None:
    """One pass over the whole text gives what the text was drawn with, word by word."""
    report = generate_report("The cats", 25, temperature, 4, (cell,))
    network, ids = trained(cell), ids_of(report, cell)
    run = network.run(ids)
    for place, one in enumerate(report.written):
        probabilities = next_word_probabilities(network, run, report.given + place)
        assert one.probability == pytest.approx(probabilities[ids[report.given + place, 0]], rel=1e-9)


def test_words_come_as_often_as_they_are_likely() -> None:
    """The first word of many texts of different seeds, against the model: within four standard errors."""
    network = trained("lstm")
    ids = np.array(network.vocabulary.ids(["the", "cats"]), np.intp)[:, None]
    p = next_word_probabilities(network, network.run(ids), 2)
    numbers, draws = uniforms(11), 20_000
    counts = np.bincount([choose(p, next(numbers)) for _ in range(draws)], minlength=len(p))
    error = np.sqrt(draws * p * (1 - p))
    likely = draws * p > 20
    assert likely.sum() > 50
    assert np.abs((counts - draws * p)[likely] / error[likely]).max() < 4
    chi_squared = ((counts - draws * p)[likely] ** 2 / (draws * p[likely])).sum()
    assert chi_squared < likely.sum() + 4 * np.sqrt(2 * likely.sum())


def test_at_0_the_likeliest_word_is_taken() -> None:
    report = generate_report("The cats", 12, 0.0, seed=1)
    network, ids = trained("lstm"), ids_of(report)
    run = network.run(ids)
    for place in range(12):
        probabilities = next_word_probabilities(network, run, report.given + place)
        assert ids[report.given + place, 0] == np.argmax(probabilities)
    assert {one.chance for one in report.written} == {1.0}
    assert generate_report("The cats", 12, 0.0, seed=2).written == report.written


def test_the_temperature_is_that_of_the_logits() -> None:
    logits = np.array([1.0, 3.0, 2.0, -50.0])
    p = probabilities_at(logits)
    for temperature in (0.25, 0.5, 2.0):
        expected = p ** (1 / temperature)
        np.testing.assert_allclose(probabilities_at(logits, temperature), expected / expected.sum())
    assert probabilities_at(logits, 0.0).tolist() == [0, 1, 0, 0]
    report = generate_report("The cats", 10, 0.5, 3)
    ids, network = ids_of(report), trained("lstm")
    after = next_word_probabilities(network, network.run(ids), 2) ** 2
    assert report.written[0].chance == pytest.approx(after[ids[2, 0]] / after.sum())


def test_colder_texts_are_likelier() -> None:
    means = [
        np.mean([np.log(one.probability) for one in generate_report("The cats", 80, t, 5).written])
        for t in (0.0, 0.5, 1.0, 2.0)
    ]
    assert sorted(means, reverse=True) == means


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.floats(0.01, 100), st.floats(0, 1, exclude_max=True))
def test_what_has_no_probability_is_never_drawn(logits: list[float], temperature: float, uniform: float) -> None:
    p = probabilities_at(np.array(logits), temperature)
    assert p.sum() == pytest.approx(1)
    assert p[choose(p, uniform)] > 0


def test_the_same_seed_writes_the_same() -> None:
    first, again, other = (generate_report("The cats", 30, 1.0, seed) for seed in (7, 7, 8))
    assert first == again
    assert first.written != other.written
    raw = [next(uniforms(0)), *(value for value, _ in zip(uniforms(0), range(2), strict=False))]
    assert raw == [raw[0], raw[0], raw[2]]
    assert raw[0] == pytest.approx(0.6369616873214543)  # as PCG64 gives it on every machine


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (("--model", SENTIMENT), 1, "not a language model: the network answers with one of 2 classes"),
    (("--temperature", "-1"), 2, "--temperature: expected 0 to 100, got -1"),
    (("--temperature", "nan"), 2, "--temperature: expected 0 to 100, got nan"),
    (("--words", "0"), 2, "--words: expected 1 to 10000, got 0"),
    (("--cell", "rnn,gru"), 2, "--cell: one network writes at a time; name one"),
    (("--seed", "-3"), 2, "--seed: expected a whole number from 0, got -3"),
    (("--unit", "99"), 2, "--unit: expected 0 to 31, got 99"),
    (("--gate", "reset"), 2, "--gate: expected forget, input, candidate, output, cell, hidden"),
])  # fmt: skip
def test_what_can_not_write_is_refused_in_a_line(
    arguments: tuple[str, ...], code: int, message: str, capsysbinary: Capture
) -> None:
    result = inside(capsysbinary, "generate", *arguments)
    assert is_clean_error(result, code)
    assert message in result.complaint


def test_the_command_writes_from_a_file_and_says_what_it_says(capsysbinary: Capture) -> None:
    model = str(WEIGHTS / "gru.safetensors")
    asked = ("generate", "--model", model, "The dogs", "--words", "9", "--seed", "2", "--unit", "3")
    report = json.loads(inside(capsysbinary, *asked, "--json").text)
    expected = generate_report("The dogs", 9, 1.0, 2, source=Source(model=model), unit=3)
    assert [one["word"] for one in report["written"]] == [one.word for one in expected.written]
    table = inside(capsysbinary, *asked, "--tsv").text.splitlines()
    assert len(table) == 2 + 11
    assert float(table[-1].split("\t")[2]) == expected.written[-1].probability


def test_the_words_to_begin_with_stand_behind_it_or_in_an_option(capsysbinary: Capture) -> None:
    ways = (("The", "cats"), ("The cats",), ("--start", "The cats"))
    assert len({inside(capsysbinary, "generate", *way, "--words", "3").out for way in ways}) == 1
    result = inside(capsysbinary, "generate", "The", "--start", "cats")
    assert is_clean_error(result, 2)
    assert "give only one of the two" in result.complaint
