"""Every text that comes with a file is shown visibly and short, in every command and every form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from onnx import helper

from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.checkpoints.formats.texts import LONGEST_TEXT
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.sources import WEIGHTS
from tests.checkpoints.formats.making import keras_archive, onnx_bytes
from tests.cli.program import run

ATTACK = "\x1b[31m\x1b]0;pwned\x07\u202e\x9b"
LONG = ATTACK + "x" * 3_000_000
WORDS = ["<unk>", "the", "cat", "was", ".", "were"]
FORMS = [[], ["--plain"], ["--tsv"], ["--json"]]
LONGEST_RUN = LONGEST_TEXT + 10  # characters x in a row


def raw(text: str) -> set[str]:
    """Return the control and bidirectional characters that stand raw in a text."""
    return {
        char
        for char in text
        if char not in "\n\t" and (char < " " or "\x7f" <= char < "\xa0" or char in "\u202e\ufffe")
    }


def own_file(path: Path) -> None:
    """Write a network in the form of our own, in which every text is an attack."""
    rng = np.random.default_rng(0)
    words = [*WORDS, f"w{LONG[:20]}", LONG]
    shapes = {
        "embedding.weight": (len(words), 4),
        "decoder.weight": (len(words), 6),
        "decoder.bias": (len(words),),
        "rnn.weight_ih_l0": (24, 4),
        "rnn.weight_hh_l0": (24, 6),
        "rnn.bias_ih_l0": (24,),
        "rnn.bias_hh_l0": (24,),
        "rnn.start_h_l0": (6,),
        "rnn.start_c_l0": (6,),
    }
    tensors = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    tensors[f"other {ATTACK}"] = np.zeros(3, np.float32)
    metadata = {
        "format": own.FORMAT,
        "cell": "LSTM",
        "source": LONG,
        "vocabulary": "\n".join(words),
        f"a{ATTACK}": ATTACK,
    }
    write(path, tensors, metadata)


def torch_file(path: Path) -> None:
    """Write a network with PyTorch's names behind a prefix that is an attack."""
    own_file(path)
    tensors, metadata = read(path)
    names = {name: f"{LONG[:300]}{name}" if name.startswith("rnn") else name for name in tensors}
    names = {name: new for name, new in names.items() if "start" not in name}
    write(path, {new: tensors[name] for name, new in names.items()}, {**metadata, "format": LONG[:300]})


def onnx_file(path: Path) -> None:
    """Write an ONNX model whose names are attacks."""
    rng = np.random.default_rng(0)
    weights = {
        f"{key}{LONG[:1000]}": rng.normal(size=size).astype(np.float32)
        for key, size in (("W", (1, 24, 4)), ("R", (1, 24, 6)))
    }
    node = helper.make_node("LSTM", ["x", *weights], ["y"], name=LONG, hidden_size=6, doc_string=LONG)
    other = helper.make_node(f"Foo{ATTACK}", ["y"], ["z"], name=LONG, text=LONG)
    path.write_bytes(onnx_bytes([node, other], weights, outputs=("z",)))


def keras_file(path: Path) -> None:
    """Write a Keras model in which the names and settings of layers are attacks."""

    def change(config: dict[str, object]) -> None:
        text = json.dumps(config)
        for layer in json.loads(text)["config"]["layers"]:
            name = layer["config"]["name"]
            text = text.replace(f'"{name}"', json.dumps(name + LONG[:100_000]))
        config.clear()
        config.update(json.loads(text) | {"more": LONG[:100_000]})

    path.write_bytes(keras_archive("keras_lstm.keras", change))


FILES: dict[str, Callable[[Path], None]] = {
    "own.safetensors": own_file,
    "torch.safetensors": torch_file,
    "model.onnx": onnx_file,
    "model.keras": keras_file,
}
COMMANDS = {
    "inspect": ["inspect", "FILE"],
    "explain": ["explain", "the cat was .", "--model", "FILE"],
    "diagram": ["diagram", "--model", "FILE"],
    "doctor": ["doctor", "FILE", "the cat was ."],
    "diff": ["diff", str(WEIGHTS / "lstm.safetensors"), "FILE"],
    "gradcheck": ["gradcheck", "FILE"],
    "gradients": ["gradients", "the cat was .", "--model", "FILE"],
    "agreement": ["agreement", "pairs.tsv", "--model", "FILE"],
    "verify": ["inspect", str(WEIGHTS / "lstm.safetensors"), "--verify", "FILE"],
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_text_of_a_file_reaches_the_answer_raw_or_long(
    command: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    FILES[file](Path(file))
    Path("pairs.tsv").write_text("prefix\tright\twrong\nthe cat\twas\twere\n")
    words = [file if word == "FILE" else word for word in COMMANDS[command]]
    for form in FORMS:
        done = run(*words, *form)
        answer = done.text + done.complaint
        assert not raw(answer), form
        assert "x" * LONGEST_RUN not in "".join(answer.split()), form
        assert len(answer) < 300_000, form
        assert done.code in (0, 1, 2), done.complaint
        assert "Traceback" not in answer
        assert "a fault in" not in answer


@pytest.mark.parametrize("text", [ATTACK, "a \ufffe b", "]]> & <b>", LONG])
def test_pages_of_a_file_with_any_source_are_well_formed(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own_file(Path("own.safetensors"))
    tensors, metadata = read(Path("own.safetensors"))
    write(Path("own.safetensors"), tensors, metadata | {"source": text})
    for ending in ("svg", "html"):
        assert run("explain", "the cat was .", "--model", "own.safetensors", "--export", f"page.{ending}").code == 0
        assert not raw(Path(f"page.{ending}").read_text("utf-8"))
    ElementTree.fromstring(Path("page.svg").read_bytes())  # noqa: S314


def test_words_of_our_own_networks_are_as_in_their_files() -> None:
    for cell in ("rnn", "lstm", "gru"):
        path = WEIGHTS / f"{cell}.safetensors"
        assert list(own.load(path).vocabulary.words) == read(path)[1]["vocabulary"].split("\n")


def test_words_that_were_cut_are_still_found(tmp_path: Path) -> None:
    own_file(tmp_path / "own.safetensors")
    vocabulary = own.load(tmp_path / "own.safetensors").vocabulary
    assert isinstance(vocabulary, Vocabulary)
    assert vocabulary.ids(vocabulary.words_of(f"the {LONG}")) == [1, len(vocabulary) - 1]
