"""The figures of the pictures are those of the engine, and the equations beside them are the engine's."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from lstm_ascii.analysis.gates import flow
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import words_of
from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.network import Network
from lstm_ascii.render.diagram.page import diagram_page
from lstm_ascii.render.parts import Plain
from lstm_ascii.reports.diagram.pictures import PICTURES
from lstm_ascii.reports.diagram.report import ROUNDS, diagram_report
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.sources import Source, trained
from lstm_ascii.training.loop import cross_entropy
from tests.rendering import render

SENTENCE = "The cat that chased the mice was hungry."
LAYERS = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}  # in the order of the weights


@pytest.mark.parametrize("name", PICTURES)
def test_without_a_sentence_there_are_no_values(name: str) -> None:
    report = diagram_report(name)
    assert (report.words, report.word, report.tracks) == ((), None, ())
    assert not any(cell.values for cell in report.cells)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "gru-lstm"])
def test_the_values_are_those_that_explain_shows(name: str) -> None:
    cells = PICTURES[name].cells
    told, report = explain_report(SENTENCE, cells), diagram_report(name, SENTENCE)
    assert report.word == told.focus
    for network, cell in zip(told.networks, report.cells, strict=True):
        assert cell.values == network.inside.values


def test_the_values_of_a_unit_are_the_traces() -> None:
    trace = _run(trained("lstm"))
    (cell,) = diagram_report("lstm", SENTENCE, "mice", unit=7).cells
    assert {name: cell.values[name] for name in "ifgo"} == {name: trace.gates[name][5, 0, 7] for name in "ifgo"}
    assert (cell.values["c'"], cell.values["c"]) == (trace.states["c"][5, 0, 7], trace.states["c"][6, 0, 7])


@pytest.mark.parametrize("name", ["gates", "product"])
def test_units_one_by_one_are_the_traces_and_their_products_add_up(name: str) -> None:
    trace, report = _run(trained("lstm")), diagram_report(name, SENTENCE, "mice", unit=7)
    assert [one.unit for one in report.units] == [0, 1, 2, 7, 31]
    assert [one.unit for one in report.units if one.marked] == [7]
    for one in report.units:
        assert one.values["f"] == trace.gates["f"][5, 0, one.unit]
        assert one.values["c"] == trace.states["c"][6, 0, one.unit]
        assert one.values["kept"] + one.values["written"] == pytest.approx(one.values["c"], abs=1e-6)


def test_a_message_is_the_product_of_the_forget_gates_after_it() -> None:
    (track,) = diagram_report("carousel", SENTENCE, "cat", unit=7).tracks
    parts = flow(_run(trained("lstm")))
    assert parts is not None
    assert track.message is not None
    assert track.message[0] is None
    expected = np.cumprod([1.0, *parts.keep[2:, 0, 7]])
    assert np.array(track.message[1:], float) == pytest.approx(np.log10(expected))


def _run(network: Network) -> Trace:
    """Return what the network's one layer does on the sentence."""
    return network.run(_ids(network)).traces[0][0]


def _ids(network: Network) -> npt.NDArray[np.intp]:
    """Return the sentence as the network reads it."""
    return np.array(network.vocabulary.ids(words_of(SENTENCE)), np.intp)[:, None]


def test_the_error_is_the_one_that_explain_follows() -> None:
    told = {network.cell: network for network in explain_report(SENTENCE, ("lstm", "rnn")).networks}
    for track in diagram_report("bptt", SENTENCE).tracks:
        steps = told[track.cell].steps
        assert track.error == tuple(step.gradient.choice for step in steps if step.gradient is not None)


def test_a_loop_keeps_its_forget_gate_to_the_power_of_the_rounds() -> None:
    one, other = diagram_report("carousel", forget=0.5).loops
    assert one.left == (1.0,) * len(ROUNDS)
    assert other.left == pytest.approx([0.5**rounds for rounds in ROUNDS])


def test_the_loss_and_its_gradient_are_those_of_the_training_step() -> None:
    network, training = trained("lstm"), diagram_report("training", SENTENCE).training
    assert training is not None
    ids = _ids(network)
    logits = network.decode(network.run(ids[:-1]).outputs)
    chosen = np.take_along_axis(logits - np.log(np.exp(logits).sum(-1, keepdims=True)), ids[1:, :, None], -1)
    assert training.loss == pytest.approx(-chosen.mean())
    loss = cross_entropy(logits, ids[1:], np.ones(ids[1:].shape))
    assert training.loss == pytest.approx(loss)
    assert training.gradient is not None
    assert training.gradient > 0


