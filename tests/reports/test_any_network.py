"""``explain`` on networks of any build: layers, directions, vocabularies, without a decoder, without words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.analysis.gradients import carousel_log10
from lstm_ascii.cells import GRU, RNN, Array, Cell
from lstm_ascii.cells.initial import random_cell, uniform
from lstm_ascii.cells.variants import Activation, GeneralGRU, GeneralLSTM, GeneralRNN
from lstm_ascii.cli.output import to_json
from lstm_ascii.errors import MissingPartError, UsageError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.render.explain import SECTIONS
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.parts import Plain
from lstm_ascii.reports import material
from lstm_ascii.reports.explain import decision, swaps
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.decision import question_for
from lstm_ascii.reports.explain.report import ExplainReport, explain_report
from lstm_ascii.reports.explain.swaps import CLASS, FEWEST, NEIGHBOURS, OTHERS, TWIN, alternatives
from lstm_ascii.reports.explain.view import View, place_of
from lstm_ascii.reports.material import Material
from lstm_ascii.sources import Source
from tests.analysis.networks import WORDS, stack
from tests.rendering import render

SENTENCE = "a d b e c h f g d a"
LONG = "The cat that chased the mice that ate the cheeses that sat on the tables was hungry."


def explain(
    model: Network,
    patch: pytest.MonkeyPatch,
    sentence: str = SENTENCE,
    *,
    vectors: Array | None = None,
    layer: int | None = None,
    direction: str = "",
    unit: int | None = None,
    contrast: str = "",
) -> ExplainReport:
    """Explain a sentence, or vectors, with a network of the test's own."""
    words = tuple(f"x{n}" for n in range(1, len(vectors) + 1)) if vectors is not None else tuple(sentence.split())
    patch.setattr("lstm_ascii.reports.explain.report.open_material", lambda *_: ([model], Material(words, vectors)))
    return explain_report(sentence, about=About(unit=unit, contrast=contrast, layer=layer, direction=direction))


def encoder(model: Network) -> Network:
    """Return a network without its decoder."""
    return replace(model, decoder_weight=model.decoder_weight[:0], decoder_bias=model.decoder_bias[:0])


