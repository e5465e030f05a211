"""What the report of ``explain`` says, on networks that come with the package and on random ones."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

import lstm_ascii
from lstm_ascii.cli.output import to_json
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import words_of
from lstm_ascii.reports.derive import derive_report
from lstm_ascii.reports.diagram.report import diagram_report
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.reports.gradients.report import sentence_report
from lstm_ascii.sources import Source

LONG = "The cat that chased the mice that ate the cheeses that sat on the tables was hungry."
RANDOM = Source(seed=4, hidden_size=6)


@pytest.fixture(scope="module")
def trained() -> ExplainReport:
    return explain_report(LONG)


def test_the_sentence_comes_back_as_words(trained: ExplainReport) -> None:
    assert trained.words[-3:] == ("was", "hungry", ".")
    assert trained.sentence == " ".join(trained.words)


def test_the_choice_is_the_verb_against_its_twin(trained: ExplainReport) -> None:
    for network in trained.networks:
        assert (network.choice.after, network.choice.right, network.choice.wrong) == (15, "was", "were")
        odds = math.log(network.choice.probability_right / network.choice.probability_wrong)
        assert network.choice.log_odds == pytest.approx(odds, rel=1e-9)


def test_the_subject_decides_in_the_gated_networks(trained: ExplainReport) -> None:
    for network in trained.networks:
        if network.cell != "RNN":
            assert network.choice.log_odds > 0
            strongest = max(network.swaps, key=lambda swap: abs(swap.change))
            assert (trained.words[strongest.word - 1], strongest.to, strongest.turns) == ("cat", "cats", True)


def test_the_carrier_changes_sign_with_the_subject_and_is_held_between(trained: ExplainReport) -> None:
    lstm = trained.main
    assert lstm.cell == "LSTM"
    assert lstm.carrier is not None
    assert lstm.unit is not None
    for number in range(2, 16):
        assert lstm.unit.steps[number - 1].value * lstm.carrier.values[number - 1] < 0
    for number in range(4, 16):  # at "that" the carrier takes in more of the same
        assert (lstm.unit.steps[number - 1].keeps or 0) > 0.9
    assert lstm.carrier.share > 0.5  # else no unit is said to carry it


def test_shares_and_the_split_add_up(trained: ExplainReport) -> None:
    for network in trained.networks:
        if network.split is None:
            assert network.cell == "RNN"
            continue
        whole = sum(network.split.words) + network.split.start + network.split.bias
        assert whole == pytest.approx(network.choice.log_odds, rel=1e-9)
        for step in network.steps:
            assert step.holds is not None
            assert sum(share.share for share in step.holds.words) + step.holds.others == pytest.approx(1, abs=1e-9)


def test_json_has_what_is_promised_in_full_precision(trained: ExplainReport) -> None:
    data = json.loads(to_json(trained))
    assert data["schema_version"] == 1
    assert set(data) >= {"schema_version", "sentence", "words", "networks"}
    for network in data["networks"]:
        assert set(network) >= {"cell", "hidden_size", "source", "steps"}
        assert len(network["steps"]) == len(data["words"])
    first = trained.networks[1].steps[1].gates
    assert first is not None
    assert data["networks"][1]["steps"][1]["gates"]["keeps"] == first.keeps


def test_the_last_word_of_an_unfinished_sentence_asks_what_comes_next() -> None:
    choice = explain_report("The cat that chased the mice").main.choice
    assert choice.after == 6
    assert choice.kind == "likeliest verb"


def test_a_contrast_of_the_reader_is_taken() -> None:
    choice = explain_report(LONG, about=About(contrast="is:are")).main.choice
    assert (choice.after, choice.right, choice.wrong, choice.kind) == (18, "is", "are", "asked")


@pytest.mark.parametrize("asked", ["was", "was:", ":were", "was:was", "xyzzy:was"])
def test_a_contrast_that_is_none_is_refused(asked: str) -> None:
    with pytest.raises(UsageError, match="contrast"):
        explain_report(LONG, about=About(contrast=asked))


@pytest.mark.parametrize("word", ["3", "That", "that"])
def test_a_word_is_chosen_by_number_or_text(word: str) -> None:
    report = explain_report(LONG, source=RANDOM, about=About(word=word))
    assert report.focus == 3
    assert report.focus_reason == "your choice"


@pytest.mark.parametrize("word", ["0", "19", "-1", "dog", "99999999999999999999"])
def test_a_word_that_is_not_there_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="word"):
        explain_report(LONG, source=RANDOM, about=About(word=word))


@pytest.mark.parametrize("unit", [-1, 6])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_unit_that_is_not_there_is_refused(cell: str, unit: int) -> None:
    with pytest.raises(UsageError, match="0 to 5"):
        explain_report(LONG, cells=(cell,), source=RANDOM, about=About(unit=unit))


def test_random_networks_say_so_and_repeat_themselves() -> None:
    one, two = (explain_report("a b c", source=RANDOM) for _ in range(2))
    assert one == two
    assert "random" in one.main.source
    assert "seed 4" in one.main.source
    assert one != explain_report("a b c", source=Source(seed=5, hidden_size=6))


def test_a_word_has_the_same_vector_in_every_random_sentence() -> None:
    one, two = explain_report("a b c", source=RANDOM), explain_report("a d e", source=RANDOM)
    assert one.networks[0].steps[0].state_size == two.networks[0].steps[0].state_size


def test_unknown_words_are_read_by_their_letters_and_told() -> None:
    steps = explain_report("The wugs were here.").main.steps
    assert (steps[1].known, steps[1].read_as) == (False, "‹unknown-s›")
    assert steps[0].known


def test_an_unknown_subject_is_swapped_for_its_number_twin_and_decides() -> None:
    lstm = explain_report("The wugs near the cat were hungry.").main
    strongest = max(lstm.swaps, key=lambda swap: abs(swap.change))
    assert (strongest.word, strongest.to, strongest.turns) == (2, "‹unknown›", True)


def test_both_forms_of_an_unknown_verb_can_be_asked() -> None:
    choice = explain_report("The wugs near the cat blick the dogs.", about=About(contrast="blick:blicks")).main.choice
    assert choice is not None
    assert (choice.after, choice.right, choice.wrong, choice.kind) == (5, "‹unknown›", "‹unknown-s›", "asked")


def test_a_contracted_negative_is_one_verb() -> None:
    choice = explain_report("The cat hasn't slept.", about=About(contrast="hasn't:haven't")).main.choice
    assert choice is not None
    assert (choice.after, choice.right, choice.wrong) == (2, "has", "have")


def test_curly_quotes_are_read_as_plain_ones() -> None:
    assert all(step.known for step in explain_report("“the cat was here”").main.steps)


def test_one_decider_for_all_sections(trained: ExplainReport) -> None:
    assert trained.focus == trained.deciding_word == 2
    assert trained.focus_reason == "it decides the choice"


def test_a_carrier_is_only_looked_for_where_a_number_decides() -> None:
    for network in explain_report("I am not here.").networks:
        counting = [swap for swap in network.swaps if abs(swap.change) >= 0.1]
        strongest = max(counting, key=lambda swap: abs(swap.change), default=None)
        assert (network.carrier is not None) == (strongest is not None and strongest.to != "")


def test_an_unfinished_sentence_is_asked_for_a_verb_with_a_number() -> None:
    choice = explain_report("The teachers who praised the student").main.choice
    assert (choice.right, choice.wrong) in {
        ("was", "were"),
        ("were", "was"),
        ("is", "are"),
        ("are", "is"),
        ("has", "have"),
        ("have", "has"),
    }


def test_the_carousel_is_that_of_the_followed_unit() -> None:
    report = explain_report(LONG, cells=("lstm",), about=About(unit=3))
    assert report.main.carousel_unit == 3
    assert report.main.unit is not None
    product = 1.0
    for step in report.main.unit.steps[5:15]:
        product *= step.keeps or 0.0
    gradient = report.main.steps[4].gradient
    assert gradient is not None
    assert gradient.carousel == pytest.approx(math.log10(product), abs=1e-9)


def test_a_file_takes_no_cell() -> None:
    from lstm_ascii.sources import WEIGHTS

    source = Source(model=str(WEIGHTS / "rnn.safetensors"))
    assert explain_report("the cat", source=source).main.cell == "RNN"
    with pytest.raises(UsageError, match=r"^cells: "):
        explain_report("the cat", cells=("gru",), source=source)


def test_one_word_is_enough() -> None:
    assert explain_report("hello").words == ("hello",)
    assert explain_report("hello", source=RANDOM).main.steps[0].gradient is not None


def test_the_library_gives_the_same_report() -> None:
    assert vars(lstm_ascii.explain("a b c", source=RANDOM)) == vars(explain_report("a b c", source=RANDOM))


@pytest.mark.parametrize(
    "report",
    [
        lambda: explain_report(LONG, cells=("gru",)),
        lambda: diagram_report("gru", LONG),
        lambda: derive_report(("forget",), LONG),
        lambda: sentence_report(LONG, ("gru",), Source()),
    ],
    ids=["explain", "diagram", "derive", "gradients"],
)
def test_a_sentence_is_split_into_words_once(report: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    split: list[str] = []

    def counted(sentence: str) -> list[str]:
        split.append(sentence)
        return words_of(sentence)

    for module in ("language.vocabulary", "reports.material", "reports.explain.asking"):
        monkeypatch.setattr(f"lstm_ascii.{module}.words_of", counted)
    report()
    assert split == [LONG]
