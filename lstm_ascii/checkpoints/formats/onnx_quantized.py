"""``DynamicQuantizeLSTM``, an operator of ONNX Runtime (``com.microsoft``), as the LSTM that it stands for.

Its matrices are whole numbers and lie on their side: ``W (directions, D, 4·H)``, ``R (directions, H, 4·H)``.
"""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.checkpoints.formats.onnx_constants import Constants, Node, held
from lstm_ascii.checkpoints.formats.onnx_operations import QUANTIZED
from lstm_ascii.checkpoints.formats.scales import dequantized

_PLAIN_INPUTS = 8  # of an LSTM: X, W, R, B, sequence_lens, initial_h, initial_c, P
_MATRICES = {1: (8, 9), 2: (10, 11)}  # the places of W and R, and those of their scale and zero point


def plain_lstm(node: Node, constants: Constants) -> Node:
    """Return the LSTM that a quantized one stands for; any other operation as it is.

    Its activations are not rounded as ONNX Runtime rounds them step by step: the figures are those of the plain LSTM
    with these weights.
    """
    if node.kind != QUANTIZED:
        return node
    inputs = [*node.inputs, *[""] * (12 - len(node.inputs))]
    for place, of in _MATRICES.items():
        names = (inputs[place], *(inputs[part] for part in of))
        values = [constants.get(name) for name in names]
        if any(value is None for value in values):
            return node
        quantized, scale, zero = (value.load() for value in values if value is not None)
        if quantized.ndim != 3 or {scale.ndim, zero.ndim} - {1, 2} or scale.shape != zero.shape:
            raise constants.wrong(f"damaged: the operation {node.label} has weights or scales of wrong sizes")
        constants.spend(quantized.shape, 8)
        sizes = (len(scale), *[1] * (2 - len(scale.shape[1:])), *scale.shape[1:])
        if sizes[0] != len(quantized) or sizes[2] not in (1, quantized.shape[2]):
            raise constants.wrong(f"damaged: the operation {node.label} has weights or scales of wrong sizes")
        turned = dequantized(quantized, scale.reshape(sizes), zero.reshape(sizes)).transpose(0, 2, 1)
        name = f"{inputs[place]} dequantized"
        constants.stored[name] = held(turned)
        constants.origins[name] = frozenset(names)
        inputs[place] = name
    return replace(node, kind="LSTM", inputs=tuple(inputs[:_PLAIN_INPUTS]))
