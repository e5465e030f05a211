"""From what a file holds to the parts of a network: what can't be honoured is refused by name."""

from __future__ import annotations

from collections.abc import Collection

from lstm_ascii.checkpoints.choosing import not_finite
from lstm_ascii.checkpoints.formats.contents import Contents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.found import Hints, Recognised
from lstm_ascii.checkpoints.word_parts import with_word_parts

MOST_NAMED = 4


def recognise(contents: Contents, hints: Hints, words: int | None = None) -> Recognised:
    """Return the parts of the network in a file; without recurrent layers, nothing but that.

    Args:
        contents: of the file.
        hints: what the reader says by hand.
        words: the size of the vocabulary, where it is known.

    Raises:
        FileError: something in it can't be read right, or can be read in several ways.
    """
    if contents.format == "ONNX":
        from lstm_ascii.checkpoints.onnx_graph import onnx_network

        return onnx_network(contents, hints)
    if contents.format == "Keras":
        from lstm_ascii.checkpoints.keras_layers import keras_network

        return keras_network(contents, hints)
    from lstm_ascii.checkpoints.array_layouts import array_stacks
    from lstm_ascii.checkpoints.torch_names import torch_stacks

    stacks = [*torch_stacks(contents, hints), *array_stacks(contents, hints)]
    return with_word_parts(contents, stacks, hints, words) if stacks else Recognised(None)


def incidental(contents: Contents) -> frozenset[str]:
    """Return the names of a graph's tensors that are no weights: shapes and places, and numbers that stand alone."""
    if contents.format != "ONNX":
        return frozenset()
    return frozenset(name for name, one in contents.tensors.stored.items() if "int" in one.dtype or not one.shape)


def left_out(contents: Contents, recognised: Recognised, told: Collection[str] = ()) -> list[str]:
    """Return which tensors nothing was made of, and which layers hold NaN or infinities, safe to print.

    Tensors of which that is ``told`` already are not named again.
    """
    used, stored, notes = recognised.used.union(incidental(contents), told), contents.tensors.stored, []
    if left := [name for name in stored if name not in used]:
        named = ", ".join(map(shown, left[:MOST_NAMED])) + (", …" if len(left) > MOST_NAMED else "")
        notes.append(f"not used: {named} ({len(left)} of {len(stored)} tensors)")
    if broken := not_finite(recognised):
        notes.append(f"NaN or infinities in {', '.join(broken)}")
    return notes
