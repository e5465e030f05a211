"""Keras: models as data, read without Keras; no code of theirs ever runs, and no link is followed."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.hdf5 import Hdf5
from lstm_ascii.errors import FileError
from tests.checkpoints.formats.making import FILES, keras_archive, opened, refused

MODELS = sorted(path.name for path in FILES.glob("keras_*") if path.suffix in (".keras", ".h5"))


def hdf5(fill: Callable[[h5py.File], Any], **options: Any) -> bytes:
    """Return an HDF5 file that ``fill`` has filled."""
    file = io.BytesIO()
    with h5py.File(file, "w", **options) as opened_file:
        fill(opened_file)
    return file.getvalue()


def weights_within(name: str) -> bytes:
    """Return the HDF5 file of a stored model."""
    path = FILES / name
    if path.suffix == ".h5":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read("model.weights.h5")


def read_ours(content: bytes) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Return the arrays and the texts of an HDF5 file as our reader finds them."""
    file = Hdf5(memoryview(content), FileError)
    arrays, texts = {}, {"": file.texts(file.root)}
    for names, address in file.walk():
        name = "/".join(names)
        texts[name] = file.texts(address)
        if stored := file.array(address, name):
            arrays[name] = stored.load()
    return arrays, texts


def their_text(value: Any) -> str | None:
    """Return an attribute that is one text: ``str`` where its length varies, bytes where it is fixed."""
    if isinstance(value, np.bytes_):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, str) else None


def read_theirs(content: bytes) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Return the same as HDF5's own library finds it."""
    arrays, texts = {}, {}

    def note(name: str, found: Any) -> None:
        texts[name] = {key: text for key, value in found.attrs.items() if (text := their_text(value)) is not None}
        if isinstance(found, h5py.Dataset):
            arrays[name] = found[()]

    with h5py.File(io.BytesIO(content), "r") as file:
        note("", file)
        file.visititems(note)
    return arrays, texts


def check_same(content: bytes) -> None:
    """Check that both readers find the same."""
    (ours, our_texts), (theirs, their_texts) = read_ours(content), read_theirs(content)
    assert our_texts == their_texts
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        np.testing.assert_array_equal(ours[name], value)


@pytest.mark.parametrize("name", MODELS)
def test_arrays_and_texts_of_keras_come_as_hdf5_reads_them(name: str) -> None:
    check_same(weights_within(name))


@pytest.mark.parametrize("version", ["earliest", "v108", "latest"])
def test_files_of_every_version_of_hdf5_come_as_it_reads_them(version: str) -> None:
    def fill(file: h5py.File) -> None:
        file.attrs["name"] = "the cat"
        file.attrs["number"] = 3
        file.attrs["names"] = ["the", "cat"]
        file["single"] = np.float32(2.5)
        for number, kind in enumerate(["<f2", "<f4", "<f8", ">f4", "|i1", "<u8", ">i2"]):
            file[f"group {number % 3}/array {number}"] = np.arange(3 * number).reshape(3, number).astype(kind)
            file[f"group {number % 3}"].attrs["own"] = f"text {number}"

    check_same(hdf5(fill, libver=version))


def test_bfloat16_becomes_the_same_numbers_in_float32() -> None:
    """HDF5 doesn't know the type, so Keras writes two bytes of anything and says beside them what they are."""
    bits = np.array([0x3F80, 0xC000, 0x7F80, 0x0001], np.uint16)

    def fill(file: h5py.File) -> None:
        file["told"] = bits.view("V2")
        file["told"].attrs["dtype"] = "bfloat16"
        file["other"] = np.zeros(3, np.float32)
        file["other"].attrs["dtype"] = "bfloat16"

    arrays, _ = read_ours(hdf5(fill))
    np.testing.assert_array_equal(arrays["told"], np.array([1, -2, np.inf, 2.0**-133], np.float32), strict=True)
    np.testing.assert_array_equal(arrays["other"], np.zeros(3))


def test_groups_of_hundreds_come_as_hdf5_reads_them() -> None:
    def fill(file: h5py.File) -> None:
        for number in range(300):
            file[f"layers/lstm_{number}/vars/0"] = np.full(number % 4, number)
            file[f"layers/lstm_{number}/vars"].attrs["name"] = f"text {number}"

    check_same(hdf5(fill))


