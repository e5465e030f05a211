"""Sound containers of tensors, nodes and layers that don't fit: every command answers, or refuses in one line.

``python -m tests.checkpoints.formats.test_fuzz_shapes 20000 [FIRST]`` makes as many files, and names what went wrong.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import h5py
import numpy as np
import onnx
import pytest

from lstm_ascii.cli.app import DEBUG, run
from lstm_ascii.sources import WEIGHTS
from tests.checkpoints.formats.array_forms import FORMS as ARRAY_FORMS
from tests.checkpoints.formats.keras_forms import FORMS
from tests.checkpoints.formats.making import npy, zipped

EXAMPLES = int(os.environ.get("FUZZ_SHAPES", "250"))
BATCHES = 5  # that the examples are shared out to, so that workers can take them
WORDS, WIDTH, UNITS, STEPS = 7, 3, 4, 5
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
KERAS = {"LSTM": "LSTM", "GRU": "GRU", "RNN": "SimpleRNN"}
Draw = np.random.Generator
Arrays = dict[str, Any]


def pick(draw: Draw, values: Any) -> Any:
    """Return one of several values, as it is."""
    return values[int(draw.integers(len(values)))]


def often(draw: Draw, share: float) -> bool:
    return bool(draw.random() < share)


def numbers(draw: Draw, *shape: int) -> Any:
    return draw.normal(size=shape).astype(np.float32)


def reshaped(draw: Draw, value: Any) -> Any:
    """Return an array of another rank, size or type."""
    shape = list(value.shape)
    axis = int(draw.integers(len(shape))) if shape else 0
    how = pick(draw, ("number", "row", "front", "back", "size", "size", "size", "none", "turned", "dtype", "bad"))
    if how == "number":
        return np.float32(draw.normal())
    if how == "row":
        return value.reshape(-1)
    if how == "front":
        return value[None]
    if how == "back":
        return value[..., None]
    if how == "none":
        return np.zeros(pick(draw, ((0,), (0, 1 << 40), (1 << 33, 0, 2), (0, 0, 0))), np.float32)
    if how == "turned":
        return value.T
    if how == "dtype":
        return value.astype(pick(draw, ("i8", "?", "f2", "f8", "u1", "i4")))
    if how == "bad":
        return np.full(value.shape, pick(draw, (np.nan, np.inf, 1e38, 0.0)), np.float32)
    if shape and max(shape) < 1000:
        shape[axis] = pick(draw, (0, 1, 2, 3, shape[axis] + 1, max(shape[axis] - 1, 0), 2 * shape[axis], 300))
    return numbers(draw, *shape) if np.prod(shape, dtype=float) < 1e7 else value


def mutated(draw: Draw, arrays: Arrays) -> Arrays:
    """Return arrays of which some are changed, exchanged, left out, or have others beside them."""
    changed = dict(arrays)
    for _ in range(pick(draw, (0, 1, 1, 1, 2, 3))):
        name = pick(draw, list(changed) or ["none"])
        how = pick(draw, ("shape", "shape", "shape", "shape", "drop", "extra", "swap"))
        if how == "extra" or name not in changed:
            changed[pick(draw, EXTRA)] = numbers(draw, *draw.integers(0, 8, int(draw.integers(0, 4))))
        elif how == "drop":
            del changed[name]
        elif how == "swap":
            other = pick(draw, list(changed))
            changed[name], changed[other] = changed[other], changed[name]
        else:
            changed[name] = reshaped(draw, changed[name])
    return changed


EXTRA = (
    "embedding.weight",
    "fc.weight",
    "fc.bias",
    "rnn.weight_hh_l0",
    "rnn.weight_hr_l0",
    "rnn.weight_hh_l0_g",
    "rnn.weight_hh_l0_v",
    "rnn.weight_peephole_l0",
    "rnn.start_h_l0",
    "rnn.weight_ih_l1",
    "norm.weight",
    "R",
    "W",
    "B",
    "P",
    "lstm/kernel",
    "lstm/recurrent_kernel",
    "lstm/bias",
)


def torch_arrays(draw: Draw, kind: str) -> Arrays:
    """Return what PyTorch names a network's tensors."""
    arrays: Arrays = {}
    width, ways, rows = WIDTH, pick(draw, (("",), ("", "_reverse"))), GATES[kind] * UNITS
    for layer in range(pick(draw, (1, 1, 2))):
        for way in ways:
            end = f"l{layer}{way}"
            arrays[f"rnn.weight_ih_{end}"] = numbers(draw, rows, width)
            arrays[f"rnn.weight_hh_{end}"] = numbers(draw, rows, UNITS)
            if often(draw, 0.8):
                arrays |= {f"rnn.bias_{part}_{end}": numbers(draw, rows) for part in ("ih", "hh")}
            if often(draw, 0.1):
                arrays |= {f"rnn.start_h_{end}": numbers(draw, UNITS), f"rnn.start_c_{end}": numbers(draw, UNITS)}
            if often(draw, 0.1):
                arrays[f"rnn.weight_peephole_{end}"] = numbers(draw, 3 * UNITS)
            if often(draw, 0.1):
                arrays[f"rnn.weight_hh_{end}_v"] = arrays.pop(f"rnn.weight_hh_{end}")
                arrays[f"rnn.weight_hh_{end}_g"] = numbers(draw, rows, 1)
        width = UNITS * len(ways)
    return arrays | word_arrays(draw, width)


