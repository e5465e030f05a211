"""Arrays by the names of other libraries and of programs written by hand: what they compute is what those compute.

Each file is made from the weights of a cell as PyTorch lays them out, which is held against other implementations
elsewhere; where a library computes otherwise, it is written out here.
"""

from __future__ import annotations

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.layers import NetworkParts
from lstm_ascii.errors import FileError
from tests.checkpoints.recognise.made import drawn, recognised

D, H = 3, 4
LETTERS = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "a"}


def torch_arrays(kind: str, seed: int = 0) -> dict[str, Array]:
    """Return the weights of a cell as PyTorch has them."""
    rows = len(LETTERS[kind]) * H
    shapes = {"weight_ih_l0": (rows, D), "weight_hh_l0": (rows, H), "bias_ih_l0": (rows,), "bias_hh_l0": (rows,)}
    return {name: drawn(shape, seed + place).astype(float) for place, (name, shape) in enumerate(shapes.items())}


def outputs(found: NetworkParts) -> list[Array]:
    """Return what the layers give."""
    assert found.stack is not None
    x = drawn((6, 2, found.stack.input_size), 9).astype(float)
    for layer in found.stack.layers:
        given = [way.direction.ordered(way.direction.trace(x).h) for way in layer]
        x = np.concatenate(given, axis=-1)
    return [x]


def expected(kind: str, without: tuple[str, ...] = ()) -> Array:
    """Return what PyTorch's weights give, without some of them."""
    arrays = {name: value for name, value in torch_arrays(kind).items() if name not in without}
    return outputs(recognised(arrays))[0]


def gates(kind: str) -> dict[str, tuple[Array, Array, Array]]:
    """Return W, U and the one bias of each gate."""
    w, u, b, _ = (np.split(value, len(LETTERS[kind])) for value in torch_arrays(kind).values())
    return {letter: (w[k], u[k], b[k]) for k, letter in enumerate(LETTERS[kind])}


def side_by_side(order: str) -> list[Array]:
    """Return W, U and b of an LSTM with its gates in another order."""
    parts = gates("LSTM")
    return [np.concatenate([parts[letter][k] for letter in order]).T for k in range(3)]


ONE = ("bias_hh_l0",)  # left out: most have one bias


def made(name: str) -> tuple[dict[str, Array], Array]:
    """Return a file's arrays, and what its cell must give."""
    lstm, gru = torch_arrays("LSTM"), torch_arrays("GRU")
    if name == "underscores":
        return {f"rnn_{key}": value for key, value in lstm.items()}, expected("LSTM")
    if name == "equinox LSTM":
        return {key.replace("_l0", "").replace("bias_ih", "bias"): lstm[key] for key in lstm if key not in ONE}, (
            expected("LSTM", ONE)
        )
    if name in ("equinox GRU", "mlx GRU"):
        last = np.concatenate([np.zeros(2 * H), gru["bias_hh_l0"][2 * H :]])
        right = outputs(recognised(gru | {"bias_hh_l0": last}))[0]
        keys = ("weight_ih", "weight_hh", "bias", "bias_n") if "equinox" in name else ("Wx", "Wh", "b", "bhn")
        values = (gru["weight_ih_l0"], gru["weight_hh_l0"], gru["bias_ih_l0"], gru["bias_hh_l0"][2 * H :])
        return dict(zip((f"cell.{key}" for key in keys), values, strict=True)), right
    if name == "mlx LSTM":
        values = list(lstm.values())
        return {"rnn.Wx": values[0], "rnn.Wh": values[1], "rnn.bias": values[2]}, expected("LSTM", ONE)
    if name == "AllenNLP":
        keys = ("input_linearity.weight", "state_linearity.weight", "state_linearity.bias")
        return dict(zip(keys, list(lstm.values())[:3], strict=True)), expected("LSTM", ONE)
    if name == "gluon":
        keys = ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
        return {f"lstm0_l0_{key}": value for key, value in zip(keys, lstm.values(), strict=True)}, expected("LSTM")
    if name == "Theano":
        w, u, b = side_by_side("ifog")
        return {"lstm_W": w, "lstm_U": u, "lstm_b": b}, expected("LSTM", ONE)
    if name == "haiku":
        w, u, b = side_by_side("igfo")
        bias = b - np.repeat([0.0, 0.0, 1.0, 0.0], H)
        return {"lstm/linear/w": np.concatenate([w, u]), "lstm/linear/b": bias}, expected("LSTM", ONE)
    return by_gate(name)


def by_gate(name: str) -> tuple[dict[str, Array], Array]:
    """Return the arrays of a file with a matrix a gate, and what its cell must give."""
    tensors: dict[str, Array] = {}
    kind = next(kind for kind in LETTERS if kind in name)
    for letter, (w, u, b) in gates(kind).items():
        gate = {"g": "c", "n": "h", "a": "h"}.get(letter, letter)
        if "flax" in name:
            tensors |= {f"i{letter}.kernel": w.T, f"h{letter}.kernel": u.T, f"h{letter}.bias": b}
        elif "W_xi" in name:
            tensors |= {f"W_x{gate}": w.T, f"W_h{gate}": u.T, f"b_{gate}": b[None]}
        elif "Wxh" in name:
            tensors |= {f"Wx{gate}": w, f"Wh{gate}": u, f"b{gate}": b[:, None]}
        elif "linear" in name:
            tensors |= {f"cell.W_{letter}.weight": w, f"cell.U_{letter}.weight": u, f"cell.W_{letter}.bias": b}
        elif "[h; x]" in name:
            joined = np.concatenate([u, w], axis=1)
            tensors |= {f"W{gate}": joined if "left" not in name else joined.T, f"b{gate}": b}
        else:
            tensors |= {f"W{gate}": w, f"U{gate}": u, f"b{gate}": b}
    right = expected(kind, ONE)
    if kind == "GRU":
        bias_n = torch_arrays(kind) | {"bias_hh_l0": np.zeros(3 * H)}
        right = outputs(recognised(bias_n))[0]
    return tensors, right


