"""Models of PyTorch and Keras that are watched as they train."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.cli.app import run
from lstm_ascii.errors import UsageError
from lstm_ascii.live.watch import Watch, watch
from lstm_ascii.reports.watch.report import watch_report

torch = pytest.importorskip("torch")


class Tagger(torch.nn.Module):  # type: ignore[misc]
    """A front end and a head of its own around a layer of two directions."""

    def __init__(self, kind: str = "LSTM") -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(20, 6)
        self.encoder = getattr(torch.nn, kind)(6, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.cell = torch.nn.GRUCell(10, 4)
        self.head = torch.nn.Linear(4, 3)

    def forward(self, ids: Any) -> Any:
        steps, h = self.encoder(self.embedding(ids))[0], torch.zeros(len(ids), 4)
        for step in steps.unbind(1):
            h = self.cell(step, h)
        return self.head(h)


def train(model: Any, steps: int = 3) -> None:
    """Train for a few steps."""
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.arange(12).reshape(3, 4)).square().sum().backward()
        optimizer.step()


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_every_layer_direction_and_cell_is_seen_gate_by_gate(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Tagger(kind)
    with watch(model, tmp_path / "w.jsonl", every=1, share=1.0) as watching:
        train(model)
    assert watching.reports == 3
    report = watch_report(tmp_path / "w.jsonl")
    assert report.ended
    names = [head.name for head in report.layers]
    assert names == [f"encoder, layer {n}, {way}" for n in (1, 2) for way in ("forward", "backward")] + ["cell"]
    last = report.steps[-1]
    assert last.step == 3
    for head in report.layers:
        line = last.layers[head.name]
        assert set(line.weights) == set(line.gradients) == set(head.gates)
        assert line.gradient
        assert set(line.means) == ({"forget", "input", "output"} if head.cell == "LSTM" else
                                   {"update", "reset"} if head.cell == "GRU" else set())  # fmt: skip
    assert last.layers[names[0]].followed == 4


def test_norms_and_gates_are_those_of_the_model(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model, x = torch.nn.LSTM(3, 4), torch.randn(5, 2, 3)
    watching = Watch(model, tmp_path / "w.jsonl", every=1, share=1.0)
    model(x)[0].square().sum().backward()
    watching.step(loss=torch.tensor(0.5))
    watching.close()
    (step,) = watch_report(tmp_path / "w.jsonl").steps
    line = step.layers["lstm"]
    assert step.loss == 0.5
    parts = [getattr(model, f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    for place, gate in enumerate(("input", "forget", "candidate", "output")):
        rows = slice(4 * place, 4 * place + 4)
        for values, said in (
            ([one.detach() for one in parts], line.weights),
            ([one.grad for one in parts], line.gradients),
        ):
            length = np.sqrt(sum(float((value[rows] ** 2).sum()) for value in values))
            assert said[gate] == pytest.approx(length, rel=1e-4)
    from lstm_ascii import look

    assert line.means["forget"] == pytest.approx(float(look(model, x)["lstm"].gates["forget"].mean()), rel=1e-4)


def test_no_hook_and_no_optimizer_keeps_hold_of_the_model_afterwards(tmp_path: Path) -> None:
    model = Tagger()
    watching = watch(model, tmp_path / "w.jsonl", every=1, share=1.0)

    def fail() -> None:
        with watching:
            train(model, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    train(model, 2)
    assert watching.reports == 1
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_a_loss_is_told_and_its_graph_let_go(tmp_path: Path) -> None:
    model = torch.nn.LSTM(4, 8)
    with Watch(model, tmp_path / "w.jsonl", every=1, share=1.0) as watching:
        loss = model(torch.ones(5, 2, 4))[0].square().mean()
        loss.backward()
        told, gone = float(loss.detach()), weakref.ref(loss)
        watching.step(loss=loss)
        del loss
        assert gone() is None
    assert watch_report(tmp_path / "w.jsonl").steps[-1].loss == pytest.approx(told, rel=1e-5)  # six digits are kept


def test_watching_changes_nothing_of_the_training(tmp_path: Path) -> None:
    ends = []
    for watched in (False, True):
        torch.manual_seed(2)
        model = Tagger()
        if watched:
            with watch(model, tmp_path / "w.jsonl", every=1, share=1.0):
                train(model)
        else:
            train(model)
        ends.append(torch.cat([value.flatten() for value in model.parameters()]))
    assert torch.equal(*ends)


def test_packed_batches_are_seen(tmp_path: Path) -> None:
    model = torch.nn.GRU(3, 4, batch_first=True)
    watching = Watch(model, tmp_path / "w.jsonl", every=1, share=1.0)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.randn(3, 6, 3), torch.tensor([2, 6, 4]), batch_first=True, enforce_sorted=False
    )
    model(packed)[1].sum().backward()
    watching.step()
    watching.close()
    assert watch_report(tmp_path / "w.jsonl").steps[0].layers["gru"].means.keys() == {"update", "reset"}


def test_what_has_no_recurrent_layer_is_refused(tmp_path: Path) -> None:
    for model in (torch.nn.Linear(2, 2), object()):
        with pytest.raises(UsageError, match="model"):
            watch(model, tmp_path / "w.jsonl")
    with pytest.raises(UsageError, match="every"):
        watch(torch.nn.LSTM(2, 2), tmp_path / "w.jsonl", every=0)


@pytest.mark.filterwarnings("ignore")  # Keras' own
def test_keras_tells_its_batches_to_a_callback(tmp_path: Path) -> None:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="needs Keras")
    model = keras.Sequential([keras.layers.Input((5, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    x = np.ones((8, 5, 3), np.float32)
    watching = Watch(model, tmp_path / "w.jsonl", every=1, share=1.0, probe=x[:2])
    model.fit(x, np.ones((8, 1)), batch_size=4, epochs=1, verbose=0, callbacks=[watching.callback()])
    report = watch_report(tmp_path / "w.jsonl")
    assert [step.step for step in report.steps] == [1, 2]
    assert report.ended
    ((_, line),) = report.steps[-1].layers.items()
    assert line.weights.keys() == {"input", "forget", "candidate", "output"}
    assert line.means.keys() == {"forget", "input", "output"}
    assert report.steps[-1].loss is not None


def test_our_own_training_writes_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "nets")
    assert run(["train", "--cell", "gru", "--hidden", "4", "--steps", "2", "--out", folder, "--watch"]) == 0
    capsys.readouterr()
    report = watch_report(tmp_path / "nets" / "gru.watch.jsonl")
    assert [step.step for step in report.steps] == [2]
    assert report.ended
    assert report.steps[0].layers["GRU"].gradient


def test_the_package_alone_loads_neither_numpy_nor_torch() -> None:
    asked = "{'watch', 'Watch', 'diff'} <= set(lstm_ascii.__all__)"
    loaded = "sorted({'numpy', 'torch'} & set(sys.modules))"
    code = f"import sys, lstm_ascii; assert {asked}; print({loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"