def test_a_single_word_has_no_loss() -> None:
    training = diagram_report("training", "cats").training
    assert training is not None
    assert training.loss is None


def test_sizes_are_counted_not_written() -> None:
    gru, lstm = diagram_report("gru-lstm", source=Source(hidden_size=5)).cells
    assert (gru.blocks, lstm.blocks) == (3, 4)
    assert (gru.parameters, lstm.parameters) == (3 * 5 * (5 + 5 + 2), 4 * 5 * (5 + 5 + 2))


@pytest.mark.parametrize("cell", LAYERS)
def test_the_equations_on_the_page_are_the_engines(cell: str) -> None:
    network = trained(cell.lower())
    layer, trace = network.layers[0][0].cell, _run(network)
    names = _weights(cell, layer)
    for step in range(len(trace.x)):
        known = {"x_t": trace.x[step, 0], "h_t1": trace.states["h"][step, 0]}
        if cell == "LSTM":
            known["C_t1"] = trace.states["c"][step, 0]
        for equation in EQUATIONS[cell].values():
            known[equation.left] = _value(equation.right, names | known)
        assert known["h_t"] == pytest.approx(trace.states["h"][step + 1, 0], abs=1e-12)


def _weights(cell: str, layer: Cell) -> dict[str, Array]:
    """Name the blocks of a cell's weights as the equations do."""
    blocks = len(LAYERS[cell])
    ih, hh, b_ih, b_hh = (
        np.split(getattr(layer, name), blocks) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    if cell == "RNN":
        return {"W": ih[0], "U": hh[0], "b": b_ih[0] + b_hh[0]}
    named: dict[str, Array] = {}
    for place, letter in enumerate(LAYERS[cell]):
        named |= {f"W_{letter}": ih[place], f"U_{letter}": hh[place]}
        after = letter == "n"  # the reset gate acts on U_n h' and its bias
        named |= {f"b_{letter}": b_ih[place] if after else b_ih[place] + b_hh[place], f"d_{letter}": b_hh[place]}
    return named


def _value(text: str, names: dict[str, Array]) -> Array:
    """Compute the right side of an equation as it is written."""
    text = text.replace("t-1", "t1").replace("⊙", "*").replace("−", "-")
    text = re.sub(r"\b([WU](?:_\w)?) (\w_t1?)", r"(\1 @ \2)", text)
    functions = {"σ": lambda a: 1 / (1 + np.exp(-a)), "tanh": np.tanh}
    value: Array = eval(text, {"__builtins__": {}}, {**names, **functions})  # noqa: S307 - our own texts
    return value


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"name": "lstn"}, "did you mean lstm?"),
        ({"name": "zzz"}, "expected ann, rnn"),
        ({"name": "lstm", "word": "cat"}, "word: of which sentence? Give sentence, too"),
        ({"name": "lstm", "unit": 3}, "unit: of which sentence? Give sentence, too"),
        ({"name": "lstm", "sentence": SENTENCE, "unit": 32}, "expected 0 to 31"),
        ({"name": "lstm", "sentence": SENTENCE, "unit": -1}, "expected 0 to 31"),
        ({"name": "lstm", "sentence": SENTENCE, "word": "dog"}, "not in the sentence"),
        ({"name": "lstm", "sentence": "  "}, "empty"),
        ({"name": "ann", "sentence": SENTENCE, "word": "cat"}, "no single word"),
        ({"name": "carousel", "forget": 1.5}, "forget: "),
        ({"name": "carousel", "forget": float("nan")}, "forget: "),
        ({"name": "training", "source": Source(seed=1)}, "no other"),
    ],
)
def test_what_cannot_be_drawn_is_a_usage_error(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        diagram_report(**arguments)  # type: ignore[arg-type]


def test_equations_mean_the_same_in_pure_ascii() -> None:
    signs = set("".join(str(one) for group in EQUATIONS.values() for one in group.values()))
    assert {sign for sign in signs if not sign.isascii()} <= set("σ⊙−∂×‖ε")


@pytest.mark.parametrize("sentence", ["", "The cat was hungry."])
def test_what_a_cell_has_beyond_the_drawing_is_said_beside_it(sentence: str) -> None:
    report = diagram_report("lstm", sentence)
    cells = tuple(replace(cell, special=("a projection to 6",)) for cell in report.cells)
    for page in (diagram_page(replace(report, cells=cells)), Plain(diagram_page(replace(report, cells=cells)))):
        text = " ".join(render(page, 100).split())
        assert "Drawn is the plain LSTM; this one has: a projection to 6." in text
    assert "Drawn is the plain" not in render(diagram_page(report), 100)