NAMED = [
    *("underscores", "equinox LSTM", "equinox GRU", "mlx GRU", "mlx LSTM", "AllenNLP", "gluon", "Theano", "haiku"),
    *("flax LSTM", "W_xi LSTM", "W_xi RNN", "Wxh RNN", "Wxh LSTM", "linear LSTM", "[h; x] LSTM", "[h; x] left LSTM"),
    "W and U LSTM",
]


@pytest.mark.parametrize("name", NAMED)
def test_arrays_of_that_name_give_what_their_library_computes(name: str) -> None:
    tensors, right = made(name)
    found = recognised(tensors)
    np.testing.assert_allclose(outputs(found)[0], right, rtol=0, atol=1e-12)
    assert found.used == set(tensors)


def sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def reset_before(keeps_by_z: bool) -> Array:
    """Step a GRU whose reset gate comes before the product: with z or 1 − z keeping the state."""
    parts, h, given = gates("GRU"), np.zeros((2, H)), []
    for step in drawn((6, 2, D), 9).astype(float):
        r, z = (sigmoid(step @ w.T + h @ u.T + b) for w, u, b in (parts["r"], parts["z"]))
        w, u, b = parts["n"]
        n = np.tanh(step @ w.T + (r * h) @ u.T + b)
        h = z * h + (1 - z) * n if keeps_by_z else (1 - z) * h + z * n
        given.append(h)
    return np.array(given)


def test_a_gru_by_its_gates_has_its_reset_gate_before_the_product_and_says_that_this_is_assumed() -> None:
    tensors = {}
    for letter, (w, u, b) in gates("GRU").items():
        gate = {"n": "h"}.get(letter, letter)
        tensors |= {f"W_x{gate}": w.T, f"W_h{gate}": u.T, f"b_{gate}": b}
    found = recognised(tensors)
    np.testing.assert_allclose(outputs(found)[0], reset_before(keeps_by_z=True), rtol=0, atol=1e-12)
    assert any("assumed" in note for note in found.notes)


def test_the_gru_of_haiku_keeps_by_one_minus_z() -> None:
    parts = gates("GRU")
    w, u, b = (np.concatenate([parts[letter][k] for letter in "zrn"]).T for k in range(3))
    found = recognised({"gru/w_i": w, "gru/w_h": u, "gru/b": b})
    np.testing.assert_allclose(outputs(found)[0], reset_before(keeps_by_z=False), rtol=0, atol=1e-12)


def test_the_gru_of_flax_has_its_reset_gate_after_the_product() -> None:
    arrays, tensors = torch_arrays("GRU"), {}
    w, u, b, b_hh = (np.split(value, 3) for value in arrays.values())
    for k, letter in enumerate("rzn"):
        tensors |= {f"i{letter}.kernel": w[k].T, f"i{letter}.bias": b[k], f"h{letter}.kernel": u[k].T}
    tensors["hn.bias"] = b_hh[2]
    right = outputs(recognised(arrays | {"bias_hh_l0": np.concatenate([np.zeros(2 * H), b_hh[2]])}))[0]
    np.testing.assert_allclose(outputs(recognised(tensors))[0], right, rtol=0, atol=1e-12)


def test_gluon_has_layers_and_both_ways() -> None:
    tensors, torch = {}, {}
    keys = ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
    for layer in (0, 1):
        for way, ending in (("l", ""), ("r", "_reverse")):
            for place, key in enumerate(keys):
                rows, columns = 4 * H, (D, 2 * H)[layer] if key == "i2h_weight" else H
                shape = (rows, columns) if "weight" in key else (rows,)
                value = drawn(shape, 10 * layer + place + 100 * (way == "r"))
                tensors[f"lstm0_{way}{layer}_{key}"] = value
                name = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[place]
                torch[f"{name}_l{layer}{ending}"] = value
    np.testing.assert_allclose(outputs(recognised(tensors))[0], outputs(recognised(torch))[0], rtol=0, atol=1e-12)


def test_what_sizes_do_not_tell_is_said() -> None:
    notes = recognised(made("[h; x] LSTM")[0]).notes
    assert any("[h; x] assumed" in note for note in notes)
    square = {f"W_x{gate}": drawn((H, H), k) for k, gate in enumerate("ifco")}
    square |= {f"W_h{gate}": drawn((H, H), 10 + k) for k, gate in enumerate("ifco")}
    assert any("x @ W assumed" in note for note in recognised(square).notes)


@pytest.mark.parametrize("change", [(H, H, 1), (H,), (H + 1, D), (0, D)])
@pytest.mark.parametrize("name", ["mlx LSTM", "Theano", "haiku", "gluon", "flax LSTM", "W_xi LSTM", "[h; x] LSTM"])
def test_sizes_that_fit_nothing_are_refused_by_name(name: str, change: tuple[int, ...]) -> None:
    tensors, _ = made(name)
    for broken in tensors:
        if change == (H,) == tensors[broken].reshape(-1).shape:
            continue
        with pytest.raises(FileError, match=r"expected|several widths|no LSTM has shape"):
            recognised(tensors | {broken: np.zeros(change, np.float32)})
