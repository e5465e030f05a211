"""Keras on PyTorch: an answer is followed back to what each recurrent layer gave, in our shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.live.calls import Call, Given
from lstm_ascii.live.torch_models import number_of
from lstm_ascii.live.torch_modules import torch

BACKEND = "torch"


def refuse_elsewhere(backend: str) -> None:
    """Refuse a backend that keeps no graph of what it computed.

    Raises:
        UsageError: it is not PyTorch.
    """
    if backend != BACKEND:
        raise UsageError(
            f"its gradient is followed back by PyTorch, and Keras runs on {backend} here, which keeps no graph of a "
            "call; set KERAS_BACKEND=torch, or leave it out",
            "answer",
        )


def followed(output: Any) -> tuple[Any, list[Any]]:
    """Return what a layer gives as copies that can be followed back, and the tensors to follow them to.

    Outputs and last state may be one tensor: each gets its own, so that no gradient counts twice.
    """
    listed = isinstance(output, list | tuple)
    with torch().enable_grad():
        own = [value.clone() if value.requires_grad else value.detach().requires_grad_()
               for value in (output if listed else [output])]  # fmt: skip
        copies = [value.clone() for value in own]
    return (type(output)(copies) if listed else copies[0]), own


def gradients_of(
    answer: Any, calls: Mapping[str, Sequence[Call]], layers: Mapping[str, Any], numbers: Callable[[Any], Array]
) -> dict[str, list[Given | None]]:
    """Return ∂answer/∂ what each call gave, by layer.

    Args:
        answer: a tensor of one number.
        calls: whose ``tensors`` are those of :func:`followed`.
        layers: Keras' own, by the same names.
        numbers: turns a tensor into an array.

    Raises:
        UsageError: the answer is no number that can be followed back.
    """
    every = [tensor for listed in calls.values() for call in listed for tensor in call.tensors]
    found = iter(torch().autograd.grad(number_of(answer), every, allow_unused=True))
    gradients: dict[str, list[Given | None]] = {}
    for name, listed in calls.items():
        of_calls = [[next(found) for _ in call.tensors] for call in listed]
        gradients[name] = [
            _given(layers[name], call, [None if one is None else numbers(one) for one in some])
            for call, some in zip(listed, of_calls, strict=True)
        ]
    return gradients


def _given(layer: Any, call: Call, found: Sequence[Array | None]) -> Given | None:
    """Put the gradients on what a call gave into our shapes."""
    if all(one is None for one in found):
        return None
    whole, *last = found
    finals = {name: value for name, value in zip(("h", "c"), last, strict=False) if value is not None}
    steps, batch = call.x.shape[:2]
    outputs = np.zeros((steps, batch, layer.cell.units))
    if whole is not None and not layer.return_sequences:
        finals["h"] = finals.get("h", 0.0) + whole
    elif whole is not None:
        turned = whole.transpose(1, 0, 2)
        outputs = turned[::-1] if layer.go_backwards else turned
        if call.reads is not None:
            outputs = _on_what_was_read(outputs, call.reads, layer)
    return outputs, (finals,)


def _on_what_was_read(outputs: Array, reads: npt.NDArray[np.bool_], layer: Any) -> Array:
    """Return the gradient on the steps that were read: a skipped one gives what stood there before, or zeros."""
    moved = np.zeros_like(outputs)
    for column in range(outputs.shape[1]):
        before = None
        for step in _steps(len(outputs), layer.go_backwards):
            before = step if reads[step, column] else before
            if reads[step, column] or (before is not None and not layer.zero_output_for_mask):
                moved[before, column] += outputs[step, column]
    return moved


def _steps(count: int, backward: bool) -> Iterator[int]:
    return iter(range(count - 1, -1, -1) if backward else range(count))
