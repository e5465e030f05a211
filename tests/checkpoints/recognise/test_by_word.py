"""``--map weight_ih=NAME --map weight_hh=NAME --gates ifgo``: arrays of any names, held against NumPy."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.network import Network
from lstm_ascii.sources import Source, open_networks

INPUTS, HIDDEN, STEPS = 3, 4, 6
X = np.random.default_rng(1).normal(size=(STEPS, 1, INPUTS))
GATES = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}


def squashed(value: Array) -> Array:
    """Return the logistic function."""
    return 1 / (1 + np.exp(-value))


def computed(kind: str, parts: dict[str, Array], h: Array, c: Array) -> Array:
    """Return outputs ``(T, H)``; parts are ``W_i (H, D)``, ``U_i (H, H)``, ``b_i``, ``d_i`` beside the state."""
    out = []
    for x in X[:, 0]:
        a = {gate: parts[f"W_{gate}"] @ x + parts[f"b_{gate}"] for gate in GATES[kind]}
        u = {gate: parts[f"U_{gate}"] @ h + parts[f"d_{gate}"] for gate in GATES[kind]}
        if kind == "LSTM":
            i, f, o = (squashed(a[gate] + u[gate]) for gate in "ifo")
            c = f * c + i * np.tanh(a["g"] + u["g"])
            h = o * np.tanh(c)
        elif kind == "GRU":
            r, z = (squashed(a[gate] + u[gate]) for gate in "rz")
            h = z * h + (1 - z) * np.tanh(a["n"] + r * u["n"])
        else:
            h = np.tanh(a["h"] + u["h"])
        out.append(h)
    return np.array(out)


def drawn(kind: str, seed: int = 0) -> dict[str, Array]:
    """Return random parts of a cell."""
    draw = np.random.default_rng(seed)
    shapes = {"W": (HIDDEN, INPUTS), "U": (HIDDEN, HIDDEN), "b": (HIDDEN,), "d": (HIDDEN,)}
    return {f"{of}_{gate}": draw.normal(size=shape) for gate in GATES[kind] for of, shape in shapes.items()}


def opened(folder: Path, roles: dict[str, str], gates: str = "", **arrays: Array) -> Network:
    """Write arrays and open them as the reader says."""
    np.savez(folder / "model.npz", **arrays)
    pairs = tuple(f"{role}={name}" for role, name in roles.items())
    (network,) = open_networks((), (), Source(model=str(folder / "model.npz"), roles=pairs, gates=gates))
    return network


ROLES = {"weight_ih": "a", "weight_hh": "b"}
ORDERS = [
    ("LSTM", "ifgo"),
    ("LSTM", "fogi"),
    ("LSTM", "icfo"),
    ("GRU", "rzn"),
    ("GRU", "zrh"),
    ("RNN", "h"),
    ("RNN", ""),
]


@pytest.mark.parametrize(("order", "left", "turned"), list(product(ORDERS, [False, True], [False, True])))
def test_arrays_of_any_names_are_read_as_the_reader_says(
    order: tuple[str, str], left: bool, turned: bool, tmp_path: Path
) -> None:
    kind, gates = order
    parts = drawn(kind)
    ours = {"c": "g"} if kind == "LSTM" else {"h": "n"} if kind == "GRU" else {}
    stored = {of: np.concatenate([parts[f"{of}_{ours.get(gate, gate)}"] for gate in gates or "h"]) for of in "WUbd"}
    arrays = {"a": stored["W"].T if left != turned else stored["W"], "b": stored["U"].T if left else stored["U"]}
    if kind == "RNN" and turned:
        arrays["a"] = stored["W"].T if left else stored["W"]  # a square matrix takes the side of the other
    arrays |= {"p": stored["b"][None], "q": stored["d"][:, None], "h0": np.full((1, 1, HIDDEN), 0.3)}
    roles = ROLES | {"bias_ih": "p", "bias_hh": "q", "h0": "h0"}
    network = opened(tmp_path, roles, gates, **arrays)
    expected = computed(kind, parts, np.full(HIDDEN, 0.3), np.zeros(HIDDEN))
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-13)
    assert "starts at h0" in network.source


def test_one_bias_and_a_memory_to_start_from(tmp_path: Path) -> None:
    parts = drawn("LSTM")
    stored = {of: np.concatenate([parts[f"{of}_{gate}"] for gate in "ifgo"]) for of in "WUbd"}
    roles = ROLES | {"bias": "c", "c0": "m"}
    memory = np.linspace(-1, 1, HIDDEN)
    network = opened(tmp_path, roles, a=stored["W"], b=stored["U"], c=stored["b"] + stored["d"], m=memory)
    expected = computed("LSTM", parts, np.zeros(HIDDEN), memory)
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-13)
    assert "gates in the order i f g o assumed" in network.source


def test_a_side_that_no_size_tells_is_said(tmp_path: Path) -> None:
    square = np.eye(INPUTS)
    network = opened(tmp_path, ROLES, a=square, b=square)
    assert "a is square: W @ x assumed, as square matrices don't tell the side" in network.source


SQUARE, TALL = np.ones((4, 4)), np.ones((16, 4))


@pytest.mark.parametrize(
    ("roles", "gates", "said"),
    [
        ({"weight_hh": "b"}, "", "weight_hh is of a layer, of which weight_ih has to be named, too"),
        (ROLES | {"bias": "nothing"}, "", "roles bias=nothing: there is no such tensor; there are a, b"),
        (ROLES, "ifg", r"b: expected 3 gates of one width .* got shape \(16, 4\)"),
        (ROLES, "ifgx", "gates: expected the letters ifgo of an LSTM in the order of the file, got ifgx"),
        ({"weight_ih": "c", "weight_hh": "b"}, "", r"c: expected 16 rows or columns, as b has, got shape \(4, 4\)"),
        (ROLES | {"h0": "b"}, "", r"b: expected shape \(4,\), got \(16, 4\)"),
        ({}, "ifgo", "gates: is the order in arrays that are named by hand"),
    ],
)
def test_what_does_not_fit_is_named(roles: dict[str, str], gates: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((FileError, UsageError), match=said):
        opened(tmp_path, roles, gates, a=TALL, b=TALL, c=SQUARE)


@pytest.mark.parametrize(
    ("kind", "gates", "turned", "role"),
    [
        ("LSTM", "ogfi", False, "weight_xh"),
        ("LSTM", "ifgo", True, "weight_hx"),
        ("GRU", "rzn", False, "weight_hx"),
        ("RNN", "h", True, "weight_xh"),
    ],
)
def test_input_and_state_may_share_a_matrix(kind: str, gates: str, turned: bool, role: str, tmp_path: Path) -> None:
    parts = drawn(kind)
    stored = {of: np.concatenate([parts[f"{of}_{gate}"] for gate in gates]) for of in "WUbd"}
    both = np.concatenate([stored["W"], stored["U"]][:: 1 if role == "weight_xh" else -1], axis=1)
    arrays = {"m": both.T if turned else both, "b": stored["b"], "d": stored["d"]}
    network = opened(tmp_path, {role: "m", "bias_ih": "b", "bias_hh": "d"}, gates, **arrays)
    expected = computed(kind, parts, np.zeros(HIDDEN), np.zeros(HIDDEN))
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("roles", "gates", "said"),
    [
        ({"weight_xh": "a"}, "", "gates: has to say the gates of a, as input and state share it"),
        (
            {"weight_xh": "c"},
            "ifgo",
            r"c: expected 4 gates of one width, and more columns than that, got shape \(2, 2\)",
        ),
        (
            {"weight_xh": "a", "weight_ih": "a"},
            "ifgo",
            "roles: weight_xh is both matrices side by side; leave the others",
        ),
    ],
)
def test_what_is_no_shared_matrix_is_named(roles: dict[str, str], gates: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((FileError, UsageError), match=said):
        opened(tmp_path, roles, gates, a=TALL, c=np.ones((2, 2)))


def test_a_shared_matrix_is_suggested(tmp_path: Path) -> None:
    arrays = {"gates.weight": np.ones((16, 7)), "gates.bias": np.ones(16), "out.weight": np.ones((2, 4))}
    with pytest.raises(FileError, match=r"roles weight_xh=gates.weight roles bias=gates.bias gates says so"):
        opened(tmp_path, {}, **arrays)


@pytest.mark.parametrize("beside", [True, False])
def test_pytorchs_tutorial_is_known_by_its_names(beside: bool, tmp_path: Path) -> None:
    """``i2h`` reads ``[x; h]``; with ``i2o`` beside it nothing squashes the state."""
    draw = np.random.default_rng(3)
    weight, bias = 0.4 * draw.normal(size=(HIDDEN, INPUTS + HIDDEN)), draw.normal(size=HIDDEN)
    other = {"net.i2o.weight": np.ones((2, INPUTS + HIDDEN))} if beside else {"net.h2o.weight": np.ones((2, HIDDEN))}
    network = opened(tmp_path, {}, **{"net.i2h.weight": weight, "net.i2h.bias": bias}, **other)
    h, expected = np.zeros(HIDDEN), []
    for x in X[:, 0]:
        h = weight @ np.concatenate([x, h]) + bias
        h = h if beside else np.tanh(h)
        expected.append(h)
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-13)
    assert ("no function assumed" in network.source) == beside
    assert ("tanh assumed" in network.source) != beside
    assert (network.head is None) == beside
