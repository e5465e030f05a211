"""ONNX graphs without a recurrent node: with unrolled cells, or with a loop."""

from __future__ import annotations

from lstm_ascii.checkpoints.choosing import best_candidate
from lstm_ascii.checkpoints.formats.contents import FileContents
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.layers import Hints, NetworkParts
from lstm_ascii.checkpoints.torch_names import torch_stacks
from lstm_ascii.errors import FileError

UNROLLED = "the graph is unrolled: read by PyTorch's names of its weights, what it does with them not looked at"
_LOOPS = ("Loop", "Scan")
_SQUASHING = ("Sigmoid", "Tanh", "Relu")
MOST_NAMED = 3


def without_nodes(contents: FileContents, hints: Hints) -> NetworkParts:
    """Return the cells whose weights have PyTorch's names; without them, nothing.

    Raises:
        FileError: what recurs lies in a loop, or step by step in the graph; it is named.
    """
    stacks = torch_stacks(contents, hints)
    if stacks:
        found = [NetworkParts(stack, notes=(*stack.notes, UNROLLED)) for stack in stacks]
        return best_candidate(contents, found, hints)
    for operation in contents.graph.operations:
        within = [kind for value in operation.attributes.values() if isinstance(value, tuple) for kind in value]
        if operation.kind in _LOOPS and any(kind in _SQUASHING for kind in within):
            kinds = ", ".join(dict.fromkeys(str(kind) for kind in within))
            raise FileError(
                f"{contents.path}: {operation.kind} {shown(operation.name)}: what recurs lies in its body ({kinds}), "
                "which is not followed; export the model with RNN, LSTM or GRU operators"
            )
    if contents.unread:
        from lstm_ascii.checkpoints.by_word import suggestion

        steps = "what recurs is written out step by step"
        other = suggestion(contents) or "export the model with RNN, LSTM or GRU operators"
        raise FileError(
            f"{contents.path}: {steps} ({'; '.join(contents.unread[:MOST_NAMED])}), and is no RNN, LSTM or GRU that "
            f"is known here; {other}"
        )
    return NetworkParts(None)