def word_arrays(draw: Draw, width: int) -> Arrays:
    """Return an embedding and a decoder, or one of them, or none."""
    arrays: Arrays = {}
    if often(draw, 0.7):
        arrays["embedding.weight"] = numbers(draw, WORDS, WIDTH)
    if often(draw, 0.7):
        arrays |= {"fc.weight": numbers(draw, WORDS, width), "fc.bias": numbers(draw, WORDS)}
    return arrays


def onnx_arrays(draw: Draw, kind: str, ways: int = 1, width: int = WIDTH, tag: str = "") -> Arrays:
    """Return weights in ONNX's layout."""
    rows = GATES[kind] * UNITS
    shapes = {"W": (ways, rows, width), "R": (ways, rows, UNITS), "B": (ways, 2 * rows)}
    return {name + tag: numbers(draw, *shape) for name, shape in shapes.items()}


def keras_arrays(draw: Draw, kind: str, width: int = WIDTH) -> Arrays:
    """Return weights in Keras' layout."""
    rows = GATES[kind] * UNITS
    bias = (2, rows) if kind == "GRU" else (rows,)
    shapes = {"kernel": (width, rows), "recurrent_kernel": (UNITS, rows), "bias": bias}
    return {name: numbers(draw, *shape) for name, shape in shapes.items()}


def plain_arrays(draw: Draw, kind: str) -> Arrays:
    """Return a network as bare tensors, changed."""
    layout = pick(draw, ("torch", "torch", "torch", "onnx", "keras", "other", "other"))
    if layout == "torch":
        return mutated(draw, torch_arrays(draw, kind))
    if layout == "onnx":
        arrays = onnx_arrays(draw, kind, pick(draw, (1, 2)))
        return mutated(draw, arrays | word_arrays(draw, UNITS))
    if layout == "other":
        shapes = ARRAY_FORMS[pick(draw, list(ARRAY_FORMS))](kind, WIDTH, UNITS)
        prefix = pick(draw, ("", "", "net."))
        arrays = {f"{prefix}{name}": numbers(draw, *shape) for name, shape in shapes.items()}
        return mutated(draw, arrays | (word_arrays(draw, UNITS) if often(draw, 0.5) else {}))
    arrays = {f"lstm/{name}": value for name, value in keras_arrays(draw, kind).items()}
    return mutated(draw, arrays | word_arrays(draw, UNITS))


DTYPES = {
    "float32": "F32",
    "float64": "F64",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "uint8": "U8",
    "bool": "BOOL",
}


def safetensors_file(draw: Draw, kind: str) -> bytes:
    """Return a sound safetensors file."""
    return safetensors_of(plain_arrays(draw, kind))