def test_layers_come_in_order_with_their_weights_and_settings() -> None:
    for name in ("keras_lstm.keras", "keras_lstm.h5"):
        contents = read_contents(FILES / name)
        kinds = [operation.kind for operation in contents.graph.operations]
        assert kinds == ["InputLayer", "Embedding", "LSTM", "Dropout", "LSTM", "Dense"]
        operations = contents.graph.operations
        assert all(after.inputs == before.outputs for before, after in pairwise(operations))
        assert [layer.kind for layer in contents.layers] == ["LSTM", "LSTM"]
        for layer, size in zip(contents.layers, (5, 6), strict=True):
            shapes = {role: value.shape for role, value in layer.tensors.items()}
            assert shapes == {"kernel": (size, 24), "recurrent_kernel": (6, 24), "bias": (24,)}
            assert (layer.attributes["units"], layer.attributes["recurrent_activation"]) == (6, "sigmoid")
            np.testing.assert_array_equal(contents.tensors[f"{layer.name}/kernel"], layer.tensors["kernel"])
        assert operations[1].tensors["embeddings"].shape == (23, 5)
        assert operations[-1].tensors["kernel"].shape == (6, 23)
        assert (contents.graph.inputs, contents.graph.outputs) == (operations[0].outputs, operations[-1].outputs)
        assert contents.metadata["keras_version"].startswith("3.")
        assert contents.format == "Keras"


def test_both_directions_have_their_own_weights() -> None:
    for name in ("keras_bilstm.keras", "keras_bilstm.h5"):
        contents = read_contents(FILES / name)
        for layer in contents.layers:
            assert (layer.kind, layer.wrapper, layer.attributes["merge_mode"]) == ("LSTM", "Bidirectional", "concat")
            roles = {
                f"{side}/{role}" for side in ("forward", "backward") for role in ("kernel", "recurrent_kernel", "bias")
            }
            assert set(layer.tensors) == roles
        stored, _ = read_theirs(weights_within(name))
        kernel = next(
            value
            for name, value in stored.items()
            if ("backward" in name and "kernel" in name) or "backward_layer/cell/vars/0" in name
        )
        np.testing.assert_array_equal(contents.layers[0].tensors["backward/kernel"], kernel)


def test_layers_with_names_of_their_own_have_their_own_weights() -> None:
    """In an archive weights stand under the class; the one with its reset gate before the product has one bias."""
    for name in ("keras_functional.keras", "keras_functional.h5"):
        contents = read_contents(FILES / name)
        assert [layer.name for layer in contents.layers] == ["first", "second"]
        assert [layer.tensors["bias"].shape for layer in contents.layers] == [(18,), (2, 18)]
        assert [layer.inputs[0] for layer in contents.layers] == ["table", "first"]
        assert (contents.graph.inputs, contents.graph.outputs) == (("words",), ("choice",))


def test_numbers_stay_in_the_file_until_they_are_used() -> None:
    for name in MODELS:
        assert not any(value.flags.owndata for value in read_contents(FILES / name).tensors.values())


def test_a_packed_archive_is_read_as_well(tmp_path: Path) -> None:
    plain = keras_archive("keras_lstm.keras")
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    found = opened(tmp_path, file.getvalue()).tensors
    for name, value in read_contents(FILES / "keras_lstm.keras").tensors.items():
        np.testing.assert_array_equal(found[name], value)


