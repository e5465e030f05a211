"""``watch`` on ten models with front ends and heads of their own: every recurrent layer is seen as it trains."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")

from lstm_ascii.live.watch import watch  # noqa: E402
from lstm_ascii.reports.watch.report import WatchReport, watch_report  # noqa: E402
from tests.live.models import MAKERS, Case  # noqa: E402

STEPS = 3


def trained(case: Case) -> Any:
    """Train for a few steps; a state that is kept for next time is cut off, as its owner would."""
    optimizer = torch.optim.SGD(case.model.parameters(), 0.01)
    for _ in range(STEPS):
        optimizer.zero_grad()
        if getattr(case.model, "state", None) is not None:
            case.model.state = tuple(one.detach() for one in case.model.state)
        loss = case.answer((case.call or case.model)(*case.inputs, **case.arguments))
        loss.backward()
        optimizer.step()
    return torch.cat([value.detach().flatten() for value in case.model.parameters()])


def watched(case: Case, path: Path) -> tuple[Any, WatchReport]:
    with watch(case.model, path, every=1, share=1.0) as watching:
        ended = trained(case)
    assert watching.reports == STEPS
    return ended, watch_report(path)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_every_layer_is_seen_at_every_step_and_the_training_is_the_same(
    maker: Callable[[], Case], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    alone = trained(maker())
    torch.manual_seed(0)
    case = maker()
    ended, report = watched(case, tmp_path / "w.jsonl")
    assert torch.equal(ended, alone)
    assert {head.name.partition(", ")[0] for head in report.layers} == set(case.layers)
    for step in report.steps:
        for head in report.layers:
            line = step.layers[head.name]
            assert line.gradient is not None
            assert math.isfinite(line.gradient)
            assert line.gradient > 0  # the loss reaches every layer
            assert set(line.weights) == set(head.gates)
            gates = {"LSTM": {"forget", "input", "output"}, "GRU": {"update", "reset"}, "RNN": set()}[head.cell]
            assert set(line.means) == gates  # so what it read was heard
            assert all(0 < mean < 1 for mean in line.means.values())
    assert not any(part._forward_pre_hooks or part._forward_hooks for part in case.model.modules())
