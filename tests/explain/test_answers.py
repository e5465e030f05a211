"""Networks that name no next word: the question they are asked, the answer, and what of it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.answer import Answer, Dense, Squash
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.render.explain import BRIEF, SECTIONS
from lstm_ascii.render.explain.influence import _moved_by
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.parts import Plain
from lstm_ascii.reports.explain.answers import Answered, Likely, StepAnswer, Valued, answered, asked_of
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass, explain_report, explained
from lstm_ascii.reports.explain.swaps import LeftOut
from lstm_ascii.reports.material import Material
from lstm_ascii.sources import Source
from tests.explain import by_hand
from tests.numerics.random_cells import random_cell
from tests.rendering import render

STEPS, INPUTS, UNITS = 5, 3, 4
X = np.random.default_rng(0).standard_normal((STEPS, 1, INPUTS))


def network(pooling: str, squash: str, outputs: int, both: bool = False, labels: tuple[str, ...] = ()) -> Network:
    """Return two layers, one way or both ways, and a dense layer."""
    random, layers, width = np.random.default_rng(1), [], INPUTS
    for number in range(2):
        cells = [random_cell("lstm", width, UNITS, 10 * number + way) for way in range(1 + both)]
        layers.append(tuple(Direction(cell, backward=way == 1) for way, cell in enumerate(cells)))
        width = UNITS * (1 + both)
    dense = Dense(random.standard_normal((outputs, width)), random.standard_normal(outputs), Squash.named(squash))
    head = Answer(pooling, (dense,), split=UNITS if both else 0, labels=labels)
    nothing = np.zeros((0, width))
    return Network(Vocabulary(()), np.zeros((0, INPUTS)), tuple(layers), nothing, np.zeros(0), head=head)


def passed(model: Network, **asked: Any) -> NetworkPass:
    """Return what is told of a network on :data:`X`."""
    material = Material(tuple(f"x{n}" for n in range(1, STEPS + 1)), X)
    return explained([model], material, About(**asked)).main


def given(model: Network, **asked: Any) -> Answered:
    answer = passed(model, **asked).answer
    assert answer is not None
    return answer


def values(model: Network) -> Array:
    assert model.head is not None
    found: Array = model.head(model.run_vectors(X).outputs)
    return found


def test_the_probability_is_the_one_that_the_network_computes() -> None:
    model = network("last", "sigmoid", 1, labels=("negative", "positive"))
    answer, p = given(model), float(values(model)[0, 0])
    told = {one.label: one.probability for one in answer.outputs if isinstance(one, Likely)}
    assert told == pytest.approx({"negative": 1 - p, "positive": p}, rel=1e-14)
    likelier = "positive" if p > 0.5 else "negative"
    assert (answer.asked, answer.kind) == (likelier, "classes")
    assert answer.difference == pytest.approx(np.log(told[answer.asked] / told[answer.against]))


def test_a_value_is_the_number_that_the_network_computes_and_no_probability() -> None:
    model = network("mean", "linear", 2, labels=("low", "high"))
    answer = given(model, answer="high")
    assert [one.label for one in answer.outputs] == ["low", "high"]
    assert answer.figure == pytest.approx(values(model)[0, 1], rel=1e-14)
    assert not any(isinstance(one, Likely) for one in answer.outputs)
    both = given(model, contrast="high:0")
    assert (both.asked, both.against) == ("high", "low")
    assert both.difference == pytest.approx(values(model)[0, 1] - values(model)[0, 0])


def test_of_classes_the_likeliest_is_held_against_the_next_and_the_reader_may_ask_for_others() -> None:
    model = network("max", "softmax", 4)
    p = values(model)[0]
    first, second = (f"#{k}" for k in np.argsort(-p)[:2])
    answer = given(model)
    assert (answer.asked, answer.against) == (first, second)
    assert given(model, answer="2").asked == "#2"
    for wrong in ({"answer": "blue"}, {"contrast": "blue:#1"}, {"contrast": "#1:#1"}, {"answer": "4"}):
        with pytest.raises(UsageError):
            given(model, **wrong)
    assert answer.steps[-1].asked == pytest.approx(p.max())


def test_a_tag_is_asked_of_the_step_that_the_reader_names() -> None:
    model = network("each", "softmax", 3, both=True)
    answer, p = given(model, word="2"), values(model)
    assert answer.step == 2
    assert [one.probability for one in answer.outputs if isinstance(one, Likely)] == pytest.approx(list(p[1, 0]))
    assert [step.likeliest for step in answer.steps] == [f"#{k}" for k in p[:, 0].argmax(-1)]


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize(
    ("pooling", "squash", "outputs"), [("ends", "softmax", 3), ("mean", "tanh", 1), ("each", "sigmoid", 2)]
)
def test_the_gradient_that_is_followed_is_the_answers_own(
    pooling: str, squash: str, outputs: int, direction: str, layer: int
) -> None:
    """Held against backpropagation through the whole network: moved at h of one cell, by finite differences of h."""
    from lstm_ascii.reports.explain.view import View, place_of

    model = network(pooling, squash, outputs, both=True)
    place, run = place_of(model, layer, direction), model.run_vectors(X)
    view = View(model, run, Material(tuple("abcde"), X), place)
    answer, loss = answered(view, asked_of(view.network, view.run))
    weights = np.random.default_rng(5).standard_normal(loss.direct.shape[1])
    number = place.layer % len(model.layers)

    def asked(shift: complex) -> complex:
        """Let one cell give a little more at its last felt step, and the layers above read that."""
        x = X
        for n, ways in enumerate(model.layers):
            traces = [way.trace(x) for way in ways]
            outs = [way.ordered(trace.h).astype(complex) for way, trace in zip(ways, traces, strict=True)]
            if n == number:
                own = ways[place.direction].ordered(outs[place.direction])
                own[loss.last - 1, 0] += shift * weights
            x = np.concatenate(outs, axis=-1)
        assert model.head is not None
        sums = model.head.sums(x)
        sums = sums[answer.step - 1, 0] if answer.step else sums[0]
        if squash == "softmax":
            order = [int(answer.asked[1:]), int(answer.against[1:])]
            return complex(sums[order[0]] - sums[order[1]])
        return complex(model.head.squash(sums)[0] if squash == "tanh" else sums[0])

    derivative = asked(1e-30j).imag / 1e-30
    assert float(loss.direct[-1] @ weights) == pytest.approx(derivative, rel=1e-9)


def test_a_next_word_is_said_not_to_be_there_and_the_commands_that_need_one_say_so() -> None:
    found = passed(network("last", "softmax", 3))
    assert found.no_choice == "the network answers with one of 3 classes, so it names no next word"
    assert found.choice is None
    assert passed(network("each", "linear", 2)).no_choice.startswith("the network answers with 2 numbers at each step")


def report(answer: Answered, read: str = "words") -> ExplainReport:
    """Return a report by hand of a network with an answer."""
    one = by_hand.report(("LSTM",))
    main = replace(one.main, choice=None, no_choice="the network answers otherwise, so it names no next word",
                   swaps=(), carrier=None, split=None, answer=answer)  # fmt: skip
    return replace(one, networks=(main,), read=read)


P = (0.4, 0.91, 0.9, 0.88, 0.3, 0.22, 0.2, 0.17)
CLASSES = Answered(
    "classes", "last", "sigmoid", 0, (Likely("negative", 0.83), Likely("positive", 0.17)), "negative", "positive",
    1.5856, 8, tuple(StepAnswer(n, "positive" if p > 0.5 else "negative", 1 - p) for n, p in enumerate(P, 1)), (),
)  # fmt: skip
VALUE = Answered(
    "values", "mean", "linear", 0, (Valued("y", 41.3),), "y", "", 41.3, 8,
    tuple(StepAnswer(n, "", 40 + n / 8) for n in range(1, 9)),
    ("assumed of the answer: no function after the last, as the file doesn't say",),
)  # fmt: skip
TAGS = Answered(
    "tags", "each", "softmax", 3, (Likely("noun", 0.1), Likely("verb", 0.2), Likely("other", 0.7)), "other", "verb",
    1.2528, 3, tuple(StepAnswer(n, "other" if n % 2 else "noun", 0.7) for n in range(1, 9)), (),
)  # fmt: skip


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("answer", [CLASSES, VALUE, TAGS], ids=["classes", "value", "tags"])
def test_the_answer_looks_as_it_was_looked_at(answer: Answered, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(explain_page(report(answer), ("answer", "words")), width) == snapshot


@pytest.mark.parametrize("answer", [CLASSES, VALUE, TAGS], ids=["classes", "value", "tags"])
def test_told_plainly_it_says_the_same(answer: Answered, snapshot: SnapshotAssertion) -> None:
    assert render(Plain(explain_page(report(answer, "vectors"), ("answer",)))) == snapshot


@pytest.mark.parametrize("width", [20, 33, 40, 61, 80, 131])
@pytest.mark.parametrize("answer", [CLASSES, VALUE, TAGS], ids=["classes", "value", "tags"])
def test_no_line_is_wider_than_the_terminal(answer: Answered, width: int) -> None:
    for line in render(explain_page(report(answer), tuple(SECTIONS)), width).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize(
    ("sentence", "label"),
    [("the film was good .", "positive"), ("the film was not good .", "negative"),
     ("the film was good but the ending was dull .", "negative"),
     ("the plot was weak and the music was not bad .", "positive")],
)  # fmt: skip
def test_a_classifier_that_was_trained_on_sentences_says_what_the_last_judgement_is(sentence: str, label: str) -> None:
    files = Path(__file__).parents[1] / "checkpoints" / "files"
    source = Source(model=str(files / "sentiment.keras"), vocabulary=str(files / "sentiment.words.txt"),
                    labels="negative,positive")  # fmt: skip
    answer = explain_report(sentence, source=source).main.answer
    assert answer is not None
    assert (answer.asked, answer.figure > 0.95) == (label, True)


def test_small_moves_are_no_zeros() -> None:
    assert [_moved_by(largest, LeftOut(1, -0.234 * largest, False), 0).plain.split()[-1] for largest in (
        40.0, 1.0, 0.4, 0.004, 4e-5)] == ["−9.4", "−0.2", "−0.09", "−9.4e-04", "−9.4e-06"]  # fmt: skip


def test_what_was_assumed_is_said_once() -> None:
    (assumed,), asked = VALUE.assumed, report(VALUE)
    named = replace(asked, networks=(replace(asked.main, source=f"own.pt; {assumed}"),))
    for form in ((), ("answer",), BRIEF):
        assert " ".join(render(explain_page(named, form), 200).split()).count(assumed) == 1