def layers_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the list of layers within a config."""
    layers: list[dict[str, Any]] = config["config"]["layers"]
    return layers


def layer_within(kind: str, name: str, **settings: Any) -> dict[str, Any]:
    """Return a layer as Keras 2 wrote it into a list."""
    return {"class_name": kind, "config": {"name": name, **settings}}


def changed(place: int, within: bool = False, **changes: Any) -> Callable[[dict[str, Any]], Any]:
    """Return what changes a layer of a model, or its settings."""

    def change(config: dict[str, Any]) -> None:
        layer = layers_of(config)[place]
        (layer["config"] if within else layer).update(changes)

    return change


EVAL = {"module": "builtins", "class_name": "function", "config": "eval"}
# place in keras_lstm.keras, how it is changed, the kind that it then has, and what is said where nothing else is read
CODE: dict[str, tuple[int, dict[str, Any], str, str]] = {
    "Lambda": (4, {"class_name": "Lambda"}, "Lambda", "Lambda lstm: a Lambda layer is code, which is never run"),
    "a class of another module": (
        4,
        {"class_name": "Evil", "module": "os"},
        "Evil (not Keras')",
        "Evil lstm is of the module os; only what comes with Keras",
    ),
    "a module that looks like Keras": (
        4,
        {"module": "keras_evil.layers"},
        "LSTM (not Keras')",
        "of the module keras_evil.layers",
    ),
    "a registered class": (4, {"registered_name": "mine>LSTM"}, "LSTM (not Keras')", "a class of somebody's own"),
    "a class that is not registered": (
        4,
        {"module": None, "registered_name": "LSTM"},
        "LSTM (not Keras')",
        "a class of somebody's own",
    ),
    "a lambda for an activation": (
        4,
        {"activation": {"class_name": "__lambda__", "config": {}}},
        "LSTM (not Keras')",
        "never run",
    ),
    "a function of another module": (4, {"activation": EVAL}, "LSTM (not Keras')", "of the module builtins"),
    "a function within a wrapper": (
        4,
        {
            "class_name": "Bidirectional",
            "config": {"name": "lstm_1", "layer": layer_within("LSTM", "a", activation=EVAL)},
        },
        "Bidirectional (not Keras')",
        "of the module builtins",
    ),
    "a cell of another module": (
        4,
        {
            "class_name": "RNN",
            "config": {"name": "lstm_1", "cell": {"class_name": "LSTMCell", "module": "mine", "config": {"units": 6}}},
        },
        "RNN (not Keras')",
        "LSTMCell is of the module mine",
    ),
}


@pytest.mark.parametrize("case", CODE)
def test_what_only_code_could_do_is_never_run_and_keeps_no_other_layer_from_being_read(
    tmp_path: Path, case: str
) -> None:
    place, changes, kind, says = CODE[case]
    change = changed(place, within=set(changes) <= {"activation"}, **changes)
    contents = opened(tmp_path, keras_archive("keras_lstm.keras", change))
    assert contents.graph.operations[place].kind == kind
    assert [layer.name for layer in contents.layers] == ["lstm"]

    def all_changed(config: dict[str, Any]) -> None:
        change(config)
        layers_of(config)[2].update(class_name="Flatten", config={"name": "flat"})
        layers_of(config)[4]["config"]["name"] = "lstm"

    refused(tmp_path, keras_archive("keras_lstm.keras", all_changed), says)


def test_what_has_a_say_only_in_training_may_be_anybody_s(tmp_path: Path) -> None:
    change = changed(2, within=True, kernel_initializer={"module": "mine", "class_name": "Start", "config": {}})
    assert len(opened(tmp_path, keras_archive("keras_lstm.keras", change)).layers) == 2


DAMAGED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no list of layers": (lambda config: config.update(config={}), "no list of layers"),
    "a layer without config": (lambda config: layers_of(config)[2].pop("config"), "a layer has no config"),
    "a layer without class": (lambda config: layers_of(config)[2].pop("class_name"), "no class or no name"),
    "two layers of one name": (
        lambda config: layers_of(config)[2]["config"].update(name="dense"),
        "two layers have one name",
    ),
    "weights of another layer": (
        lambda config: layers_of(config).insert(2, layers_of(config).pop(4)),
        "weights of the layer lstm_1 say that they belong to lstm",
    ),
    "models within models": (lambda config: layers_of(config).append(nested(30)), "more than 20 models within models"),
}


def nested(depth: int) -> dict[str, Any]:
    """Return a model in a model in a model."""
    inner = layer_within("LSTM", "innermost", units=3)
    for _ in range(depth):
        inner = layer_within("Sequential", "model", layers=[inner])
    return inner


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_description_is_refused_by_what_is_wrong_with_it(tmp_path: Path, case: str) -> None:
    change, says = DAMAGED[case]
    refused(tmp_path, keras_archive("keras_lstm.keras", change), says)


def test_a_model_of_a_class_of_one_s_own_is_read_by_its_weights(tmp_path: Path) -> None:
    for file in ("keras_lstm.keras", "keras_bilstm.keras"):
        contents = opened(tmp_path, keras_archive(file, lambda config: config.update(class_name="MyModel")))
        assert contents.format == "Keras weights"
        assert "the model is of class MyModel, whose code is not run" in contents.notes[0]
        assert not contents.layers
        whole = {value.tobytes() for value in read_contents(FILES / file).tensors.values()}
        assert {value.tobytes() for value in contents.tensors.values()} == whole


def test_a_layer_that_is_used_twice_stands_twice_with_the_same_weights(tmp_path: Path) -> None:
    def twice(config: dict[str, Any]) -> None:
        nodes = next(layer for layer in layers_of(config) if layer["name"] == "second")["inbound_nodes"]
        nodes.append(nodes[0])

    contents = opened(tmp_path, keras_archive("keras_functional.keras", twice))
    first, *_, second, again = sorted(contents.layers, key=lambda layer: layer.name)
    assert [(layer.name, layer.stored) for layer in (first, second, again)] == [
        ("first", "first"),
        ("second", "second"),
        ("second (use 2)", "second"),
    ]
    assert second.tensors["kernel"].tobytes() == again.tensors["kernel"].tobytes()
    assert sum(name.startswith("second") for name in contents.tensors) == 3


def test_a_layer_that_reads_what_is_not_there_is_refused(tmp_path: Path) -> None:
    def nothing(config: dict[str, Any]) -> None:
        layers_of(config)[:] = [layer for layer in layers_of(config) if layer["name"] != "table"]

    refused(tmp_path, keras_archive("keras_functional.keras", nothing), "reads something that is not there")


def older(layers: list[dict[str, Any]], arrays: dict[str, Any], **settings: Any) -> bytes:
    """Return a file as Keras 2 wrote it: bytes for texts, ``:0`` behind names, no modules in the config."""
    kind = "Functional" if settings else "Sequential"

    def fill(file: h5py.File) -> None:
        file.attrs["keras_version"] = b"2.4.0"
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": {"layers": layers, **settings}}).encode()
        file.create_group("model_weights")
        for name, value in arrays.items():
            file[f"model_weights/{name}"] = value
            file[f"model_weights/{name.split('/')[0]}"].attrs["weight_names"] = [name.encode()]

    return hdf5(fill)


def test_files_of_keras_2_are_read(tmp_path: Path) -> None:
    inner = {"class_name": "LSTM", "config": {"name": "lstm", "units": 3}}
    layers = [
        {"class_name": "Embedding", "config": {"name": "words", "batch_input_shape": [None, None]}},
        {"class_name": "Bidirectional", "config": {"name": "both", "merge_mode": "concat", "layer": inner}},
        {"class_name": "GRU", "config": {"name": "last", "units": 2}},
    ]
    arrays = {"words/words/embeddings:0": np.ones((5, 2), np.float32), "last/last/gru_cell/bias:0": np.zeros((2, 6))}
    for number, side in enumerate(("forward", "backward")):
        arrays[f"both/both/{side}_lstm/lstm_cell/kernel:0"] = np.full((2, 12), number, np.float32)
    contents = opened(tmp_path, older(layers, arrays))
    assert contents.metadata["keras_version"] == "2.4.0"
    assert contents.graph.inputs == contents.graph.operations[0].inputs == ("input",)
    both, last = contents.layers
    assert (both.kind, both.wrapper, both.inputs, last.inputs) == ("LSTM", "Bidirectional", ("words",), ("both",))
    assert set(both.tensors) == {"forward/kernel", "backward/kernel"}
    assert not both.tensors["forward/kernel"].any()
    assert both.tensors["backward/kernel"].all()
    assert last.tensors["bias"].shape == (2, 6)


def test_functional_models_of_keras_2_are_put_in_order(tmp_path: Path) -> None:
    layers = [
        {"class_name": "LSTM", "name": "late", "config": {"name": "late"}, "inbound_nodes": [[["early", 0, 0, {}]]]},
        {"class_name": "LSTM", "name": "early", "config": {"name": "early"}, "inbound_nodes": [[["x", 0, 0, {}]]]},
        {"class_name": "InputLayer", "name": "x", "config": {"name": "x"}, "inbound_nodes": []},
    ]
    contents = opened(tmp_path, older(layers, {}, input_layers=[["x", 0, 0]], output_layers=[["late", 0, 0]]))
    assert [layer.name for layer in contents.layers] == ["early", "late"]
    assert (contents.graph.inputs, contents.graph.outputs) == (("x",), ("late",))


def linked(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "data", (4,))
    file.create_virtual_dataset("layers/lstm/virtual", layout)


def cycle(file: h5py.File) -> None:
    file["layers/lstm/again"] = file.create_group("layers/lstm").parent


def doubling(file: h5py.File) -> None:
    group = file.create_group("layers")
    for _ in range(20):
        inner = group.create_group("a")
        group["b"] = inner
        group = inner


HDF5: dict[str, tuple[Callable[[h5py.File], Any], str]] = {
    "soft link": (lambda file: file.__setitem__("layers", h5py.SoftLink("/etc")), "layers is a link .* never followed"),
    "external link": (
        lambda file: file.__setitem__("layers", h5py.ExternalLink("../secret.h5", "/")),
        "layers is a link into another file, which is never followed",
    ),
    "external numbers": (
        lambda file: file.create_dataset("layers/lstm/w", (10,), "f4", external=[("/etc/passwd", 0, 40)]),
        "layers/lstm/w are in another file",
    ),
    "virtual numbers": (linked, "layers/lstm/virtual is virtual"),
    "pieces of fill values": (
        lambda file: file.create_dataset("layers/lstm/w", (1 << 40,), "f4", chunks=(1 << 10,)),
        "layers/lstm/w would unpack to 1073741824 chunks of 4096 bytes: more than 40000 chunks",
    ),
    "a shape bomb": (
        lambda file: file.create_dataset("layers/lstm/w", (1 << 40,), "f4"),
        "layers/lstm/w needs 4398046511104 bytes for its sizes; the file has 0",
    ),
    "packed numbers": (
        lambda file: file.create_dataset("layers/lstm/w", data=np.zeros(1 << 16), compression="lzf"),
        "layers/lstm/w is packed by LZF; save it with gzip",
    ),
    "references": (
        lambda file: file.create_dataset("layers/lstm/w", data=np.array([file.ref], h5py.ref_dtype)),
        "layers/lstm/w holds references",
    ),
    "opaque data": (
        lambda file: file.create_dataset("layers/lstm/w", data=np.zeros(3, "V2")),
        "holds opaque data .perhaps bfloat16: save it as float32.",
    ),
    "texts": (lambda file: file.create_dataset("layers/lstm/w", data=np.array(["a"], object)), "holds lists"),
    "records": (lambda file: file.create_dataset("layers/lstm/w", data=np.zeros(3, "f4,i4")), "holds records"),
    "nothing": (lambda file: file.create_dataset("layers/lstm/w", data=h5py.Empty("f4")), "holds nothing"),
    "a circle": (cycle, "without an end"),
    "a tree that doubles": (doubling, "more than 200000 parts"),
}


@pytest.mark.parametrize("case", HDF5)
def test_what_hdf5_would_fetch_or_make_up_is_refused_by_name(tmp_path: Path, case: str) -> None:
    fill, says = HDF5[case]
    refused(tmp_path, keras_archive("keras_lstm.keras", weights=hdf5(fill)), says)


def test_texts_that_point_to_one_place_are_refused_by_their_sum(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file.attrs["model_config"] = "a" * 1_000_000
        for number in range(100):
            file.attrs[f"text {number}"] = "b" * 777

    content = hdf5(fill)
    place = content.index(struct.pack("<L", 1_000_000))
    pointer = content[place : place + 16]
    content = re.sub(re.escape(struct.pack("<L", 777)) + rb"[^b]{12}", lambda _: pointer, content, flags=re.DOTALL)
    refused(tmp_path, content, "bytes of texts")


def test_links_are_refused_in_the_older_files_as_well(tmp_path: Path) -> None:
    config = json.dumps({"class_name": "Sequential", "config": {"layers": []}})
    for link in (h5py.SoftLink("/"), h5py.ExternalLink("x.h5", "/")):

        def fill(file: h5py.File, link: Any = link) -> None:
            file.attrs["model_config"] = config
            file["model_weights/lstm"] = link

        refused(tmp_path, hdf5(fill), "never followed")


def test_weights_without_their_model_get_the_names_of_keras(tmp_path: Path) -> None:
    contents = opened(tmp_path, weights_within("keras_lstm.keras"))
    assert contents.format == "Keras weights"
    shapes = {name: value.shape for name, value in contents.tensors.items()}
    lstms = {
        f"{name}/{part}": shape
        for name, size in (("lstm", 5), ("lstm_1", 6))
        for part, shape in (("kernel", (size, 24)), ("recurrent_kernel", (6, 24)), ("bias", (24,)))
    }
    assert shapes == lstms | {"dense/bias": (23,), "dense/kernel": (6, 23), "embedding/embeddings": (23, 5)}
    assert (
        "weights without their model: read from the first step to the last, with tanh and sigmoid" in contents.notes[0]
    )


def test_numbers_that_no_keras_wrote_are_refused_with_what_to_do(tmp_path: Path) -> None:
    error = refused(
        tmp_path, hdf5(lambda file: file.__setitem__("data", [1.0])), "is an HDF5 file without a Keras model"
    )
    assert error.advice[0].startswith("model.save(")


def test_an_archive_cut_off_within_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, keras_archive("keras_lstm.keras", weights=weights_within("keras_lstm.keras")[:-100]), "cut off")
    refused(tmp_path, keras_archive("keras_lstm.keras", config=b'{"a": '), "config.json is no JSON")


def test_what_a_name_could_do_to_a_terminal_is_written_out_in_errors(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        for place in (2, 4):
            layers_of(config)[place].update(class_name="Lambda")
        layers_of(config)[2]["config"]["name"] = "\x1b[2J\u202e"

    error = refused(tmp_path, keras_archive("keras_lstm.keras", change), "Lambda")
    assert r"\x1b[2J\u202e" in str(error)
    assert str(error).isprintable()