def of_words(words: tuple[str, ...], size: int = 6, cell: str = "lstm") -> Network:
    """Return a small network with a vocabulary of its own."""
    embedding, decoder = uniform(5, "embedding", (len(words), 4), 1.5), uniform(5, "out", (len(words), size), 2.0)
    layers = ((Direction(random_cell(cell, 4, size, 5)),),)
    return Network(Vocabulary(words), embedding, layers, decoder, np.zeros(len(words)))


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_layer_is_told_with_its_own_cell_and_memory(layer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack("lstm", "gru", "rnn")
    report = explain(model, monkeypatch, layer=layer).main
    trace = model.run(np.array(model.vocabulary.ids(SENTENCE.split()))[:, None]).traces[layer - 1][0]
    assert report.cell == ("LSTM", "GRU", "RNN")[layer - 1]
    assert str(report.where) == f"layer {layer} of 3"
    np.testing.assert_array_equal(report.memory, list(trace.states.values())[-1][1:, 0])
    assert (report.steps[0].gates is None) == (report.cell == "RNN")


def test_by_default_the_last_layer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explain(stack("lstm", "gru"), monkeypatch).main.where.layer == 2


def test_who_decided_is_the_same_whichever_layer_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = (explain(stack("lstm", "lstm"), monkeypatch, layer=layer).main for layer in (1, 2))
    assert first.choice == last.choice
    assert first.swaps == last.swaps


def test_only_the_layer_below_the_decoder_is_split_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = (explain(stack("lstm", "gru"), monkeypatch, layer=layer) for layer in (1, 2))
    assert first.main.split is None
    assert last.main.split is not None
    whole = sum(last.main.split.words) + last.main.split.start + last.main.split.bias
    assert whole == pytest.approx(last.main.asked.log_odds, rel=1e-9)
    assert "exact only for the last layer, 2 of 2" in " ".join(render(explain_page(first, ("split",))).split())


@pytest.mark.parametrize(
    ("layer", "direction", "told"),
    [(0, "", "1 to 2"), (3, "", "1 to 2"), (1, "up", "forward or backward"), (2, "backward", "reads forward only")],
)
def test_a_layer_or_direction_that_is_not_there_is_refused(
    layer: int, direction: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=told):
        explain(stack("lstm", "gru"), monkeypatch, layer=layer, direction=direction)


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_network_that_has_seen_the_next_word_is_not_asked_for_it(
    layer: int, direction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = explain(stack("lstm", "gru", both_ways=True), monkeypatch, layer=layer, direction=direction)
    main = report.main
    assert main.choice is None
    assert "has seen the word that comes next" in main.no_choice
    assert (main.swaps, main.carrier, main.split) == ((), None, None)
    assert all(step.next_words == () and step.pair is None for step in main.steps)
    assert str(main.where) == f"layer {layer} of 2, {direction} of 2 directions"
    text = render(explain_page(report, tuple(SECTIONS)), 100)
    assert ("read from the last word to the first" in text) == (direction == "backward")


def test_what_is_read_backward_stands_in_the_order_of_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack("lstm", both_ways=True)
    main = explain(model, monkeypatch, direction="backward", unit=2).main
    trace = model.run(np.array(model.vocabulary.ids(SENTENCE.split()))[:, None]).traces[0][1]
    count = len(main.steps)
    np.testing.assert_array_equal(main.memory[::-1], trace.states["c"][1:, 0])
    assert main.unit is not None
    assert [step.keeps for step in main.unit.steps] == trace.gates["f"][::-1, 0, 2].tolist()
    for number, step in enumerate(main.steps, 1):
        assert step.holds is not None
        assert all(share.word >= number for share in step.holds.words)  # it has read these only
        assert sum(share.share for share in step.holds.words) + step.holds.others == pytest.approx(1)
        assert step.gates is not None
        assert step.gates.keeps == pytest.approx(trace.gates["f"][count - number, 0].mean())
    before = trace.states["h"][count - main.inside.step, 0]
    assert main.inside.values["h'"] == pytest.approx(np.abs(before).mean())


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_without_a_choice_the_gradient_is_that_of_the_length_of_the_last_state(
    direction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stack("gru", "gru", both_ways=True)
    main = explain(model, monkeypatch, direction=direction).main
    run = model.run(np.array(model.vocabulary.ids(SENTENCE.split()))[:, None])
    one, trace = model.layers[-1][direction == "backward"], run.traces[-1][direction == "backward"]
    slopes = []
    for at in range(1, len(trace) + 1):
        found = np.empty(5)
        for unit in range(5):
            h = trace.states["h"][at].astype(complex)
            h[0, unit] += 1e-30j
            end = one.cell.forward(trace.x[at:], {"h": h}).states["h"][-1, 0]
            found[unit] = np.sqrt((end * end).sum()).imag / 1e-30
        slopes.append(np.linalg.norm(found))
    expected = np.log10(np.array(slopes) / slopes[-1])
    told = main.where.ordered([step.gradient.choice if step.gradient else None for step in main.steps])
    np.testing.assert_allclose(np.array(told, float), expected, atol=1e-10)
    assert main.loss_after == (1 if direction == "backward" else len(main.steps))


def test_the_carousel_of_a_cell_that_reads_backward_runs_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack("lstm", both_ways=True)
    main = explain(model, monkeypatch, direction="backward", unit=1).main
    view = View(model, model.run(np.array(model.vocabulary.ids(SENTENCE.split()))[:, None]),
                Material(tuple(SENTENCE.split())), place_of(model, None, "backward"))  # fmt: skip
    assert view.flow is not None
    expected = carousel_log10(view.flow, len(main.steps))[1:, 1]
    told = [step.gradient.carousel for step in main.steps if step.gradient]
    np.testing.assert_allclose(told[::-1], expected)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_network_without_decoder_shows_all_but_the_next_word(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = explain(encoder(stack(cell, cell)), monkeypatch, unit=3)
    assert "has no decoder" in report.main.no_choice
    assert report.main.unit is not None
    text = " ".join(render(explain_page(report)).split())
    assert "who decided and the split are left out: the network has no decoder" in text
    assert "gradient of ‖h‖ after word 10, “a”, felt at each earlier word" in text
    assert "WHO DECIDED" not in text


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("decoder", [True, False])
def test_vectors_are_read_in_place_of_words(cell: str, decoder: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack(cell) if decoder else encoder(stack(cell))
    model = replace(model, embedding=model.embedding[:0])
    report = explain(model, monkeypatch, vectors=uniform(1, "vectors", (7, 1, 4), 1.0))
    assert report.read == "vectors"
    assert report.words == ("x1", "x2", "x3", "x4", "x5", "x6", "x7")
    assert all(step.known for step in report.main.steps)
    assert report.main.swaps == ()
    assert (report.main.choice is not None) == decoder
    assert "7 steps" in render(explain_page(report, tuple(SECTIONS)))


def test_a_choice_can_be_asked_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"^contrast: the network has no decoder"):
        explain(encoder(stack("lstm")), monkeypatch, contrast="a:b")


@pytest.mark.parametrize("broken", [np.nan, np.inf])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_weights_that_are_no_numbers_are_told_of_and_drawn(
    cell: str, broken: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stack(cell, cell)
    model.layers[0][0].cell.weight_hh[2, 1] = broken
    report = explain(model, monkeypatch, unit=0)
    if not np.isfinite(np.array(report.main.memory)).all():
        assert report.main.no_choice == "what the network answers is no number"
    json.loads(to_json(report))
    for width in (20, 80, 120):
        assert render(explain_page(report, tuple(SECTIONS)), width)


def test_words_that_our_lexicon_lacks_are_swapped_with_their_neighbours() -> None:
    vocabulary = Vocabulary(("<pad>", "<unk>", *(f"w{n}" for n in range(60))))
    row = vocabulary.read("w30").index
    twin, among, rows = alternatives(vocabulary, "w30")
    assert (twin, among, len(rows)) == ("", NEIGHBOURS, OTHERS)
    assert rows == [*range(row - 8, row), *range(row + 1, row + 9)]
    assert alternatives(vocabulary, "w0")[2] == list(range(3, 19))  # no classes among them
    assert alternatives(vocabulary, "<unk>")[2] == []


def test_twins_and_classes_are_found_as_a_tokenizer_writes_them() -> None:
    vocabulary = Vocabulary(("Ġcat", "Ġcats", "cats", "Ġhungry", "Ġangry", "Ġwas", "Ġwere", "Ġblick"))
    assert alternatives(vocabulary, "Ġcat") == ("Ġcats", TWIN, [1])
    assert alternatives(vocabulary, "Ġhungry")[1:] == (CLASS, [4])
    assert alternatives(vocabulary, "Ġblick", 2)[1:] == (NEIGHBOURS, [5, 6])


def test_the_verb_is_asked_for_as_a_tokenizer_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("Ġthe", "Ġcat", "Ġcats", "Ġwas", "Ġwere", "Ġhere")
    choice = explain(of_words(words), monkeypatch, "Ġthe Ġcat Ġwas Ġhere").main.asked
    assert (choice.after, choice.right, choice.wrong, choice.kind) == (2, "Ġwas", "Ġwere", "next word")
    asked = explain(of_words(words), monkeypatch, "Ġthe Ġcat Ġwas Ġhere", contrast="were:was").main.asked
    assert (asked.after, asked.right, asked.wrong) == (2, "Ġwere", "Ġwas")


def test_without_a_verb_the_two_likeliest_words_are_asked_for_and_no_class() -> None:
    model = of_words(("<unk>", "[PAD]", "x", "y", "z"))
    loud = replace(model, decoder_bias=np.array([9.0, 8.0, 0.0, 0.0, 0.0]))  # the classes are likeliest
    run = loud.run(np.array([[2], [3]]))
    question = question_for(loud, run, loud.vocabulary.read_sentence(["x", "y"]))
    assert {question.right, question.wrong} <= {"x", "y", "z"}
    assert question.kind == "likeliest"


def test_a_vocabulary_of_one_word_has_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "only one word" in explain(of_words(("a",)), monkeypatch, "a a a").main.no_choice


def test_a_large_network_tries_fewer_others(monkeypatch: pytest.MonkeyPatch) -> None:
    model = of_words(tuple(f"w{n}" for n in range(60)))
    many = explain(model, monkeypatch, "w20 w30 w40").main.swaps
    assert {swap.tried for swap in many} == {OTHERS}
    monkeypatch.setattr(swaps, "WORK", 1)
    few = explain(model, monkeypatch, "w20 w30 w40").main.swaps
    assert {swap.tried for swap in few} == {FEWEST}


@pytest.mark.parametrize(
    "sentence", [LONG, "The dogs near the cat were here.", "The teacher who praised the students was"]
)
def test_the_carrier_found_to_first_order_is_that_of_trying_all(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = explain_report(sentence).networks
    monkeypatch.setattr(decision, "PATCHED", 8)
    for exhaustive, quick in zip(whole, explain_report(sentence).networks, strict=True):
        if exhaustive.carrier is not None:
            assert quick.carrier is not None
            assert quick.carrier.patched == 8 < exhaustive.carrier.patched == 32
            assert (quick.carrier.unit, quick.carrier.change) == pytest.approx(
                (exhaustive.carrier.unit, exhaustive.carrier.change)
            )


def test_a_sentence_is_split_as_the_network_does(monkeypatch: pytest.MonkeyPatch) -> None:
    model = of_words(("ab", "c", "<unk>"))
    own = replace(model, vocabulary=Vocabulary(model.vocabulary.words, splitter=lambda text: text.split("|")))
    monkeypatch.setattr(material, "open_networks", lambda *_: [own])
    report = explain_report("ab|c|d")
    assert (report.words, report.read) == (("ab", "c", "d"), "pieces")


def test_a_network_without_embedding_asks_for_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack("lstm")
    monkeypatch.setattr(material, "open_networks", lambda *_: [replace(model, embedding=model.embedding[:0])])
    with pytest.raises(MissingPartError, match="input gives vectors"):
        explain_report("the cat")


def test_a_file_to_read_takes_the_place_of_a_sentence() -> None:
    with pytest.raises(UsageError, match=r"^input: takes"):
        material.open_material("a sentence", (), Source(model="m.safetensors", input="x.npy"))


def test_hostile_words_are_shown_safely(monkeypatch: pytest.MonkeyPatch) -> None:
    report = explain(stack("lstm", "lstm"), monkeypatch, " ".join(WORDS))
    named = replace(report, networks=tuple(replace(one, source="[bold]x[/]") for one in report.networks))
    assert "[bold]x[/]" in render(explain_page(named))


def _general(kind: str) -> Cell:
    """Return a cell of 5 units with 4 inputs that has something special."""
    plain = random_cell({"peepholes": "lstm", "coupled": "lstm"}.get(kind, kind[:3]), 4, 5, seed=7, forget_bias=1.0)
    parameters = tuple(plain.parameters.values())
    relu = Activation.named("relu")
    return {
        "peepholes": lambda: GeneralLSTM(*parameters, weight_peephole=uniform(7, "peepholes", (15,), 0.5), clip=2.0),
        "coupled": lambda: GeneralLSTM(*parameters, gate=Activation.named("hard_sigmoid"), coupled=True),
        "gru before": lambda: GRU(*parameters, reset_after=False),
        "gru relu": lambda: GeneralGRU(*parameters, gate=relu, candidate=relu),
        "rnn softsign": lambda: GeneralRNN(*parameters, activation=Activation.named("softsign")),
        "rnn relu": lambda: RNN(*parameters, activation="relu"),
    }[kind]()


@pytest.mark.parametrize("kind", ["peepholes", "coupled", "gru before", "gru relu", "rnn softsign", "rnn relu"])
def test_cells_of_other_frameworks_are_told_whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack("rnn")
    report = explain(replace(model, layers=((Direction(_general(kind)),),)), monkeypatch, unit=2)
    main = report.main
    assert bool(main.special) == (kind != "gru before")
    if main.split:
        whole = sum(main.split.words) + main.split.start + main.split.bias
        assert whole == pytest.approx(main.asked.log_odds, rel=1e-9)
    text = " ".join(render(explain_page(report, tuple(SECTIONS))).split())
    assert ("Drawn is the plain" in text) == bool(main.special)


def of_nothing(model: Network) -> Network:
    """Return the same network with weights that are all zero."""
    layers = tuple(
        tuple(replace(way, cell=replace(way.cell, **{n: 0 * v for n, v in way.cell.parameters.items()}), start={})
              for way in layer)
        for layer in model.layers
    )  # fmt: skip
    return replace(model, layers=layers, decoder_weight=0 * model.decoder_weight, decoder_bias=0 * model.decoder_bias)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_tie_is_no_preference_and_nothing_is_said_to_be_most_of_nothing(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = explain(of_nothing(stack(cell)), monkeypatch, contrast="a:b")
    assert report.main.asked.log_odds == 0
    assert report.focus_reason == "as good as any: nothing is written"
    assert all(step.gradient is None or step.gradient.choice is None for step in report.main.steps)
    for text in (render(explain_page(report), 100), render(Plain(explain_page(report)), 100)):
        said = " ".join(text.split())
        assert "nan" not in said
        assert "✗" not in said
        assert "neither" in said
        assert "most (0.0)" not in said
        assert f"The error is 0 from the start in the {report.main.cell}." in said
        assert "Nowhere below" not in said


def test_where_a_cell_first_computes_no_number_is_not_called_where_most_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = stack("lstm")
    embedding = model.embedding.copy()
    embedding[3] = np.nan  # of "d", the second word
    report = explain(replace(model, embedding=embedding), monkeypatch)
    assert (report.focus, report.focus_reason) == (2, "the first that is no number")


def test_the_carousel_of_a_gru_is_that_of_its_update_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(render(explain_page(explain(stack("gru"), monkeypatch), ("highway",)), 100).split())
    assert "the product of the update gates z alone" in text
    assert "forget gate" not in text
