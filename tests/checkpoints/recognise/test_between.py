"""Layers of which a file of bare tensors doesn't say where they stand are never left out in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.safetensors import write
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.reports.inspect import inspect_report
from lstm_ascii.sources import Source
from tests.checkpoints.recognise.made import drawn, torch_layer
from tests.cli.program import inside

INPUTS, HIDDEN, WORDS = 5, 3, 11


def language_model(**more: Array) -> dict[str, Array]:
    """Return the tensors of a language model, and others; in their names ``__`` stands for a dot."""
    return {
        "encoder.weight": drawn((WORDS, INPUTS)),
        **torch_layer("rnn.", INPUTS, HIDDEN),
        "decoder.weight": drawn((WORDS, HIDDEN), 1),
        "decoder.bias": drawn((WORDS,)),
        **{name.replace("__", "."): value for name, value in more.items()},
    }


def written(folder: Path, tensors: dict[str, Array]) -> Path:
    """Write a file."""
    path = folder / "model.safetensors"
    write(path, tensors, {})
    return path


IN_THE_WAY = {
    "a normalisation before the decoder": {"ln__weight": drawn((HIDDEN,)), "ln__bias": drawn((HIDDEN,))},
    "a normalisation after the embedding": {"norm__weight": drawn((INPUTS,))},
    "a linear layer before the decoder": {"mix__weight": drawn((HIDDEN, HIDDEN)), "mix__bias": drawn((HIDDEN,))},
    "an attention that reads two states": {"combine__weight": drawn((HIDDEN, 2 * HIDDEN))},
    "an attention by its name": {"attn__weight": drawn((7, HIDDEN)), "attn_v__weight": drawn((1, 7))},
    "places that are added to words": {"positions__weight": drawn((64, INPUTS))},
    "a convolution of the words": {"c__weight": drawn((INPUTS, INPUTS, 3))},
    "a normalisation within the cell": {"cell__ln_i2h__weight": drawn((4 * HIDDEN,))},
    "a normalisation with the name of a bias in its own": {"b__ln": drawn((HIDDEN,))},
    "a start state of a name that nobody knows": {"initial_memory": drawn((1, 1, HIDDEN))},
}
HARMLESS = {
    "a head beside the decoder": {"tags__weight": drawn((7, HIDDEN)), "tags__bias": drawn((7,))},
    "a head with one number": {"value__weight": drawn((1, HIDDEN)), "value__bias": drawn((1,))},
    "a head with as many outputs as gates": {
        "wide__weight": drawn((4 * HIDDEN, HIDDEN)),
        "wide__bias": drawn((4 * HIDDEN,)),
    },
    "counts": {"norm__num_batches_tracked": np.array(7), "epoch": np.array([3])},
    "an optimiser's state": {
        "optimizer__state__0__exp_avg": drawn((HIDDEN,)),
        "rnn__weight_hh_l0_step_size": drawn((4 * HIDDEN, HIDDEN)),
    },
    "a copy of the embedding": {"dropped__emb__weight": drawn((WORDS, INPUTS))},
    "a matrix of other sizes": {"foo__bar": drawn((13, 2))},
}


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_what_may_stand_in_the_way_is_refused_by_name_with_the_ways_out(case: str, tmp_path: Path) -> None:
    path = written(tmp_path, language_model(**IN_THE_WAY[case]))
    name = next(iter(IN_THE_WAY[case])).replace("__", ".")
    with pytest.raises(FileError, match="may stand between the parts of the network") as error:
        load_network(path)
    assert name in str(error.value)
    assert "roles ignore=" in str(error.value)
    assert "roles decoder.weight=none reads the recurrent layers alone" in str(error.value)


@pytest.mark.parametrize("case", HARMLESS)
def test_what_stands_beside_the_way_is_left_out_and_said(case: str, tmp_path: Path) -> None:
    network = load_network(written(tmp_path, language_model(**HARMLESS[case])))
    assert network.has_decoder
    assert f"not used: {next(iter(HARMLESS[case])).replace('__', '.')}" in network.source


def test_between_layers_only_what_fits_between_modules_is_in_the_way(tmp_path: Path) -> None:
    norm, embedding = {"norm.weight": drawn((HIDDEN,))}, {"embedding.weight": drawn((WORDS, INPUTS))}
    upper = torch_layer("l2.", HIDDEN, 4)
    with pytest.raises(FileError, match=r"norm\.weight"):
        load_network(written(tmp_path, embedding | torch_layer("l1.", INPUTS, HIDDEN) | upper | norm))
    one = torch_layer("rnn.", INPUTS, HIDDEN) | torch_layer("rnn.", HIDDEN, 4, ending="_l1")
    assert len(load_network(written(tmp_path, embedding | one | norm)).layers) == 2


@pytest.mark.parametrize(
    "hints", [Hints(ignored=("ln.",)), Hints(ignored=("ln.weight", "ln.b")), Hints({"decoder.weight": "none"})]
)
def test_left_out_by_hand_the_page_says_whose_figures_these_are(hints: Hints, tmp_path: Path) -> None:
    tensors = language_model(ln__weight=drawn((INPUTS,)), ln__bias=drawn((INPUTS,)))
    source = load_network(written(tmp_path, tensors), hints=hints).source
    assert "left out ln.weight (5), ln.bias (5): figures are this network's own only if those do nothing" in source


def test_layers_alone_miss_nothing_that_lies_behind_them(tmp_path: Path) -> None:
    tensors = language_model(ln__weight=drawn((HIDDEN,)))
    source = load_network(written(tmp_path, tensors), hints=Hints({"decoder.weight": "none"})).source
    assert "figures are" not in source


def test_the_options_named_by_the_refusal_work(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    path = written(tmp_path, language_model(a__weight=drawn((HIDDEN,)), b__weight=drawn((INPUTS,))))
    call = ("explain", "#1 #2", "--model", str(path))
    refused = inside(capsysbinary, *call)
    assert refused.code == 1
    assert "--map ignore=a --map ignore=b leaves them out" in refused.complaint
    answered = inside(capsysbinary, *call, "--map", "ignore=a", "--map", "ignore=b")
    assert answered.code == 0
    assert "those do nothing" in " ".join(answered.text.replace("│", " ").split())


def test_a_name_to_leave_out_that_no_tensor_has_is_refused(tmp_path: Path) -> None:
    for name in ("lm.", "rnn."):
        with pytest.raises(FileError, match=rf"roles ignore={name}: no unused tensor has a name that begins so"):
            load_network(written(tmp_path, language_model(ln__weight=drawn((9,)))), hints=Hints(ignored=(name,)))


def test_inspect_shows_the_network_and_says_what_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, language_model(ln__weight=drawn((HIDDEN,))))
    report = inspect_report(Source(model=str(path)))
    assert report.cells
    assert any("figures are this network's own only if that does nothing" in note for note in report.notes)


def test_an_activation_is_refused_where_there_is_no_rnn(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^activation: is for an RNN, and .* holds LSTM"):
        load_network(written(tmp_path, language_model()), hints=Hints(activation="relu"))
    onnx = Path(__file__).parents[1] / "files" / "torch_lm.onnx"
    with pytest.raises(UsageError, match=r"^activation: .* says itself what its layers do"):
        load_network(onnx, hints=Hints(activation="relu"))


def tied(copies: int) -> dict[str, Array]:
    """Return a language model of which one matrix is embedding and decoder, in the file once or twice."""
    tensors = language_model() | torch_layer("rnn.", HIDDEN, HIDDEN) | {"encoder.weight": drawn((WORDS, HIDDEN))}
    del tensors["decoder.weight"]
    return tensors | ({"decoder.weight": tensors["encoder.weight"].copy()} if copies == 2 else {})


@pytest.mark.parametrize("copies", [1, 2])
def test_a_tied_matrix_counts_once_however_often_the_file_holds_it(copies: int, tmp_path: Path) -> None:
    path, cells = written(tmp_path, tied(copies)), 4 * HIDDEN * (2 * HIDDEN + 2)
    report = inspect_report(Source(model=str(path)))
    assert report.tied
    parts = [part.parameters for part in (report.embedding, report.decoder, *report.cells) if part]
    assert sum(parts) == load_network(path).size == WORDS * HIDDEN + WORDS + cells


def test_a_bias_that_the_file_lacks_does_not_count(tmp_path: Path) -> None:
    network = load_network(written(tmp_path, torch_layer("rnn.", INPUTS, HIDDEN, biases=False)))
    assert network.size == 4 * HIDDEN * (INPUTS + HIDDEN)


@pytest.mark.parametrize("name", ["norm.weight", "attention.W", "fc1_bn.running_mean"])
def test_an_answer_that_something_may_stand_ahead_of_is_left_out_and_said(name: str, tmp_path: Path) -> None:
    tensors = {**torch_layer("lstm.", INPUTS, HIDDEN), "fc1.weight": drawn((7, HIDDEN)), "fc2.weight": drawn((2, 7))}
    shape = {"norm.weight": (HIDDEN,), "attention.W": (HIDDEN, HIDDEN)}.get(name, (7,))
    path = written(tmp_path, tensors | {name: drawn(shape)})
    network = load_network(path)
    assert network.answer is None
    assert f"no answer: {name} ({', '.join(map(str, shape))}) may stand on the way to it" in network.source
    module = name.rpartition(".")[0]
    sure = load_network(path, hints=Hints(ignored=(module,)))
    assert sure.answer is not None
    assert sure.answer.outputs == 2
