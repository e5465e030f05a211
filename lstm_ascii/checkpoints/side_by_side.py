"""Simple networks with one linear layer on concatenated input and state, as in PyTorch's tutorials.

Source: S. Robertson, NLP From Scratch (pytorch.org/tutorials): ``i2h`` reads ``[x; h]`` and gives the new state,
``i2o`` beside it the output; nothing squashes the state there.
"""

from __future__ import annotations

from lstm_ascii.cells.variants import Activation
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import TANH_ASSUMED, Hints, LayerDirection, Rows, Stack, numbers, zeros

_STATE, _BESIDE, _ABOVE = "i2h", "i2o", ("h2o", "o2o", "out", "fc")


def side_by_side_stacks(contents: FileContents, hints: Hints) -> list[Stack]:
    """Return the networks whose ``i2h`` is no matrix of the input alone.

    Raises:
        FileError: a tensor has a shape that does not fit.
    """
    stored, stacks = contents.tensors.stored, []
    for name, tensor in stored.items():
        prefix, dot, leaf = name.rpartition(f"{_STATE}.weight")
        if leaf or not dot or f"{prefix}h2h.weight" in stored or len(tensor.shape) != 2 or "float" not in tensor.dtype:
            continue
        rows, columns = tensor.shape
        shapes = {
            of: stored[f"{prefix}{of}.weight"].shape for of in (_BESIDE, *_ABOVE) if f"{prefix}{of}.weight" in stored
        }
        beside = shapes.get(_BESIDE, ())[1:] == (columns,)
        if 0 < rows < columns and (beside or any(shape[1:] == (rows,) for shape in shapes.values())):
            stacks.append(_stack(contents, prefix, hints, beside=beside))
    return stacks


def _stack(contents: FileContents, prefix: str, hints: Hints, *, beside: bool) -> Stack:
    """Build one network."""
    name, bias = f"{prefix}{_STATE}.weight", f"{prefix}{_STATE}.bias"
    weight = numbers(contents.path, name, contents.tensors[name])
    width = len(weight)
    added = (
        numbers(contents.path, bias, contents.tensors[bias], (width,)) if bias in contents.tensors else zeros(weight)
    )
    inputs = weight.shape[1] - width
    notes = [
        f"{shown(name)} reads input and state side by side: {inputs} values of the input first, as torch.cat has it"
    ]
    special = {"activation": Activation.named(hints.activation or ("linear" if beside else "tanh"))}
    if not hints.activation:
        linear = (
            f"no function assumed, as PyTorch's tutorial that has {_BESIDE} uses none; --activation tanh for another"
        )
        notes.append(linear if beside else TANH_ASSUMED)
    if beside:
        notes.append(f"{shown(prefix + _BESIDE)} reads input and state ahead of a step, and not its output: no answer")
    four = (weight[:, :inputs], weight[:, inputs:], added, zeros(weight))
    used = tuple(of for of in (name, bias) if of in contents.tensors)
    direction = Rows("RNN", four, special).direction({}, backward=False)
    return Stack(prefix.rstrip("."), ((LayerDirection(direction, "", used, len(used) - 1),),), tuple(notes))
