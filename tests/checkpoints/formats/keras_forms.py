"""Files of Keras in its other forms, as the fuzz makes them: sound by themselves, their arrays and settings changed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from tests.checkpoints.formats.making import zipped

WORDS, WIDTH, UNITS = 7, 3, 4
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
KERAS = {"LSTM": "LSTM", "GRU": "GRU", "RNN": "SimpleRNN"}
LETTERS = {"LSTM": "icfo", "GRU": "zrh"}
Draw = np.random.Generator
Arrays = dict[str, Any]
Change = Callable[[Arrays], Arrays]
Pick = Callable[[Any], Any]


def numbers(draw: Draw, *shape: int) -> Any:
    return draw.normal(size=shape).astype(np.float32)


def cell_arrays(draw: Draw, kind: str, width: int = WIDTH) -> Arrays:
    """Return the arrays of a layer as Keras has them today."""
    rows = GATES[kind] * UNITS
    bias = (2, rows) if kind == "GRU" else (rows,)
    return {
        "kernel": numbers(draw, width, rows),
        "recurrent_kernel": numbers(draw, UNITS, rows),
        "bias": numbers(draw, *bias),
    }


def apart(draw: Draw, kind: str, width: int = WIDTH) -> Arrays:
    """Return the arrays of a layer of Keras 1."""
    sizes = {"W": (width, UNITS), "U": (UNITS, UNITS), "b": (UNITS,)}
    ends = [f"_{letter}" for letter in LETTERS.get(kind, "")] or [""]
    return {f"{letter}{end}": numbers(draw, *sizes[letter]) for end in ends for letter in "WUb"}


def hdf5(fill: Callable[[h5py.File], Any]) -> bytes:
    """Return an HDF5 file that ``fill`` has filled."""
    file = io.BytesIO()
    with h5py.File(file, "w") as out:
        fill(out)
    return file.getvalue()


def storable(array: Any) -> Any:
    """Return an array that an HDF5 file takes."""
    return np.asarray(array) if np.size(array) else np.zeros([min(size, 9) for size in np.shape(array)], np.float32)


def model_file(config: dict[str, Any], arrays: Arrays, version: str) -> bytes:
    """Return what ``model.save("model.h5")`` writes; arrays by the path to them."""

    def fill(out: h5py.File) -> None:
        out.attrs["model_config"], out.attrs["keras_version"] = json.dumps(config), version
        out.create_group("model_weights")
        for name, array in arrays.items():
            out.create_dataset(f"model_weights/{name}", data=storable(array))

    return hdf5(fill)


def entry(kind: str, name: str, reads: Any = None, **settings: Any) -> dict[str, Any]:
    """Return one layer of a list; ``reads`` are the calls of a functional model."""
    described = {"class_name": kind, "name": name, "config": {"name": name, **settings}}
    return described if reads is None else described | {"inbound_nodes": reads}


def keras_1(draw: Draw, kind: str, pick: Pick, change: Change) -> bytes:
    """Return a file of Keras 1: an array a gate, or CuDNN's of Keras 2."""
    settings = {"output_dim": UNITS, "inner_activation": "hard_sigmoid", "return_sequences": True}
    layers = [entry("Embedding", "e", input_dim=WORDS, output_dim=WIDTH), entry(KERAS[kind], "l", **settings)]
    arrays = {f"l/l_{name}": value for name, value in change(apart(draw, kind)).items()}
    return model_file(
        {"class_name": "Sequential", "config": layers}, arrays | {"e/e_W": numbers(draw, WORDS, WIDTH)}, "1.2.2"
    )


def cudnn(draw: Draw, kind: str, pick: Pick, change: Change) -> bytes:
    """Return a file of Keras 2 with a layer of CuDNN's."""
    kind = "GRU" if kind == "RNN" else kind
    rows = GATES[kind] * UNITS
    stored = {
        "kernel:0": numbers(draw, WIDTH, rows),
        "recurrent_kernel:0": numbers(draw, UNITS, rows),
        "bias:0": numbers(draw, 2 * rows),
    }
    layer = entry(f"CuDNN{kind}", "l", units=UNITS, return_sequences=pick((True, False, 1, None)))
    both = entry(
        "Bidirectional", "l", layer=entry(f"CuDNN{kind}", "l"), merge_mode=pick(("sum", "mul", "concat", None))
    )
    two = pick((False, False, True))
    arrays = {
        f"l/{way}{name}": value
        for way in ("forward_l/", "backward_l/")[: 1 + two]
        for name, value in change(stored).items()
    }
    config = {"class_name": "Sequential", "config": {"layers": [both if two else layer]}}
    return model_file(config, arrays, "2.2.4")


