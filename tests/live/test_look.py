"""``look`` on ten models of other people's kinds: what it shows is what they did, and they are left as they were."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")

from lstm_ascii import Look, look  # noqa: E402
from lstm_ascii.checkpoints.formats.npz import read_npz  # noqa: E402
from lstm_ascii.errors import LstmAsciiError, UsageError  # noqa: E402
from tests.cli.program import environment  # noqa: E402
from tests.live.models import MAKERS, Case, CellLoop, TiedLm, Vae, cnn_lstm, packed, seq2seq, tied_lm  # noqa: E402

nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")


def case(maker: Callable[[], Case], training: bool = False) -> Case:
    torch.manual_seed(3)
    made = maker()
    made.model.train(training)
    return made


def looked(made: Case, answer: bool = False, **also: Any) -> Look:
    asked = made.answer if answer else None
    return look(made.model, *made.inputs, answer=asked, call=made.call, **made.arguments, **also)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "training"])
@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_ours_are_the_models_own_outputs(maker: Callable[[], Case], training: bool) -> None:
    seen = looked(case(maker, training))
    assert seen.names == case(maker).layers
    assert seen.agrees
    assert seen.difference is not None
    assert seen.difference < 1e-6  # the bar in float32 is 1e-5


@pytest.mark.parametrize("training", [False, True], ids=["eval", "training"])
@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_a_look_leaves_no_trace(maker: Callable[[], Case], training: bool) -> None:
    made = case(maker, training)
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    random, modes = torch.get_rng_state(), [module.training for module in made.model.modules()]
    looked(made, answer=True)
    after = made.model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert torch.equal(random, torch.get_rng_state())
    assert [module.training for module in made.model.modules()] == modes
    assert all(parameter.grad is None for parameter in made.model.parameters())
    for module in made.model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks


def test_what_it_gives_is_what_the_model_gives() -> None:
    made = case(cnn_lstm)
    assert torch.equal(looked(made).output, made.model(*made.inputs))


def test_the_state_that_a_model_keeps_for_next_time_is_as_it_was() -> None:
    made = case(tied_lm)
    looked(made)
    assert made.model.state is None


def test_hooks_are_gone_when_the_model_fails() -> None:
    class Fails(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.norm = nn.GRU(2, 3), nn.BatchNorm1d(3)

        def forward(self, x: Any) -> Any:
            self.norm(self.rnn(x)[0][-1])
            raise RuntimeError("the head is broken")

    model = Fails()
    with pytest.raises(RuntimeError, match="the head is broken"):
        look(model, torch.randn(4, 5, 2))
    assert not model.rnn._forward_hooks
    assert not model.rnn._forward_pre_hooks
    assert int(model.norm.num_batches_tracked) == 0


def test_arrays_by_layer_and_direction() -> None:
    made = case(packed)
    seen = looked(made)
    cell = seen["rnn", 1, "backward"]
    assert cell.gates.keys() == {"forget", "input", "output"}
    assert cell.gates["forget"].shape == (8, 4, 8)
    assert cell.c is not None
    assert cell.c.shape == (8, 4, 8)
    assert cell.h.shape == (8, 4, 3)  # a projection
    assert cell.candidate is not None
    lengths = (~np.isnan(cell.x).all(axis=-1)).sum(axis=0)
    assert lengths.tolist() == [2, 8, 5, 1]
    assert np.isnan(cell.gates["forget"][2:, 0]).all()  # where there is no step there is no number
    assert [(one.layer, one.direction) for one in seen] == [
        (1, "forward"), (1, "backward"), (2, "forward"), (2, "backward"),
    ]  # fmt: skip
    assert seen["rnn"].layer == 2


def test_the_end_of_a_name_will_do() -> None:
    model = nn.ModuleDict({"encoder": nn.ModuleDict({"rnn": nn.GRU(2, 3)}), "a": nn.ModuleDict({"b": nn.GRU(3, 3)})})
    seen = look(model, torch.randn(4, 2, 2), call=lambda x: model["a"]["b"](model["encoder"]["rnn"](x)[0]))
    assert seen["rnn"] is seen["encoder.rnn"]
    for wrong, told in (("x", "encoder.rnn, a.b"), (("rnn", 2), "1 to 1"), (("rnn", 1, "backward"), "forward")):
        with pytest.raises(UsageError, match=told):
            seen[wrong]


def test_a_decoder_called_a_step_at_a_time_is_one_sequence() -> None:
    seen = looked(case(seq2seq))
    assert seen["decoder"].x.shape[0] == 5
    assert seen.report().cells[-1].calls == 5


def test_a_state_changed_between_steps_is_said() -> None:
    made = case(lambda: Case(CellLoop(), (torch.randn(3, 6, 4),), lambda out: out[0], ()), training=True)
    seen = looked(made)
    assert "changes the state between two steps" in " ".join(str(seen).split())
    assert seen["cell"].x.shape == (6, 3, 4)


def test_two_uses_of_one_layer_are_two() -> None:
    model = nn.Sequential(nn.GRU(2, 3))
    series = torch.randn(2, 4, 1, 2)
    seen = look(model, series, call=lambda x: (model(x[0]), model(x[1])))
    assert seen.names == ("0", "0#2")
    np.testing.assert_allclose(seen["0#2"].x, series[1].numpy(), atol=1e-7)


@pytest.mark.parametrize("kind", ["float64", "bfloat16", "float16"])
def test_precision_sets_the_bar(kind: str) -> None:
    torch.manual_seed(0)
    model = nn.LSTM(4, 8, batch_first=True).to(getattr(torch, kind))
    seen = look(model, torch.randn(2, 20, 4, dtype=getattr(torch, kind)))
    assert seen.report().cells[0].precision == kind
    assert seen.agrees


def test_autocast_is_honoured() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.LSTM(4, 8, batch_first=True))
    with torch.autocast("cpu", torch.bfloat16):
        seen = look(model, torch.randn(2, 20, 4))
    assert seen.agrees


def test_where_ours_differ_it_is_said_loudly() -> None:
    class Doubled(nn.LSTM):  # type: ignore[misc]
        def forward(self, x: Any, state: Any = None) -> Any:
            steps, last = super().forward(x, state)
            return 2 * steps, last

    seen = look(Doubled(2, 3), torch.randn(4, 1, 2))
    assert not seen.agrees
    assert "These figures are NOT what the model did: in doubled" in " ".join(str(seen).split())


def test_words_name_the_steps() -> None:
    made = case(tied_lm)
    names = [f"word{number}" for number in range(30)]
    ids = made.inputs[0]
    by_vocabulary = looked(made, vocab=names, sequence=1)
    assert by_vocabulary.words == tuple(f"word{int(index)}" for index in ids[1])
    assert looked(made, vocab={name: number for number, name in enumerate(names)}).words[0] == f"word{int(ids[0, 0])}"
    seen = looked(made)
    assert seen.words[0] == "x1"
    seen.words = list("abcdefg\x1b")
    assert seen.words[-1] == "\\x1b"
    assert seen.report().cells[0].along[0].word == "a"
    seen.sequence = 1
    with pytest.raises(UsageError, match="sequence"):
        seen.sequence = 2
    with pytest.raises(UsageError, match="words"):
        seen.words = "abc"  # type: ignore[assignment]
    with pytest.raises(UsageError, match="vocab"):
        look(nn.GRU(2, 3), torch.randn(4, 1, 2), vocab=names)


def test_it_is_saved_by_the_names_of_an_export(tmp_path: Path) -> None:
    seen = looked(case(packed), answer=True, sequence=2)
    target = tmp_path / "run.npz"
    seen.save(target)
    arrays = np.load(target)
    assert {"words", "layer1.forward.f", "layer2.backward.d_c", "layer2.backward.c_start"} <= set(arrays)
    assert arrays["layer1.forward.f"].shape == (5, 8)  # the steps of that sequence
    assert read_npz(target).tensors["layer1.forward.f"].shape == (5, 8)
    with pytest.raises(LstmAsciiError, match="overwrite=True"):
        seen.save(target)
    seen.save(target, overwrite=True, batch=True)
    assert np.load(target)["layer1.forward.f"].shape == (8, 4, 8)
    with pytest.raises(UsageError, match=r"npz or \.safetensors"):
        seen.save(tmp_path / "run.csv")
    seen.save(tmp_path / "run.safetensors")


def test_several_modules_stand_ahead_of_the_names() -> None:
    assert "encoder/layer1.backward.z" in looked(case(seq2seq)).arrays()


def test_without_a_recurrent_layer_it_says_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"model: expected a model with an nn.RNN.*It holds Linear"):
        look(nn.Linear(2, 3), torch.randn(1, 2))
    with pytest.raises(UsageError, match=r"none of gru was called"):
        look(nn.GRU(2, 3), torch.randn(1, 2), call=torch.sum)
    with pytest.raises(UsageError, match="model: expected a PyTorch or Keras model"):
        look(3.0, torch.randn(1, 2))
    with pytest.raises(UsageError, match="answer: expected a function, got Tensor"):
        look(nn.GRU(2, 3), torch.randn(4, 1, 2), answer=torch.ones(1))


def test_compiled_models_are_looked_into() -> None:
    class Compiled(nn.Module):  # type: ignore[misc]  # as torch.compile wraps one, which takes seconds to load
        def __init__(self, model: Any) -> None:
            super().__init__()
            self._orig_mod = model

        def forward(self, *given: Any) -> Any:
            raise AssertionError("compiled code takes no hooks")

    seen = look(Compiled(nn.Sequential(nn.GRU(2, 3))), torch.randn(4, 1, 2))
    assert seen.agrees
    assert seen.names == ("0",)


def test_one_sequence_without_a_batch() -> None:
    seen = look(nn.LSTM(2, 3, bidirectional=True), torch.randn(6, 2), (torch.randn(2, 3), torch.randn(2, 3)))
    assert seen.agrees
    assert seen["lstm"].x.shape == (6, 1, 2)


def test_draws_are_the_same_in_every_run() -> None:
    torch.manual_seed(0)
    model, series = Vae(), torch.randn(2, 5, 4)
    seen = look(model, series, answer=lambda out: out[0][0, 4, 1])
    same = seen.changed("encoder", 2, seen["encoder"].x[2, 0])
    assert torch.equal(same[0], seen.output[0])


@pytest.mark.parametrize("maker", [cnn_lstm, packed, seq2seq, tied_lm], ids=lambda maker: maker.__name__)
def test_influence_is_what_a_changed_step_does_to_the_models_own_answer(maker: Callable[[], Case]) -> None:
    made = case(maker)
    seen = looked(made, answer=True, sequence=1)
    name = made.layers[-1]
    found = seen.influence(name, "zero")
    read = ~np.isnan(seen[name, 1].x[:, 1]).all(axis=-1)
    assert (np.isnan(found) == ~read).all()
    step = int(np.flatnonzero(read)[1])
    expected = float(made.answer(seen.changed(name, step, np.zeros(seen[name, 1].x.shape[-1]))).detach())
    assert found[step] == pytest.approx(seen.answer - expected, abs=1e-7)  # type: ignore[operator]


def test_influence_by_hand() -> None:
    torch.manual_seed(1)
    model, series = nn.GRU(2, 3), torch.randn(5, 2, 2)
    seen = look(model, series, answer=lambda out: out[0][-1, 1, 0], sequence=1)
    changed = series.clone()
    changed[2, 1] = series[:, 1].mean(0)
    expected = float((model(series)[0] - model(changed)[0])[-1, 1, 0].detach())
    assert seen.influence()[2] == pytest.approx(expected, abs=1e-6)
    with pytest.raises(UsageError, match="baseline"):
        seen.influence(baseline="nothing")
    with pytest.raises(UsageError, match="answer="):
        look(model, series).influence()
    with pytest.raises(UsageError, match="step"):
        seen.changed("gru", 9, np.zeros(2))


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        looked(case(cnn_lstm), answer=True)


def test_a_look_into_weights_loads_no_framework(tmp_path: Path) -> None:
    model = TiedLm()
    torch.save(model.state_dict(), tmp_path / "lm.pt")
    code = (
        "import sys; from lstm_ascii import look; import numpy as np;"
        f"seen = look({str(tmp_path / 'lm.pt')!r}, np.array([1, 5, 2]));"
        "assert seen['layer2'].gates['forget'].shape == (3, 1, 10); str(seen);"
        "assert not {'torch', 'keras', 'onnxruntime'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=300)  # noqa: S603


def test_weights_are_looked_into_as_the_live_model_is(tmp_path: Path) -> None:
    made = case(tied_lm)
    live = looked(made)
    ids = made.inputs[0][0].numpy()
    torch.save(made.model.state_dict(), tmp_path / "lm.pt")
    for weights in (made.model.state_dict(), tmp_path / "lm.pt"):
        seen = look(weights, ids)
        np.testing.assert_allclose(seen["layer2"].h[:, 0], live["rnn"].h[:, 0], atol=1e-12)
        assert seen.difference is None
        assert "nothing to hold ours against" in " ".join(str(seen).split())
    with pytest.raises(UsageError, match="inputs: expected a sentence"):
        look(weights, b"abc")
    with pytest.raises(UsageError, match="answer: is for a live model"):
        look(weights, ids, answer=lambda out: out)
    with pytest.raises(LstmAsciiError, match="no model to run again"):
        seen.influence()
