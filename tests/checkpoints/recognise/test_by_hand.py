"""Arrays by the names of programs written by hand, and learned start states: held against a small NumPy reference."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.layers import Hints
from lstm_ascii.checkpoints.networks import load_network
from lstm_ascii.cli.spelling import message_of
from lstm_ascii.errors import FileError
from lstm_ascii.sources import Source, open_networks
from tests.checkpoints.recognise.test_by_word import GATES, HIDDEN, INPUTS, X, computed, drawn, squashed

L, G, R = (drawn(kind, seed) for seed, kind in enumerate(("LSTM", "GRU", "RNN")))
START = np.linspace(-0.9, 0.7, HIDDEN), np.linspace(0.5, -1.2, HIDDEN)
NOTHING = np.zeros(HIDDEN), np.zeros(HIDDEN)


def one_bias(parts: Mapping[str, Array]) -> dict[str, Array]:
    """Return a cell with no bias beside the state."""
    return {name: value * (not name.startswith("d")) for name, value in parts.items()}


def side(parts: Mapping[str, Array], of: str, order: str) -> Array:
    """Return the gates of W, U, b or d one below the other."""
    return np.concatenate([parts[f"{of}_{gate}"] for gate in order])


def reset_before(parts: Mapping[str, Array]) -> Array:
    """Return the outputs of a GRU whose reset gate comes before the product, ``(T, H)``."""
    h, out = np.zeros(HIDDEN), []
    for x in X[:, 0]:
        a = {gate: parts[f"W_{gate}"] @ x + parts[f"b_{gate}"] for gate in "rzn"}
        r, z = (squashed(a[gate] + parts[f"U_{gate}"] @ h) for gate in "rz")
        h = z * h + (1 - z) * np.tanh(a["n"] + parts["U_n"] @ (r * h))
        out.append(h)
    return np.array(out)


def forget_more(parts: Mapping[str, Array]) -> dict[str, Array]:
    """Return an LSTM with 1 added to its forget gate."""
    return {**parts, "b_f": parts["b_f"] + 1}


L1, G1, R1 = one_bias(L), one_bias(G), one_bias(R)
LSTM, LSTM1, GRU, RNN, RNN1 = (
    computed(kind, parts, *NOTHING) for kind, parts in (("LSTM", L), ("LSTM", L1), ("GRU", G), ("RNN", R), ("RNN", R1))
)
CELL, HOLDS = {"i": "i", "f": "f", "g": "c", "o": "o"}, {"r": "r", "z": "z", "n": "h"}
WORDS = {"i": "input_gate", "f": "forget_gate", "g": "cell_gate", "o": "output_gate"}
BOTH = {gate: np.hstack([L1[f"U_{gate}"], L1[f"W_{gate}"]]) for gate in "ifgo"}
TORCH = {
    f"lstm.{name}_l0": side(L, of, "ifgo")
    for of, name in zip("WUbd", ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), strict=True)
}
DECODER = np.ones((6, HIDDEN))


def each(
    names: Mapping[str, str], parts: Mapping[str, Array], gates: Mapping[str, str], turned: bool = False
) -> dict[str, Array]:
    """Return a tensor a gate by names in which ``*`` is its letter, for each of W, U, b, d that has one."""
    return {
        name.replace("*", letter): parts[f"{of}_{gate}"].T if turned else parts[f"{of}_{gate}"]
        for of, name in names.items()
        for gate, letter in gates.items()
    }


SAME = {gate: gate for gate in "ifgo"}
CASES: dict[str, tuple[dict[str, Array], Array]] = {
    "Elman's letters": (
        {"U": R1["W_h"], "W": R1["U_h"], "V": DECODER, "b": R1["b_h"], "c": np.ones(6)}, RNN1
    ),
    "Elman's letters, x @ U": ({"U": R1["W_h"].T, "W": R1["U_h"].T, "V": DECODER.T, "b": R1["b_h"]}, RNN1),
    "x2h and h2h": (
        {f"lstm.{a}.{b}": side(L, of, "ifgo") for of, a, b in (("W", "x2h", "weight"), ("U", "h2h", "weight"),
         ("b", "x2h", "bias"), ("d", "h2h", "bias"))}, LSTM,
    ),
    "x2h and h2h of a GRU": (
        {f"gru.{a}.{b}": side(G, of, "rzn") for of, a, b in (("W", "x2h", "weight"), ("U", "h2h", "weight"),
         ("b", "x2h", "bias"), ("d", "h2h", "bias"))}, GRU,
    ),
    "linear_ih and linear_hh": (
        {f"cell.{a}.{b}": side(L, of, "ifgo") for of, a, b in (("W", "linear_ih", "weight"),
         ("U", "linear_hh", "weight"), ("b", "linear_ih", "bias"), ("d", "linear_hh", "bias"))}, LSTM,
    ),
    "i2h and h2h of an RNN": (
        {"i2h.weight": R["W_h"], "i2h.bias": R["b_h"], "h2h.weight": R["U_h"], "h2h.bias": R["d_h"]}, RNN
    ),
    "gates by words on [h; x]": (
        {f"{word}.weight": BOTH[gate] for gate, word in WORDS.items()}
        | {f"{word}.bias": L1[f"b_{gate}"] for gate, word in WORDS.items()},
        LSTM1,
    ),
    "W_ii and W_hi, x @ W": (
        each({"W": "W_i*", "U": "W_h*", "b": "b_i*", "d": "b_h*"}, L, SAME, turned=True), LSTM
    ),
    "W_ii and W_hi, W @ x": (each({"W": "W_i*", "U": "W_h*", "b": "b_i*", "d": "b_h*"}, L, SAME), LSTM),
    "W_ii and W_hi as linear layers": (
        each({"W": "m.W_i*.weight", "U": "m.W_h*.weight", "b": "m.W_i*.bias", "d": "m.W_h*.bias"}, L, SAME), LSTM
    ),
    "W_ix and W_ih": (each({"W": "W_*x", "U": "W_*h", "b": "b_*"}, L1, SAME), LSTM1),
    "Wcx and Wch": (each({"W": "W*x", "U": "W*h", "b": "b*"}, L1, CELL), LSTM1),
    "w_xi": (each({"W": "w_x*", "U": "w_h*", "b": "b_*"}, L1, SAME, turned=True), LSTM1),
    "xi and hi as linear layers": (
        each({"W": "m.x*.weight", "U": "m.h*.weight", "b": "m.x*.bias", "d": "m.h*.bias"}, L, SAME), LSTM
    ),
    "Wz, Wr, Wh and Uz, Ur, Uh": (each({"W": "W*", "U": "U*", "b": "b*"}, G1, HOLDS), reset_before(G1)),
    "Wz, Wr, Wh on [h; x]": (
        {f"W{letter}": np.hstack([G1[f"U_{gate}"], G1[f"W_{gate}"]]) for gate, letter in HOLDS.items()}
        | {f"b{letter}": G1[f"b_{gate}"] for gate, letter in HOLDS.items()}, reset_before(G1),
    ),
    "TensorFlow 1": (
        {"rnn/basic_lstm_cell/kernel": np.hstack([side(L1, "W", "igfo"), side(L1, "U", "igfo")]).T,
         "rnn/basic_lstm_cell/bias": side(L1, "b", "igfo")}, computed("LSTM", forget_more(L1), *NOTHING),
    ),
    "flax' SimpleCell": (
        {"p/Cell_0/i/kernel": R1["W_h"].T, "p/Cell_0/h/kernel": R1["U_h"].T, "p/Cell_0/i/bias": R1["b_h"]},
        RNN1,
    ),
    "CS231n": (
        {"Wx": side(L1, "W", "ifog").T, "Wh": side(L1, "U", "ifog").T, "b": side(L1, "b", "ifog")}, LSTM1
    ),
    "CS231n's RNN": ({"Wx": R1["W_h"].T, "Wh": R1["U_h"].T, "b": R1["b_h"]}, RNN1),
    "mlx' RNN": ({"Wxh": R1["W_h"], "Whh": R1["U_h"], "bias": R1["b_h"]}, RNN1),
    "learned h0 and c0": (
        TORCH | {"h0": START[0][None, None], "c0": START[1][None, None]}, computed("LSTM", L, *START)
    ),
    "learned init_h and init_c": (
        TORCH | {"lstm.init_h": START[0], "lstm.init_c": START[1][None]}, computed("LSTM", L, *START)
    ),
    "learned initial_hidden": (
        {"Wxh": R1["W_h"], "Whh": R1["U_h"], "bh": R1["b_h"][:, None], "initial_hidden": START[0][:, None]},
        computed("RNN", R1, START[0], START[1]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_arrays_compute_what_numpy_computes(name: str, tmp_path: Path) -> None:
    arrays, expected = CASES[name]
    np.savez(tmp_path / "model.npz", **arrays)
    network = load_network(tmp_path / "model.npz")
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-12)
    if "learned" in name:
        assert "of the file, as learned" in network.source


def test_learned_states_of_two_networks_go_to_their_own(tmp_path: Path) -> None:
    both = {f"{own}.{name}": value for own in ("enc", "dec") for name, value in TORCH.items()}
    np.savez(tmp_path / "model.npz", **both, **{"dec.h0": START[0]})
    for side_of, starts in (("enc.lstm", NOTHING), ("dec.lstm", (START[0], NOTHING[1]))):
        network = load_network(tmp_path / "model.npz", hints=Hints({"rnn": side_of}))
        expected = computed("LSTM", L, *starts)
        np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-12)


def test_a_state_that_may_belong_to_either_of_two_is_left_out(tmp_path: Path) -> None:
    both = {f"{own}.{name}": value for own in ("enc", "dec") for name, value in TORCH.items()}
    np.savez(tmp_path / "model.npz", **both, h0=START[0])
    network = load_network(tmp_path / "model.npz", hints=Hints({"rnn": "enc.lstm"}))
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], LSTM, rtol=0, atol=1e-12)


def test_where_names_say_nothing_the_line_that_is_printed_reads_the_layer(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    np.savez(path, W=side(L1, "W", "ifgo").T, U=side(L1, "U", "ifgo").T)
    with pytest.raises(FileError, match=r"no RNN, LSTM or GRU in it, only W .*; if W and U are one") as caught:
        load_network(path)
    said = message_of(caught.value)
    words = said.split()
    roles = tuple(words[place + 1] for place, word in enumerate(words) if word == "--map")
    (network,) = open_networks((), (), Source(model=str(path), roles=roles, gates=words[words.index("--gates") + 1]))
    expected = computed("LSTM", {**L1, **{f"b_{gate}": NOTHING[0] for gate in GATES["LSTM"]}}, *NOTHING)
    np.testing.assert_allclose(network.run_vectors(X).outputs[:, 0], expected, rtol=0, atol=1e-12)
    assert network.layers[0][0].cell.input_size == INPUTS