def own_file(draw: Draw, kind: str) -> bytes:
    """Return a file in the form of the networks that come with the package, its texts changed as well."""
    arrays = {
        "embedding.weight": numbers(draw, WORDS, WIDTH),
        "decoder.weight": numbers(draw, WORDS, UNITS),
        "decoder.bias": numbers(draw, WORDS),
    }
    for name, shape in (("weight_ih", (WIDTH,)), ("weight_hh", (UNITS,)), ("bias_ih", ()), ("bias_hh", ())):
        arrays[f"rnn.{name}_l0"] = numbers(draw, GATES[kind] * UNITS, *shape)
    for state in ("h", "c") if kind == "LSTM" else ("h",):
        arrays[f"rnn.start_{state}_l0"] = numbers(draw, UNITS)
    words = pick(draw, (WORDS, WORDS, WORDS, WORDS, 1, WORDS + 1))
    metadata = {
        "format": "lstm-ascii 1",
        "cell": pick(draw, (kind, kind, kind, kind.lower(), "LSTM", "GRU", "", "\x1b")),
        "source": pick(draw, ("trained", "", "\x1b]0;x\x07", "x" * 5000)),
        "vocabulary": "\n".join(["<unk>", *(f"w{number}" for number in range(1, words))]),
    }
    for name in list(metadata):
        if often(draw, 0.04):
            del metadata[name]
    return safetensors_of(mutated(draw, arrays), metadata)


