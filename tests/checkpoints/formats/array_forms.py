"""Names and shapes of bare arrays, as libraries, tutorials and programs written by hand have them; for the fuzz."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Shapes = Mapping[str, tuple[int, ...]]
GATES = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}


def _mlx(kind: str, d: int, h: int) -> Shapes:
    rows = len(GATES[kind]) * h
    names = ("Wxh", "Whh", "bias") if kind == "RNN" else ("Wx", "Wh", "bias" if kind == "LSTM" else "b")
    return dict(zip(names, ((rows, d), (rows, h), (rows,)), strict=True)) | ({"bhn": (h,)} if kind == "GRU" else {})


def _apart(kind: str, d: int, h: int) -> Shapes:
    shapes = {"W_x": (d, h), "W_h": (h, h), "b_": (h,)}
    return {f"{stem}{gate}": shape for gate in GATES[kind] for stem, shape in shapes.items()}


def _together(kind: str, d: int, h: int) -> Shapes:
    gates = {"LSTM": "fico", "GRU": "rzn", "RNN": "h"}[kind]
    return {f"W{gate}": (h, h + d) for gate in gates} | {f"b{gate}": (h, 1) for gate in gates}


def _linear(kind: str, d: int, h: int) -> Shapes:
    shapes = {"W_{}.weight": (h, d), "W_{}.bias": (h,), "U_{}.weight": (h, h), "U_{}.bias": (h,)}
    return {stem.format(gate): shape for gate in GATES[kind] for stem, shape in shapes.items()}


def _flax(kind: str, d: int, h: int) -> Shapes:
    shapes = {"i{}/kernel": (d, h), "h{}/kernel": (h, h), "h{}/bias": (h,)}
    return {f"cell/{stem.format(gate)}": shape for gate in GATES[kind] for stem, shape in shapes.items()}


def _karpathy(_kind: str, d: int, h: int) -> Shapes:
    return {"Wxh": (h, d), "Whh": (h, h), "Why": (d, h), "bh": (h, 1), "by": (d, 1)}


def _rows(ih: str, hh: str, *biases: str) -> Callable[[str, int, int], Shapes]:
    """Return a form with one matrix for the input and one for the state, the gates one below the other."""

    def shapes(kind: str, d: int, h: int) -> Shapes:
        rows = len(GATES[kind]) * h
        return {ih: (rows, d), hh: (rows, h), **dict.fromkeys(biases, (rows,))}

    return shapes


def _columns(both: str, *names: str) -> Callable[[str, int, int], Shapes]:
    """Return a form with the gates side by side: in one matrix for input and state, or in one for each."""

    def shapes(kind: str, d: int, h: int) -> Shapes:
        columns = len(GATES[kind]) * h
        matrices = {both: (d + h, columns)} if both else {names[0]: (d, columns), names[1]: (h, columns)}
        return {**matrices, names[-1]: (columns,)}

    return shapes


def _tutorial(_kind: str, d: int, h: int) -> Shapes:
    return {"i2h.weight": (h, d + h), "i2h.bias": (h,), "i2o.weight": (2, d + h), "i2o.bias": (2,)}


FORMS: Mapping[str, Callable[[str, int, int], Shapes]] = {
    "mlx": _mlx,
    "gates apart": _apart,
    "gates on both": _together,
    "linear gates": _linear,
    "flax": _flax,
    "Karpathy": _karpathy,
    "tutorial": _tutorial,
    "AllenNLP": _rows("input_linearity.weight", "state_linearity.weight", "input_linearity.bias"),
    "equinox": _rows("cell.weight_ih", "cell.weight_hh", "cell.bias"),
    "gluon": _rows("rnn0_l0_i2h_weight", "rnn0_l0_h2h_weight", "rnn0_l0_i2h_bias", "rnn0_l0_h2h_bias"),
    "x2h": _rows("x2h.weight", "h2h.weight", "x2h.bias", "h2h.bias"),
    "by word": _rows("first", "second", "third"),
    "Theano": _columns("", "lstm_W", "lstm_U", "lstm_b"),
    "CS231n": _columns("", "Wx", "Wh", "b"),
    "haiku": _columns("lstm/linear/w", "lstm/linear/b"),
    "TensorFlow 1": _columns("rnn/basic_lstm_cell/kernel", "rnn/basic_lstm_cell/bias"),
    "gates side by side": _columns("first", "third"),
}
