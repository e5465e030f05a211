"""What is replaced is what the network answers without it, run again by hand; integrated gradients are PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.analysis import importance, rerun
from lstm_ascii.analysis.asked import Asked
from lstm_ascii.analysis.importance import integrated, mean_gradient, replaced, stretch_of
from lstm_ascii.analysis.leaving_out import left_out_figures, swapped_figures
from lstm_ascii.answer import Answer, Dense, Squash
from lstm_ascii.cells import Array
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.random_cells import random_cell

STEPS, FEATURES, UNITS = 7, 3, 4
X = np.random.default_rng(0).standard_normal((STEPS, 1, FEATURES))
POOLINGS = ("last", "first", "mean", "max", "ends", "each")
FUNCTIONS = (("linear", 2, None), ("softmax", 3, 1), ("sigmoid", 1, 0))


def network(
    pooling: str, squash: str = "linear", outputs: int = 1, both: bool = False, words: int = 0, kind: str = "lstm"
) -> Network:
    """Return two layers with a head, of words or of vectors."""
    random, layers, width = np.random.default_rng(1), [], FEATURES
    for number in range(2):
        cells = [random_cell(kind, width, UNITS, 10 * number + way) for way in range(1 + both)]
        layers.append(tuple(Direction(cell, backward=way == 1) for way, cell in enumerate(cells)))
        width = UNITS * (1 + both)
    dense = Dense(random.standard_normal((outputs, width)), random.standard_normal(outputs), Squash.named(squash))
    head = Answer(pooling, (dense,), split=UNITS if both else 0)
    vocabulary = Vocabulary(tuple(f"w{n}" for n in range(words)))
    embedding = random.standard_normal((words, FEATURES))
    return Network(vocabulary, embedding, tuple(layers), np.zeros((0, width)), np.zeros(0), head=head)


def asked_of(model: Network, output: int = 0, against: int | None = None) -> Asked:
    assert model.head is not None
    return Asked(model.head, 5 if model.head.pooling == "each" else 0, output, against)


def answer_to(model: Network, asked: Asked, x: Array) -> float:
    return float(asked.figures(model.run_vectors(x).outputs)[0])


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(("squash", "outputs", "against"), FUNCTIONS)
def test_a_replacement_is_the_network_run_again(
    pooling: str, both: bool, squash: str, outputs: int, against: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerun, "BYTES", 3000)  # so that a pass takes several steps at a time
    monkeypatch.setattr(importance, "at_once", lambda *_: 5)
    model = network(pooling, squash, outputs, both)
    asked = asked_of(model, 0, against)
    base, before = X[:, 0].mean(axis=0), answer_to(model, asked, X)
    found = replaced(model, model.run_vectors(X), base, asked)
    for step in range(STEPS):
        whole = X.copy()
        whole[step] = base
        assert found.stretches[step] == pytest.approx(answer_to(model, asked, whole) - before, abs=1e-13)
        for feature in range(FEATURES):
            one = X.copy()
            one[step, 0, feature] = base[feature]
            assert found.cells[step, feature] == pytest.approx(answer_to(model, asked, one) - before, abs=1e-13)
    for feature in range(FEATURES):
        one = X.copy()
        one[:, 0, feature] = base[feature]
        assert found.features[feature] == pytest.approx(answer_to(model, asked, one) - before, abs=1e-13)
    nothing = answer_to(model, asked, np.broadcast_to(base, X.shape).copy())
    assert found.everything == pytest.approx(nothing - before, abs=1e-13)


def test_stretches_of_steps_are_replaced_together_where_single_ones_would_take_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = network("last")
    assert stretch_of(model, STEPS, FEATURES) == 1
    monkeypatch.setattr(importance, "WORK", 1e6)
    stretch = stretch_of(model, 200, FEATURES)
    assert stretch is not None
    assert stretch > 1
    asked, base = asked_of(model), np.zeros(FEATURES)
    found = replaced(model, model.run_vectors(X), base, asked, 3)
    assert found.cells.shape == (3, FEATURES)
    some = X.copy()
    some[3:6, 0, 1] = 0
    assert found.cells[1, 1] == pytest.approx(answer_to(model, asked, some) - answer_to(model, asked, X), abs=1e-13)
    monkeypatch.setattr(importance, "WORK", 1.0)
    assert stretch_of(model, 200, FEATURES) is None
    assert integrated(model, model.run_vectors(X), base, asked) is None


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_integrated_gradients_add_up_to_the_difference_to_the_baseline(pooling: str, both: bool) -> None:
    model = network(pooling, "softmax", 3, both)
    asked, base = asked_of(model, 2, 0), np.zeros(FEATURES)
    found = integrated(model, model.run_vectors(X), base, asked)
    assert found is not None
    difference = answer_to(model, asked, X) - answer_to(model, asked, np.zeros(X.shape))
    assert found.difference == pytest.approx(difference, abs=1e-13)
    assert found.values.sum() + found.gap == pytest.approx(difference, abs=1e-13)
    close = 1e-10 if pooling != "max" else 2e-3  # a largest value has kinks
    assert abs(found.gap) < close * abs(difference)
    assert found.points >= importance.POINTS


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_they_are_those_that_pytorch_gives_at_the_same_points(pooling: str) -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(3)
    cell = random_cell("lstm", FEATURES, UNITS, 4)
    dense = Dense(random.standard_normal((1, UNITS)), random.standard_normal(1))
    head = Answer(pooling, (dense,))
    model = Network(
        Vocabulary(()), np.zeros((0, FEATURES)), ((Direction(cell),),), np.zeros((0, UNITS)), np.zeros(0), head=head
    )
    lstm = torch.nn.LSTM(FEATURES, UNITS, dtype=torch.float64)
    with torch.no_grad():
        for name, value in cell.parameters.items():
            getattr(lstm, f"{name}_l0").copy_(torch.tensor(value))
    places, weights = np.polynomial.legendre.leggauss(32)
    base, values = X[:, 0].mean(axis=0), np.zeros((STEPS, FEATURES))
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        x = torch.tensor(base + place * (X - base), requires_grad=True)
        outputs = lstm(x)[0]
        pooled = outputs[-1] if pooling == "last" else outputs.mean(0)
        (pooled @ torch.tensor(dense.weight.T) + torch.tensor(dense.bias)).sum().backward()
        values += weight * (X - base)[:, 0] * x.grad.numpy()[:, 0]
    ours = (X[:, 0] - base) * mean_gradient(model, np.broadcast_to(base, (STEPS, FEATURES)), X[:, 0] - base,
                                            asked_of(model), 32)  # fmt: skip
    np.testing.assert_allclose(ours, values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_word_left_out_or_swapped_is_the_shorter_or_other_text_read_again(pooling: str, both: bool) -> None:
    model = network(pooling, "sigmoid", 1, both, words=9)
    ids = np.array([3, 1, 4, 1, 5, 8, 2])
    asked = asked_of(model)
    run = model.run(ids[:, None])
    places = [place for place in range(7) if pooling != "each" or place != 4]
    found = left_out_figures(model, run, places, asked)
    for place, figure in zip(places, found, strict=True):
        shorter = model.run(np.delete(ids, place)[:, None])
        here = Asked(asked.answer, 4, 0) if pooling == "each" and place < 4 else asked
        assert figure == pytest.approx(float(here.figures(shorter.outputs)[0]), abs=1e-13)
    swaps = [(place, entry) for place in range(7) for entry in (0, 7)]
    for (place, entry), figure in zip(swaps, swapped_figures(model, run, swaps, asked), strict=True):
        other = ids.copy()
        other[place] = entry
        assert figure == pytest.approx(float(asked.figures(model.run(other[:, None]).outputs)[0]), abs=1e-13)