def safetensors_of(arrays: Arrays, metadata: dict[str, str] | None = None) -> bytes:
    """Return a safetensors file of some arrays."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    data = b""
    for name, value in arrays.items():
        raw = np.ascontiguousarray(value).tobytes()
        places = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": DTYPES[value.dtype.name], "shape": list(np.shape(value)), "data_offsets": places}
        data += raw
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def npz_file(draw: Draw, kind: str) -> bytes:
    """Return a sound npz file."""
    return zipped({f"{name}.npy": npy(value) for name, value in plain_arrays(draw, kind).items()})


ATTRIBUTES = {
    "activations": (["Tanh"], ["Sigmoid", "Tanh", "Tanh"], [b"\xff"], [], "Tanh", 3, ["Affine"] * 3),
    "activation_alpha": ([0.5], [1, 2], 0.5, "a", [float("nan")] * 3),
    "clip": (0.0, 1.0, float("nan"), "c", 2, [1.0]),
    "direction": ("forward", "reverse", "bidirectional", "up", 1, ["forward"]),
    "hidden_size": (0, -1, UNITS, "h", 0.5, [4]),
    "layout": (0, 1, 2, "l", [1]),
    "linear_before_reset": (0, 1, 0.5, "x", [1]),
    "input_forget": (0, 1, "x", [1]),
    "perm": ([0, 1, 2], [0, 2, 1, 3], [0], [5, 5], 1, "p"),
    "axis": (0, 1, -1, 9, "a", [0]),
    "axes": ([0], [1], [9], 1, "a"),
    "alpha": (1.0, 0.5, "a", [1.0]),
    "transB": (0, 1, "t", [1]),
    "to": (1, 10, 99, "t"),
}
NODES = ("Transpose", "Squeeze", "Reshape", "Identity", "Dropout", "Cast", "Gather", "Slice", "MatMul", "Gemm", "Add",
         "Softmax", "ArgMax", "LSTM", "GRU", "RNN", "Expand", "Tile", "Concat", "Shape")  # fmt: skip


def graph_of(draw: Draw, kind: str) -> tuple[list[Any], Arrays]:
    """Return nodes and constants of a sound network."""
    n = onnx.helper.make_node
    ways = pick(draw, (1, 1, 2))
    constants = onnx_arrays(draw, kind, ways) | {"one": np.array([1])}
    nodes, below = [], "X"
    if often(draw, 0.5):
        constants["table"], below = numbers(draw, WORDS, WIDTH), "V"
        nodes.append(n("Gather", ["table", "X"], ["V"], axis=0))
    inputs = [below, "W", "R", "B"]
    if often(draw, 0.4):
        constants |= {"L": np.array([STEPS], np.int32), "h": numbers(draw, ways, 1, UNITS)}
        inputs += [pick(draw, ("", "L")), pick(draw, ("", "h", "h0"))]
        if inputs[-1] == "h0":
            constants["sizes"] = np.array([1, 1, UNITS])
            cut = [
                n("Shape", ["X"], ["s"]),
                n("Gather", ["s", "one"], ["b"]),
                n("Concat", ["one", "b", "one"], ["r"], axis=0),
            ]
            nodes += [*cut, n(pick(draw, ("Tile", "Expand")), ["h", "r"], ["h0"])]
    direction = "bidirectional" if ways == 2 else "forward"
    nodes.append(n(kind, inputs, ["Y", "Yh"], "lower", hidden_size=UNITS, direction=direction))
    nodes.append(n("Squeeze", ["Y", "one"], ["S"]) if ways == 1 else n("Transpose", ["Y"], ["S0"], perm=[0, 2, 1, 3]))
    if ways == 2:
        constants["flat"] = np.array([0, 0, -1])
        nodes.append(n("Reshape", ["S0", "flat"], ["S"]))
    top, width = "S", ways * UNITS
    if often(draw, 0.5):
        constants |= onnx_arrays(draw, kind, 1, width, "2")
        nodes += [
            n(kind, ["S", "W2", "R2", "B2"], ["Z"], "upper", hidden_size=UNITS),
            n("Squeeze", ["Z", "one"], ["T"]),
        ]
        top, width = "T", UNITS
    constants |= {"head": numbers(draw, width, WORDS), "bias": numbers(draw, WORDS)}
    ends = [
        [n("MatMul", [top, "head"], ["M"]), n("Add", ["M", "bias"], ["out"])],
        [n("Gemm", [top, "head", "bias"], ["out"])],
        [n("Identity", [top], ["out"])],
    ]
    return nodes + pick(draw, ends), constants


def onnx_file(draw: Draw, kind: str) -> bytes:
    """Return an ONNX file whose nodes have too few or too many inputs, outputs and attributes."""
    nodes, constants = graph_of(draw, kind)
    constants = {name: value for name, value in mutated(draw, constants).items() if name}
    for _ in range(pick(draw, (0, 0, 1, 1, 2))):
        node = pick(draw, nodes)
        how = pick(draw, ("cut", "blank", "none", "outputs", "attribute", "attribute", "kind", "more", "insert"))
        if how == "cut" and node.input:
            del node.input[int(draw.integers(len(node.input))) :]
        elif how == "blank" and node.input:
            node.input[int(draw.integers(len(node.input)))] = ""
        elif how == "none":
            del node.input[:]
        elif how == "outputs":
            del node.output[int(draw.integers(2)) :]
        elif how == "more":
            node.input.extend(["one", "one"])
        elif how == "kind":
            node.op_type = pick(draw, NODES)
        elif how == "insert":
            nodes.append(onnx.helper.make_node(pick(draw, NODES), list(node.output)[:1], ["more"]))
        elif how == "attribute":
            name = pick(draw, list(ATTRIBUTES))
            kept = [entry for entry in node.attribute if entry.name != name]
            del node.attribute[:]
            node.attribute.extend([*kept, onnx.helper.make_attribute(name, pick(draw, ATTRIBUTES[name]) or 0)])
    value = onnx.helper.make_tensor_value_info
    written = {name for node in nodes for name in node.output}
    wanted = {name for node in nodes for name in node.input if name} - written - set(constants)
    float32 = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "graph",
        [value(name, float32, None) for name in sorted(wanted | {"X"})],
        [value(name, float32, None) for name in ("out", "more")[: 1 + ("more" in written)]],
        [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return bytes(onnx.helper.make_model(graph).SerializeToString())


SETTINGS = (
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "reset_after",
    "go_backwards",
    "return_sequences",
    "mask_zero",
    "mask_value",
    "layer",
    "backward_layer",
    "merge_mode",
    "input_dim",
    "output_dim",
    "stateful",
    "name",
)
VALUES = (
    None,
    0,
    1,
    -1,
    4,
    0.5,
    "tanh",
    "linear",
    "x",
    True,
    False,
    [],
    [1],
    {},
    {"config": {}},
    {"class_name": "LSTM"},
    1e300,
)


def keras_layers(draw: Draw, kind: str) -> list[tuple[str, dict[str, Any], Arrays]]:
    """Return classes, settings and weights of the layers of a sound model."""
    layers: list[tuple[str, dict[str, Any], Arrays]] = []
    if often(draw, 0.6):
        layers.append(
            ("Embedding", {"input_dim": WORDS, "output_dim": WIDTH}, {"embeddings": numbers(draw, WORDS, WIDTH)})
        )
    width = WIDTH
    for _ in range(pick(draw, (1, 1, 2))):
        settings = {"units": UNITS, "return_sequences": True, "reset_after": True}
        if often(draw, 0.25):
            arrays = {f"{way}/{name}": value for way in ("forward_rnn", "backward_rnn")
                      for name, value in keras_arrays(draw, kind, width).items()}  # fmt: skip
            inner = {"class_name": KERAS[kind], "config": settings | {"name": "rnn"}}
            layers.append(("Bidirectional", {"layer": inner, "merge_mode": "concat"}, arrays))
            width = 2 * UNITS
        else:
            layers.append((KERAS[kind], settings, keras_arrays(draw, kind, width)))
            width = UNITS
    if often(draw, 0.7):
        dense = {"kernel": numbers(draw, width, WORDS), "bias": numbers(draw, WORDS)}
        layers.append(("Dense", {"units": WORDS, "activation": "softmax"}, dense))
    return layers


def keras_parts(draw: Draw, kind: str) -> tuple[dict[str, Any], list[tuple[str, str, Arrays]]]:
    """Return the config of a model, and class, name and weights of each layer, changed."""
    entries, weights = [], []
    for place, (layer_kind, settings, arrays) in enumerate(keras_layers(draw, kind)):
        changed: dict[str, Any] = {"name": f"layer_{place}", **settings}
        if often(draw, 0.2):
            changed[pick(draw, SETTINGS)] = pick(draw, VALUES)
        if often(draw, 0.05):
            layer_kind = pick(
                draw, ("Dense", "LSTM", "Embedding", "Masking", "Bidirectional", "TimeDistributed", "Conv1D")
            )
        entries.append({"class_name": layer_kind, "config": changed})
        weights.append((layer_kind, f"layer_{place}", mutated(draw, arrays) if often(draw, 0.5) else arrays))
    return {"class_name": "Sequential", "config": {"name": "s", "layers": entries}}, weights


def storable(array: Any) -> Any:
    """Return an array that an HDF5 file takes."""
    return np.asarray(array) if np.size(array) else np.zeros([min(size, 9) for size in np.shape(array)], np.float32)


def h5_file(draw: Draw, kind: str) -> bytes:
    """Return what ``model.save("model.h5")`` writes."""
    config, weights = keras_parts(draw, kind)
    file = io.BytesIO()
    with h5py.File(file, "w") as out:
        out.attrs["model_config"] = json.dumps(config)
        out.attrs["keras_version"] = "2.15.0"
        for _, layer, arrays in weights:
            group = out.create_group(f"model_weights/{layer}")
            for name, array in arrays.items():
                group.create_dataset(f"{layer}/{name}:0", data=storable(array))
    return file.getvalue()


def keras_file(draw: Draw, kind: str) -> bytes:
    """Return what ``model.save("model.keras")`` writes."""
    config, weights = keras_parts(draw, kind)
    file, counts = io.BytesIO(), Counter[str]()
    with h5py.File(file, "w") as out:
        for layer_kind, _, arrays in weights:
            base = {"SimpleRNN": "simple_rnn"}.get(layer_kind, layer_kind.lower())
            group = f"layers/{base}_{counts[base]}" if counts[base] else f"layers/{base}"
            counts[base] += 1
            inner = "cell/vars" if layer_kind in KERAS.values() else "vars"
            ways = {name.partition("/")[0] for name in arrays if "_rnn/" in name}
            for name, array in arrays.items() if not ways else ():
                out.create_dataset(f"{group}/{inner}/{list(arrays).index(name)}", data=storable(array))
            for way in sorted(ways):
                parts = [array for name, array in arrays.items() if name.startswith(way)]
                for place, array in enumerate(parts):
                    side = f"{way.removesuffix('_rnn')}_layer/cell/vars/{place}"
                    out.create_dataset(f"{group}/{side}", data=storable(array))
    return zipped({"config.json": json.dumps(config).encode(), "model.weights.h5": file.getvalue()})


def other_form(make: Callable[..., bytes]) -> Callable[[Draw, str], bytes]:
    """Return what makes a file of Keras in one of its other forms, often changed."""
    return lambda draw, kind: make(
        draw,
        kind,
        lambda values: pick(draw, values),
        lambda arrays: mutated(draw, arrays) if often(draw, 0.5) else arrays,
    )


FORMATS: dict[str, Callable[[Draw, str], bytes]] = {
    "safetensors": safetensors_file,
    "own": own_file,
    "npz": npz_file,
    "onnx": onnx_file,
    "h5": h5_file,
    "keras": keras_file,
    **{form: other_form(make) for form, make in FORMS.items()},
}


def calls(draw: Draw, folder: Path, file: str) -> list[list[str]]:
    """Return how the file is looked at: always by inspect, and by one of the commands that compute with it."""
    shape = pick(
        draw,
        ((STEPS, WIDTH), (STEPS, WIDTH), (STEPS, WIDTH), (1, STEPS, WIDTH), (STEPS, 1), (1, 3, WIDTH), (STEPS, UNITS)),
    )
    np.save(folder / "x.npy", numbers(draw, *shape))
    by_input = ["--input", str(folder / "x.npy")]
    with_model = ["--model", file]
    form = pick(draw, ([], ["--json"], ["--plain"]))
    some = [
        ["explain", *with_model, *by_input],
        ["explain", "#1 #2 #3", *with_model],
        ["gradients", *with_model, *by_input],
        ["gradients", "#1 #2 #3", *with_model],
        ["gradcheck", file],
        ["gradcheck", file, *by_input],
        ["doctor", file],
        ["doctor", file, "#1 #2 #3"],
        ["doctor", file, *by_input],
        ["diff", file, file, *by_input],
        ["diff", file, str(WEIGHTS / "gru.safetensors"), "#1 #2 #3"],
    ]
    name = pick(draw, ("lower", "upper", "low", "between", "inner/deep", "rnn", "l", "layer_1", "lstm", "x"))
    told = pick(draw, (["--map", "weight_ih=first", "--map", "weight_hh=second"], ["--map", "weight_xh=first"]))
    told += pick(draw, ([], ["--map", "bias=third"])) + pick(
        draw, ([], *(["--gates", of] for of in ("ifgo", "rzh", "h")))
    )
    chosen = pick(draw, ([], [], ["--map", f"rnn={name}"], told))
    return [["inspect", file, *form, *chosen], [*pick(draw, some), *form, *chosen]]


def fault(arguments: list[str]) -> str:
    """Run a command, and return what is wrong with how it ended; empty where nothing is."""
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, {DEBUG: "1"}), redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    lines = [line for line in err.getvalue().splitlines() if line.strip() and not line.startswith(" ")]
    if "Traceback" in err.getvalue():
        frames = [line.strip() for line in err.getvalue().splitlines() if "lstm_ascii/" in line]
        return f"{lines[-2] if len(lines) > 1 else lines} at {frames[-1].rpartition('lstm_ascii/')[2]}"
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 0 or (code == 1 and arguments[0] == "gradcheck" and not lines):  # gradients that deviate are an answer
        return "" if out.getvalue() else "no answer"
    if out.getvalue():
        return f"exit code {code}, and an answer"
    usage = code == 2 and lines[:1] and lines[0].startswith("Usage")
    return (
        "" if len(lines) == 1 + bool(usage) and lines[-1].startswith("lstm-ascii: ") else f"{len(lines)} lines: {lines}"
    )


def faults(number: int, folder: Path) -> list[str]:
    """Make file ``number`` and return what went wrong with it, each with the command."""
    draw = np.random.default_rng(number)
    kind, ending = pick(draw, list(GATES)), pick(draw, list(FORMATS))
    path = folder / f"model.{ending}"
    path.write_bytes(FORMATS[ending](draw, kind))
    found = [(arguments, fault(arguments)) for arguments in calls(draw, folder, str(path))]
    return [f"{wrong} ({arguments[0]}, {ending})" for arguments, wrong in found if wrong]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_does_not_fit_is_answered_or_refused_in_one_line(batch: int, tmp_path: Path) -> None:
    wrong = {number: faults(number, tmp_path) for number in range(batch, EXAMPLES, BATCHES)}
    assert {number: found for number, found in wrong.items() if found} == {}


def main() -> None:
    """Make many files and count what goes wrong."""
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    seen: Counter[str] = Counter()
    examples: dict[str, int] = {}
    begin = time.time()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            for wrong in faults(number, Path(folder)):
                seen[wrong] += 1
                examples.setdefault(wrong, number)
    for wrong, times in seen.most_common():
        print(f"{times:5} {wrong}; first in file {examples[wrong]}")
    print(f"{count} files in {time.time() - begin:.0f} s, {sum(seen.values())} faults of {len(seen)} kinds")


if __name__ == "__main__":
    main()
