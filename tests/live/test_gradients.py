"""The gradient of the user's own answer, carried into every state and gate, against PyTorch's autograd.

Autograd sees no state inside ``nn.LSTM``. Here the layer is unrolled by hand in PyTorch, every state and gate a tensor
of its own, so that it can be asked for the gradient on each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")

from lstm_ascii import look  # noqa: E402
from lstm_ascii.errors import UsageError  # noqa: E402
from tests.live.models import MAKERS, Case  # noqa: E402

nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")
LETTERS = {"LSTM": "ifgo", "GRU": "rzn", "RNN_TANH": "", "RNN_RELU": ""}


class Unrolled(nn.Module):  # type: ignore[misc]
    """A recurrent module, unrolled by hand; keeps the tensors of its states and gates."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module
        self.kept: dict[tuple[int, str, str], list[Any]] = {}

    def forward(self, given: Any, state: Any = None) -> Any:
        module, nested = self.module, nn.utils.rnn
        is_packed = isinstance(given, nested.PackedSequence)
        x, lengths = nested.pad_packed_sequence(given) if is_packed else (given, None)
        x = x if is_packed or not module.batch_first else x.transpose(0, 1)
        lengths = torch.full((x.shape[1],), len(x)) if lengths is None else lengths
        ends: dict[str, list[Any]] = {"h": [], "c": []}
        for layer in range(module.num_layers):
            ways = [self.way(x, lengths, layer, way, state, ends) for way in range(1 + module.bidirectional)]
            x = torch.cat(ways, -1)
        last = (torch.stack(ends["h"]), torch.stack(ends["c"])) if ends["c"] else torch.stack(ends["h"])
        if is_packed:
            return nested.pack_padded_sequence(x, lengths, enforce_sorted=False), last
        return (x.transpose(0, 1) if module.batch_first else x), last

    def way(self, x: Any, lengths: Any, layer: int, way: int, state: Any, ends: dict[str, list[Any]]) -> Any:
        module, place = self.module, layer * (1 + self.module.bidirectional) + way
        ending = f"_l{layer}{'_reverse' * way}"
        size = module.proj_size or module.hidden_size
        zeros = torch.zeros(x.shape[1], size, dtype=x.dtype), torch.zeros(x.shape[1], module.hidden_size, dtype=x.dtype)
        given = zeros if state is None else state if isinstance(state, tuple) else (state, None)
        h, c = (part if state is None or part is None else part[place] for part in given)
        outputs: list[Any] = [None] * len(x)
        for t in reversed(range(len(x))) if way else range(len(x)):
            reads = (t < lengths)[:, None]
            new_h, new_c, gates = self.step(x[t], h, c, ending)
            h = torch.where(reads, new_h, h)
            c = torch.where(reads, new_c, c) if new_c is not None else c
            outputs[t] = torch.where(reads, new_h, torch.zeros_like(new_h))
            kept = {"h": new_h, **({"c": new_c} if new_c is not None else {}), **gates}
            for name, value in kept.items():
                key = layer + 1, "backward" if way else "forward", name
                self.kept.setdefault(key, [None] * len(x))[t] = value
        ends["h"].append(h)
        if module.mode == "LSTM":
            ends["c"].append(c)
        return torch.stack(outputs)

    def step(self, x: Any, h: Any, c: Any, ending: str) -> tuple[Any, Any, dict[str, Any]]:
        module = self.module
        own = {part: getattr(module, f"{part}{ending}", None) for part in ("bias_ih", "bias_hh", "weight_hr")}
        of_x = x @ getattr(module, f"weight_ih{ending}").T + (0 if own["bias_ih"] is None else own["bias_ih"])
        of_h = h @ getattr(module, f"weight_hh{ending}").T + (0 if own["bias_hh"] is None else own["bias_hh"])
        if module.mode == "LSTM":
            i, f, g, o = (of_x + of_h).chunk(4, -1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            return (h if own["weight_hr"] is None else h @ own["weight_hr"].T), c, {"i": i, "f": f, "g": g, "o": o}
        if module.mode == "GRU":
            (r, z, n), (r_h, z_h, n_h) = of_x.chunk(3, -1), of_h.chunk(3, -1)
            r, z = (r + r_h).sigmoid(), (z + z_h).sigmoid()
            n = (n + r * n_h).tanh()
            return (1 - z) * n + z * h, None, {"r": r, "z": z, "n": n}
        return ((of_x + of_h).tanh() if module.mode == "RNN_TANH" else (of_x + of_h).relu()), None, {}


def packed_input() -> Any:
    return nn.utils.rnn.pack_padded_sequence(
        torch.randn(7, 4, 5, dtype=torch.float64), [3, 7, 1, 5], enforce_sorted=False
    )


def series() -> Any:
    return torch.randn(7, 4, 5, dtype=torch.float64)


CASES = [
    (lambda: nn.LSTM(5, 6, 2, bidirectional=True), series, lambda out: out[0][3, 1, 4] ** 2 + out[0][6, 0].sum()),
    (lambda: nn.LSTM(5, 6, 2, bidirectional=True), packed_input, lambda out: (out[1][0] * out[1][1]).sum()),
    (lambda: nn.LSTM(5, 6, 2, proj_size=3), series, lambda out: out[0].exp().mean() + out[1][1][0].sum()),
    (lambda: nn.GRU(5, 6, 2, bidirectional=True), packed_input,
     lambda out: out[0].data[:, 2].sum() + out[1].sin().sum()),
    (lambda: nn.GRU(5, 6, bias=False), series, lambda out: out[0][-1, 2, 3]),
    (lambda: nn.RNN(5, 6, 2), series, lambda out: out[0][-1].logsumexp(-1).sum()),
    (lambda: nn.RNN(5, 6, nonlinearity="relu"), packed_input, lambda out: out[1].sum()),
]  # fmt: skip


@pytest.mark.parametrize(("make", "inputs", "answer"), CASES)
def test_every_state_and_gate_has_autograds_gradient(
    make: Callable[[], Any], inputs: Callable[[], Any], answer: Callable[[Any], Any]
) -> None:
    torch.manual_seed(5)
    module = make().double()
    given = inputs()
    seen = look(module, given, answer=answer)
    by_hand = Unrolled(module)
    value = answer(by_hand(given))
    assert seen.answer == pytest.approx(float(value.detach()), abs=1e-12)
    tensors = [tensor for listed in by_hand.kept.values() for tensor in listed]
    found = iter(torch.autograd.grad(value, tensors, allow_unused=True))
    for (layer, direction, name), listed in by_hand.kept.items():
        cell = seen[seen.names[0], layer, direction]
        ours = cell.computed.d_states[name] if name in "hc" else cell.computed.d_gates[name]
        for t, tensor in enumerate(listed):
            gradient = next(found)
            expected = torch.zeros_like(tensor) if gradient is None else gradient
            read = ~np.isnan(ours[t]).all(axis=-1)
            np.testing.assert_allclose(ours[t][read], expected.numpy()[read], atol=1e-12)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_in_ten_models_h_has_autograds_gradient(maker: Callable[[], Case]) -> None:
    """A layer that is replaced by the same one by hand gives the gradient on h inside the whole model."""
    torch.manual_seed(3)
    made = maker()
    made.model.double().eval()
    inputs = tuple(
        value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else
        value.to(torch.float64) if isinstance(value, nn.utils.rnn.PackedSequence) else
        tuple(part.double() for part in value) if isinstance(value, tuple) else value
        for value in made.inputs
    )  # fmt: skip
    random = torch.get_rng_state()
    answer = made.answer if maker.__name__ != "vae" else (lambda given: (given[0] ** 2).mean() + given[1].sum())
    seen = look(made.model, *inputs, answer=answer, call=made.call, **made.arguments)
    modules = {name: made.model.get_submodule(name) for name in made.layers}
    if not all(isinstance(module, nn.RNNBase) for module in modules.values()):
        return  # a cell's states are seen by autograd itself: the next test
    replaced = {name: Unrolled(module) for name, module in modules.items()}
    for name, by_hand in replaced.items():
        parent, _, last = name.rpartition(".")
        made.model.get_submodule(parent)._modules[last] = by_hand
    torch.set_rng_state(random)
    value = answer((made.call or made.model)(*inputs, **made.arguments))
    for name, by_hand in replaced.items():
        steps = {key: listed for key, listed in by_hand.kept.items() if key[2] == "h"}
        for (layer, direction, _), listed in steps.items():
            cell = seen[name, layer, direction]
            assert cell.d_h is not None
            if len(listed) != len(cell.d_h):
                continue  # a decoder that is called a step at a time: only its last call is kept
            expected = torch.autograd.grad(value, listed, allow_unused=True, retain_graph=True)
            for t, (tensor, gradient) in enumerate(zip(listed, expected, strict=True)):
                full = torch.zeros_like(tensor) if gradient is None else gradient
                read = ~np.isnan(cell.d_h[t]).all(axis=-1)
                np.testing.assert_allclose(cell.d_h[t][read], full.numpy()[read], atol=1e-11)


@pytest.mark.parametrize("dropped", [False, True])
def test_a_loop_over_cells_has_autograds_gradient(dropped: bool) -> None:
    """Also where the state is changed between two steps."""

    class Loop(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.kept = nn.LSTMCell(3, 4), []

        def forward(self, x: Any) -> Any:
            h = c = torch.zeros(2, 4, dtype=x.dtype)
            self.kept = []
            for step in x:
                h, c = self.cell(step, (h, c))
                self.kept.append((h, c))
                h = 0.5 * h + 0.1 if dropped else h
            return h.sum() + c[0, 1]

    torch.manual_seed(0)
    model, x = Loop().double(), torch.randn(6, 2, 3, dtype=torch.float64)
    seen = look(model, x, answer=lambda out: out)
    value = model(x)
    d_h = torch.autograd.grad(value, [h for h, _ in model.kept], retain_graph=True)
    d_c = torch.autograd.grad(value, [c for _, c in model.kept])
    cell = seen["cell"]
    assert cell.d_h is not None
    assert cell.d_c is not None
    np.testing.assert_allclose(cell.d_h, torch.stack(d_h).numpy(), atol=1e-13)
    o, tanh_c = cell.gates["output"], np.tanh(cell.c)
    # autograd's c is the cell's output, ours also what goes through the h of the same step
    through = torch.stack(d_c).numpy() + cell.d_h * o * (1 - tanh_c**2)
    np.testing.assert_allclose(cell.d_c, through, atol=1e-13)
    np.testing.assert_allclose(cell.d_gates["output"], cell.d_h * tanh_c, atol=1e-13)


def test_dropout_between_layers_is_on_the_way_of_the_gradient_too() -> None:
    torch.manual_seed(2)
    module = nn.LSTM(3, 4, 2, dropout=0.5).double()
    x = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
    random = torch.get_rng_state()
    seen = look(module, x, answer=lambda out: out[0][-1].sum())
    torch.set_rng_state(random)
    (expected,) = torch.autograd.grad(module(x)[0][-1].sum(), x)
    cell = seen["lstm", 1]
    assert cell.d_h is not None
    ours = np.einsum("tbg,gd->tbd", _sums(cell), cell.cell.weight_ih)
    np.testing.assert_allclose(ours, expected.numpy(), atol=1e-12)


def _sums(cell: Any) -> Any:
    """Return the gradient on what goes into the gates, (T, B, 4H)."""
    gates, found = cell.computed.gates, []
    for letter in "ifgo":
        value = gates[letter]
        slope = 1 - value**2 if letter == "g" else value * (1 - value)
        found.append(cell.computed.d_gates[letter] * slope)
    return np.concatenate(found, axis=-1)


def test_what_later_code_does_in_place_changes_nothing() -> None:
    torch.manual_seed(0)
    module, x = nn.GRU(2, 3).double(), torch.randn(4, 1, 2, dtype=torch.float64)

    def head(given: Any) -> Any:
        steps = module(given)[0]
        steps[-1] *= 3
        return steps

    seen = look(module, x, call=head, answer=lambda out: out[-1].sum())
    assert seen.agrees
    assert seen["gru"].d_h is not None
    np.testing.assert_allclose(seen["gru"].d_h[-1], 3.0)


def test_a_layer_that_the_answer_never_reaches_is_said() -> None:
    class Detached(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.front, self.back = nn.GRU(2, 3), nn.GRU(3, 3)

        def forward(self, x: Any) -> Any:
            with torch.no_grad():
                steps, _ = self.front(x)
            return self.back(steps.detach())[0]

    seen = look(Detached(), torch.randn(4, 1, 2), answer=lambda out: out[-1, 0, 0])
    assert seen["front"].d_h is None
    assert seen["back"].d_h is not None
    assert "No gradient reaches front" in str(seen)


def test_frozen_models_and_no_grad_are_followed_all_the_same() -> None:
    module = nn.LSTM(2, 3).requires_grad_(False)
    with torch.no_grad():
        seen = look(module, torch.randn(4, 1, 2), answer=lambda out: out[0][-1, 0, 0])
    assert seen["lstm"].d_c is not None
    with torch.inference_mode():
        assert look(module, torch.randn(4, 1, 2)).agrees


@pytest.mark.parametrize(("answer", "told"), [
    (lambda out: out[0], r"got a tensor of shape \(4, 1, 3\)"), (lambda out: 3.0, "got float"),
    (lambda out: out[0][0, 0, 0].detach(), "no gradient leads back"),
])  # fmt: skip
def test_an_answer_that_is_no_number_is_refused(answer: Callable[[Any], Any], told: str) -> None:
    module = nn.GRU(2, 3)
    with pytest.raises(UsageError, match=told):
        look(module, torch.randn(4, 1, 2), answer=answer)
    assert not module._forward_hooks