def graph(draw: Draw, kind: str, pick: Pick, change: Change) -> bytes:
    """Return a functional model: a model in it, layers used twice, cells in an ``RNN``, something in between."""
    cell = {"class_name": f"{KERAS[kind]}Cell", "config": {"name": "c", "units": UNITS}}
    several = {"class_name": "StackedRNNCells", "config": {"cells": [cell, pick((cell, {}, 3, {"class_name": "My"}))]}}
    name, place, output = pick(("x", "low", "inner", "lost", "rnn")), pick((0, 0, 0, 1, -1, 9)), pick((0, 0, 1, -1, 9))
    wild = [[[name, place, output, {}]]]
    inner = {
        "layers": [
            entry("InputLayer", "i", []),
            entry(KERAS[kind], "deep", [[["i", 0, 0, {}]]], units=UNITS, return_sequences=True, reset_after=True),
        ],
        "input_layers": pick(([["i", 0, 0]], [], 3, [["lost", 0, 0]])),
        "output_layers": pick(([["deep", 0, 0]], [["i", 0, 0], ["deep", 0, 0]], [], None)),
    }
    between = pick(("BatchNormalization", "Lambda", "Dropout", "RepeatVector", "ConvLSTM2D", KERAS[kind]))
    low = entry(KERAS[kind], "low", [[["x", 0, 0, {}]]], units=UNITS, return_sequences=True, reset_after=True)
    rnn = entry("RNN", "rnn", pick(([[["inner", 0, 0, {}]]], wild)), cell=pick((cell, several)), return_sequences=True)
    layers = [
        entry("InputLayer", "x", []),
        low,
        entry(between, "between", pick(([[["low", 0, 0, {}]]], wild, [[["x", 0, 0, {}]], [["low", 0, 0, {}]], []]))),
        {
            "class_name": pick(("Functional", "Sequential", "Model")),
            "name": "inner",
            "config": {"name": "inner", **inner},
        }
        | {"inbound_nodes": pick(([[["between", 0, 0, {}]]], wild))},
        rnn,
    ]
    config = {"layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["rnn", 0, 0]]}
    arrays = {f"low/low/{part}": value for part, value in change(cell_arrays(draw, kind)).items()}
    arrays |= {f"inner/deep/{part}:0": value for part, value in change(cell_arrays(draw, kind, UNITS)).items()}
    arrays |= {f"rnn/rnn/c/{part}:0": value for part, value in change(cell_arrays(draw, kind, UNITS)).items()}
    return model_file({"class_name": "Functional", "config": config}, arrays, "2.15.0")


def weights(draw: Draw, kind: str, pick: Pick, change: Change) -> bytes:
    """Return weights without their model, in the names of any version; or a model of a class of one's own."""
    form = pick(("3", "3", "2", "1", "class"))
    top = "layers" if form != "class" else pick(("layers", "_layer_checkpoint_dependencies"))
    arrays: Arrays = {}
    if form == "2":
        arrays |= {f"l/l/cell/{part}:0": value for part, value in change(cell_arrays(draw, kind)).items()}
        arrays |= {"d/d/kernel:0": numbers(draw, UNITS, WORDS), "e/e/embeddings:0": numbers(draw, WORDS, WIDTH)}
    elif form == "1":
        arrays |= {f"l/l_{part}": value for part, value in change(apart(draw, kind)).items()}
    else:
        way = pick(("", "forward_layer/", "backward_layer/"))
        cell = list(change(cell_arrays(draw, kind)).values())
        arrays |= {f"{top}/lstm/{way}cell/vars/{place}": value for place, value in enumerate(cell)}
        arrays |= {f"{top}/embedding/vars/0": numbers(draw, WORDS, WIDTH)}
        dense = list(change({"a": numbers(draw, UNITS, WORDS), "b": numbers(draw, WORDS)}).values())
        arrays |= {f"{top}/dense/vars/{place}": value for place, value in enumerate(dense)}

    def fill(out: h5py.File) -> None:
        out.attrs["keras_version"] = pick(("1.2.2", "2.2.4", "3.5.0", "", "x"))
        for name, array in arrays.items():
            if name not in out:
                out.create_dataset(name, data=storable(array))

    content = hdf5(fill)
    config = json.dumps({"class_name": "Mine", "config": {}}).encode()
    return zipped({"config.json": config, "model.weights.h5": content}) if form == "class" else content


FORMS: dict[str, Callable[[Draw, str, Pick, Change], bytes]] = {
    "keras_1.h5": keras_1,
    "keras_cudnn.h5": cudnn,
    "keras_graph.h5": graph,
    "weights.h5": weights,
}


def sound(form: str, kind: str = "LSTM") -> bytes:
    """Return an unchanged file of a form."""
    return FORMS[form](np.random.default_rng(0), kind, lambda values: values[0], dict)
