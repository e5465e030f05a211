"""The optimiser, the loop, the corpora: what they promise."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.errors import LstmAsciiError, ShapeError
from lstm_ascii.language.pairs import minimal_pairs
from lstm_ascii.training.corpus import GrammarCorpus, TextCorpus, grammar_vocabulary
from lstm_ascii.training.loop import Trainer, accuracy, cross_entropy, log_odds
from lstm_ascii.training.optimiser import Adam, clip, rate_at
from lstm_ascii.training.recipe import RECIPES, Recipe, initial_network

SMALL = Recipe("lstm", hidden=8, embedding=8, batch=8, length=16, steps=30, memory_cost=1e-3, writing_cost=1e-2)


def trained(recipe, every=10, **changes):
    recipe = replace(recipe, **changes)
    trainer = Trainer(recipe, GrammarCorpus(recipe))
    return trainer, list(trainer.train(every))


def test_adam_does_what_a_hand_computes():
    value = np.array([1.0])
    adam = Adam({"w": value})
    adam.step({"w": np.array([0.5])}, 0.1)
    # m = 0.05, v = 0.00025; m̂ = 0.5, v̂ = 0.25: a step of 0.1 · 0.5 / (0.5 + 1e-8)
    assert value[0] == pytest.approx(1 - 0.1 * 0.5 / (0.5 + 1e-8), rel=1e-12)
    adam.step({"w": np.array([-1.0])}, 0.1)
    # m = 0.9 · 0.05 - 0.1 = -0.055, v = 0.999 · 0.00025 + 0.001 = 0.00124975
    m, v = -0.055 / (1 - 0.81), 0.00124975 / (1 - 0.998001)
    assert value[0] == pytest.approx(1 - 0.1 * 0.5 / (0.5 + 1e-8) - 0.1 * m / (v**0.5 + 1e-8), rel=1e-12)


def test_clipping_keeps_the_direction_and_limits_the_norm():
    gradients = {"a": np.array([3.0]), "b": np.array([[4.0]])}
    assert clip(gradients, 1.0) == pytest.approx(5.0)
    assert gradients["a"][0] == pytest.approx(0.6)
    assert gradients["b"][0, 0] == pytest.approx(0.8)
    assert clip(gradients, 2.0) == pytest.approx(1.0)
    assert gradients["a"][0] == pytest.approx(0.6)


def test_the_rate_warms_up_and_decays_to_nothing():
    rates = [rate_at(step, 100, 1.0, 10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1.0
    assert rates[-1] == pytest.approx(1 / 90)
    assert rate_at(100, 100, 1.0, 10) == 0.0


def test_the_gradient_of_the_loss_is_the_slope_of_the_loss():
    rng = np.random.default_rng(1)
    logits, wanted, weights = rng.normal(size=(3, 2, 5)), rng.integers(0, 5, (3, 2)), rng.random((3, 2)) + 0.5
    gradient = logits.copy()
    loss = cross_entropy(gradient, wanted, weights)
    for place in np.ndindex(logits.shape):
        moved = logits.copy()
        moved[place] += 1e-6
        assert (cross_entropy(moved, wanted, weights) - loss) / 1e-6 == pytest.approx(gradient[place], abs=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_gradient_of_a_step_is_the_slope_of_loss_and_costs(cell):
    recipe = replace(SMALL, cell=cell, batch=2, length=6, hidden=3, embedding=2, memory_cost=0.3, writing_cost=0.2)
    corpus = GrammarCorpus(recipe)
    network, batch, trainer = initial_network(recipe, corpus.vocabulary), corpus.batch(0), Trainer(recipe, corpus)
    network = network.astype(np.float64)
    named = network.parameters
    named[f"rnn.start_{'c' if cell == 'lstm' else 'h'}_l0"][:] = 0.3

    def cost(network):
        run = network.run(batch.ids[:-1])
        trace, words = run.traces[0][0], run.ids.size
        total = cross_entropy(network.decode(run.outputs), batch.ids[1:], batch.weights)
        total += 0.3 * np.sum(np.log1p((trace.states["c" if cell == "lstm" else "h"][1:] / 0.5) ** 2)) / words
        return total + (0.2 * np.sum(abs(trace.gates["i"] * trace.gates["g"])) / words if cell == "lstm" else 0)

    run = network.run(batch.ids[:-1])
    d_logits = network.decode(run.outputs)
    cross_entropy(d_logits, batch.ids[1:], batch.weights)
    gradients = network.backward(run, d_logits, trainer._costs(run))
    for name, value in named.items():
        if name.startswith("rnn"):
            place = (0,) * value.ndim
            kept, slopes = value[place], []
            for step in (1e-6, -1e-6):
                value[place] = kept + step
                slopes.append(cost(network.with_parameters(named)))
            value[place] = kept
            slope = (slopes[0] - slopes[1]) / 2e-6
            assert gradients[name][place] == pytest.approx(slope, rel=1e-4, abs=1e-7), name


def test_a_network_starts_as_the_recipe_says():
    lstm, rnn = (initial_network(replace(SMALL, cell=cell), grammar_vocabulary()) for cell in ("lstm", "rnn"))
    cell = lstm.layers[0][0].cell
    assert {value.dtype for value in lstm.parameters.values()} == {np.dtype(np.float32)}
    assert abs((cell.bias_ih + cell.bias_hh)[8:16] - 1).max() <= 2 * 8**-0.5
    weight = rnn.layers[0][0].cell.weight_hh  # as every framework starts it: evenly spread, no rotation
    assert 0.8 * 8**-0.5 < abs(weight).max() <= 8**-0.5


def test_all_cells_are_trained_by_one_recipe_but_for_the_rnn_that_is_helped():
    costs = {"memory_cost": 0.0, "writing_cost": 0.0}
    plain = [replace(RECIPES[cell], cell="", seed=0, **costs) for cell in ("rnn", "lstm", "gru")]
    assert plain[0] == plain[1] == plain[2]
    assert plain[0].distance_weight == 0
    helped = RECIPES["rnn-helped"]
    assert helped.distance_weight > 0
    assert helped.verb_weight > plain[0].verb_weight
    same = {"distance_weight": 0.0, "verb_weight": plain[0].verb_weight}
    assert replace(helped, cell="", helped=False, seed=0, **same) == plain[0]


def test_the_same_seed_gives_the_same_weights_bit_for_bit():
    one, two, other = (trained(SMALL, seed=seed)[0].network.parameters for seed in (3, 3, 4))
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert not np.array_equal(one["decoder.weight"], other["decoder.weight"])


def test_the_loss_goes_down_and_is_reported():
    _, reports = trained(SMALL, steps=60, rate=1e-2, warm_up=5)
    assert [report.step for report in reports] == [10, 20, 30, 40, 50, 60]
    assert reports[-1].validation < reports[0].validation - 0.3
    assert reports[-1].loss < reports[0].loss


def test_a_resumed_training_ends_where_an_uninterrupted_one_does():
    whole, _ = trained(SMALL)
    corpus = GrammarCorpus(SMALL)
    first, second = Trainer(SMALL, corpus), Trainer(SMALL, corpus)
    next(first.train(every=10))
    second.resume(first.saved)
    assert [report.step for report in second.train(every=10)] == [20, 30]
    expected, found = whole.network.parameters, second.network.parameters
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_resuming_with_other_sizes_is_refused():
    corpus = GrammarCorpus(SMALL)
    with pytest.raises(ShapeError, match="expected shape"):
        Trainer(replace(SMALL, hidden=9), corpus).resume(Trainer(SMALL, corpus).saved)


def test_an_interrupted_step_leaves_the_last_report(monkeypatch):
    trainer = Trainer(SMALL, GrammarCorpus(SMALL))
    training = trainer.train(every=10)
    next(training)
    before = {name: value.copy() for name, value in trainer.network.parameters.items()}
    rooted, calls = np.sqrt, []

    def interrupted(*args, **kwargs):
        calls.append(1)
        if len(calls) == 5:  # in the middle of Adam's step
            raise KeyboardInterrupt
        return rooted(*args, **kwargs)

    monkeypatch.setattr(np, "sqrt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(training)
    assert all(np.array_equal(value, before[name]) for name, value in trainer.network.parameters.items())


def test_validation_documents_are_not_trained_on():
    corpus = GrammarCorpus(SMALL)
    validation = corpus.validation().ids.T.tolist()
    seen = [row for step in range(50) for row in corpus.batch(step).ids.T.tolist()]
    assert not [row for row in validation if row in seen]


def test_agreeing_verbs_weigh_more_with_distance():
    recipe = replace(SMALL, verb_weight=3.0, distance_weight=0.5, length=48)
    weights = GrammarCorpus(replace(recipe, asked_every=1)).batch(0).weights
    assert weights.shape == (48, 8)
    assert {1.0, 3.0, 4.5} <= set(np.unique(weights).tolist())


def test_the_steps_that_read_a_text_ask_for_each_word_once_and_for_verbs_each_time():
    all_at_once, corpus = GrammarCorpus(replace(SMALL, asked_every=1)), GrammarCorpus(replace(SMALL, asked_every=2))
    whole, first, second = all_at_once.batch(5), corpus.batch(10), corpus.batch(11)
    assert np.array_equal(first.ids, second.ids)
    assert np.array_equal(first.ids, whole.ids)
    assert not np.array_equal(corpus.batch(12).ids, first.ids)
    assert np.array_equal((first.weights + second.weights) / 2, whole.weights)


def test_words_that_count_nothing_are_not_asked_for_and_change_nothing():
    corpus = GrammarCorpus(replace(SMALL, asked_every=2))
    batch, network = corpus.batch(0), initial_network(SMALL, corpus.vocabulary).astype(np.float64)
    run, asked = network.run(batch.ids[:-1]), np.flatnonzero(batch.weights)
    logits = network.decode(run.outputs)
    cross_entropy(logits, batch.ids[1:], batch.weights)
    some = logits.reshape(-1, logits.shape[-1])[asked]
    whole, part = network.backward(run, logits), network.backward(run, some, at=asked)
    assert all(part[name] == pytest.approx(value, rel=1e-9, abs=1e-12) for name, value in whole.items())


def test_log_odds_in_a_batch_are_those_of_each_pair_alone():
    network = initial_network(SMALL, grammar_vocabulary()).astype(np.float64)
    pairs = minimal_pairs(7, 1)
    assert log_odds(network, pairs) == pytest.approx([log_odds(network, [pair])[0] for pair in pairs], rel=1e-9)


def test_a_tiny_network_learns_to_agree():
    recipe = replace(RECIPES["gru"], hidden=16, embedding=16, steps=1200, rate=2e-2, verb_weight=10.0)
    trainer, _ = trained(recipe, every=recipe.steps)
    assert accuracy(trainer.network, minimal_pairs(300, 3, distance=(0, 0))) > 0.85


def corpus_of(tmp_path, content, **changes):
    path = tmp_path / "text.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return TextCorpus(path, replace(SMALL, **changes))


def test_a_text_gives_documents_of_its_own_words(tmp_path):
    lines = "".join(f"The {['cat', 'dog', 'mouse'][n % 3]} wasn't hungry.\n" for n in range(400))
    corpus = corpus_of(tmp_path, lines)
    assert {"the", "cat", "was", "n't", "hungry", "."} <= set(corpus.vocabulary.words)
    batch = corpus.batch(3)
    assert batch.ids.shape == (17, 8)
    assert np.array_equal(batch.ids, corpus.batch(3).ids)
    assert not np.array_equal(batch.ids, corpus.batch(4).ids)
    assert {corpus.vocabulary.words[index] for index in batch.ids[0]} == {"the"}  # documents start with a line


def test_a_text_is_learnt(tmp_path):
    corpus = corpus_of(tmp_path, "the cat sat on the mat .\n" * 300, steps=300, rate=2e-2)
    reports = list(Trainer(replace(SMALL, steps=300, rate=2e-2, writing_cost=0.0, warm_up=10), corpus).train(every=20))
    assert reports[-1].validation < 0.5


def test_one_line_and_one_line_without_an_end_are_enough(tmp_path):
    for content in ("the cat sat\n", "a b"):
        corpus = corpus_of(tmp_path, content)
        assert corpus.batch(0).ids.shape == corpus.validation().ids.shape == (17, 8)


def test_a_character_on_the_edge_of_a_block_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("lstm_ascii.training.corpus._BLOCK", 7)
    corpus = corpus_of(tmp_path, "naïve café été œuvre naïve\n")
    assert {"naïve", "café", "été", "œuvre"} <= set(corpus.vocabulary.words)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "nothing to learn"), (b"  \n\n", "nothing to learn"), (b"word", "nothing to learn"),
     (b"good words\nthen \xff\xfe bad", "not UTF-8 at byte 17")],
)  # fmt: skip
def test_a_text_that_does_not_serve_is_a_clear_error(tmp_path, content, message):
    with pytest.raises(LstmAsciiError, match=message) as caught:
        corpus_of(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_directory_are_clear_errors(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(LstmAsciiError, match="give a text file"):
            TextCorpus(path, SMALL)


def test_a_text_without_blanks_ends(tmp_path):
    corpus = corpus_of(tmp_path, "x" * 5000 + " y")
    assert corpus.batch(0).ids.shape == (17, 8)
