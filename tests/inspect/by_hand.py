"""Reports written by hand: pictures are made of them, so that none depends on a file or on how sums are rounded."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.inspect import CellFacts, InspectReport, NetworkFacts, Spread, WordPart
from lstm_ascii.reports.tensors import TensorFacts

BELL = (1, 12, 80, 410, 900, 1302, 1290, 880, 402, 77, 9, 2)
FLAT = (100, 98, 102, 99, 101, 97, 103, 100, 96, 104, 99, 101)


def tensor(name: str, role: str, shape: tuple[int, ...], dtype: str = "float32", **changes: object) -> TensorFacts:
    """Return a tensor of bell-shaped numbers."""
    facts = TensorFacts(name, role, shape, dtype, 4, -0.0134, 0.512, -3.48, 2.4, BELL, 0, 0)
    return replace(facts, **changes)  # type: ignore[arg-type]


def cell(layer: int, backward: bool = False, **changes: object) -> CellFacts:
    """Return an LSTM of 650 units."""
    bias = Spread(1.04, -0.31, 2.25)
    facts = CellFacts(layer, backward, "LSTM", 650, 650, 650, "i f g o", bias, (), False, 3_385_200)
    return replace(facts, **changes)  # type: ignore[arg-type]


def language_model() -> InspectReport:
    """Return a language model of two layers, whole and sound."""
    layers = [
        tensor(f"rnn.{name}_l{layer}", f"layer {layer + 1}", shape)
        for layer in (0, 1)
        for name, shape in (
            ("weight_ih", (2600, 650)),
            ("weight_hh", (2600, 650)),
            ("bias_ih", (2600,)),
            ("bias_hh", (2600,)),
        )
    ]
    return InspectReport(
        schema_version=1,
        file="models/wikitext.safetensors",
        format="safetensors",
        bytes=157_282_504,
        cells=(cell(1), cell(2)),
        embedding=WordPart("encoder.weight", 50_000, 650, "", 32_500_000),
        decoder=WordPart("encoder.weight", 50_000, 650, "decoder.bias", 50_000),
        tied=True,
        vocabulary=50_000,
        first_words=("<unk>", "the", ",", ".", "of", "and", "to", "in"),
        notes=("encoder.weight taken for embedding and decoder (tied), as no other tensor fits",),
        problem="",
        parameters=39_320_400,
        unused=0,
        metadata=(("format", "pt"),),
        tensors=(
            tensor("encoder.weight", "embedding", (50_000, 650), histogram=FLAT),
            *layers,
            tensor("decoder.bias", "decoder", (50_000,), mean=2.3e-4),
        ),
    )


def odd() -> InspectReport:
    """Return what is unusual: two directions, a projection, broken numbers, other types, something not used."""
    cells = (
        cell(1, inputs=40, units=128, outputs=64, traits=("peepholes", "clip ±3"), order="i o f g", parameters=91_000),
        cell(1, backward=True, inputs=40, units=128, outputs=64, parameters=91_000, forget_bias=None, started=True),
    )
    broken = tensor(
        "bidirectional/backward/recurrent_kernel", "layer 1 backward", (128, 512), "bfloat16", nan=3, infinite=12_000
    )
    nothing = tensor("empty", "", (0, 4), mean=None, deviation=None, smallest=None, largest=None, histogram=(0,) * 12)
    return InspectReport(
        schema_version=1,
        file="odd.onnx",
        format="ONNX",
        bytes=999,
        cells=cells,
        embedding=None,
        decoder=None,
        tied=False,
        vocabulary=None,
        first_words=(),
        notes=(
            "no embedding: Conv /front/Conv lies ahead of the layers; --input gives what they read",
            "mask_zero: Keras skips word 0 as padding; here it is read like any other",
        ),
        problem="",
        parameters=65_553,
        unused=16,
        metadata=(),
        tensors=(
            broken,
            tensor("norm.weight", "", (16,), "float64", mean=1.0, deviation=0.0, smallest=1.0, largest=1.0,
                   histogram=(0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0)),
            tensor("shape", "constant", (), "int64", mean=12345678.0, deviation=0.0, smallest=-1e-9, largest=99999.0),
            nothing,
        ),
    )  # fmt: skip


def unreadable() -> InspectReport:
    """Return a file whose network can't be read."""
    names = "left (LSTM, 7 to 3); right (LSTM, 7 to 3)"
    why = f"several recurrent networks: {names}; choose with --map rnn=left, or another name"
    return replace(odd(), cells=(), notes=(), problem=why, tensors=odd().tensors[:2])


def undecided() -> InspectReport:
    """Return a file of two networks, one behind the other, of which none was chosen."""
    networks = (
        NetworkFacts("lower", "LSTM, 7 to 3", "Embedding words", False),
        NetworkFacts(
            "upper, top", "LSTM/GRU, 3 to 5", "BatchNormalization norm, Add join behind lower and side", False
        ),
        NetworkFacts("side", "can't be read: LSTM side: its bias is missing", "what the model is given", False),
    )
    names = "lower (LSTM, 7 to 3); upper, top (LSTM/GRU, 3 to 5)"
    why = f"several recurrent networks: {names}; choose with --map rnn=lower, or another name"
    return replace(unreadable(), networks=networks, problem=why)


def chosen() -> InspectReport:
    """Return the same file where one was chosen."""
    networks = tuple(replace(one, chosen=one.name == "lower") for one in undecided().networks)
    return replace(odd(), networks=networks)


def no_network() -> InspectReport:
    """Return a file without recurrent layers."""
    return replace(odd(), cells=(), notes=(), tensors=(tensor("conv.weight", "", (3, 3, 64)),))
