"""PyTorch's recurrent modules as they are: what they read and give in our shapes, and their weights as our cells."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.variants import GENERAL, Activation
from lstm_ascii.errors import UsageError
from lstm_ascii.layer import Direction, Layer
from lstm_ascii.live.calls import Call, Recurrent

KINDS = {"LSTM": "LSTM", "GRU": "GRU", "RNN_TANH": "RNN", "RNN_RELU": "RNN"}  # by PyTorch's mode
PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def torch() -> Any:
    """Return PyTorch, which the caller's model has loaded."""
    return sys.modules["torch"]


def is_module(model: object) -> bool:
    """Tell whether an object is a PyTorch module, without loading PyTorch."""
    loaded = sys.modules.get("torch.nn")
    return loaded is not None and isinstance(model, loaded.Module)


def recurrent_modules(model: Any) -> dict[str, Any]:
    """Return the recurrent modules of a model by name.

    Raises:
        UsageError: there is none that takes hooks.
    """
    nn = torch().nn
    kinds = (nn.RNNBase, nn.RNNCellBase)
    found = {
        name or type(module).__name__.lower(): module
        for name, module in model.named_modules()
        if isinstance(module, kinds)
    }
    if not found:
        raise UsageError(_none_in(model), "model")
    return found


def sampled(module: Any, read: Any, state: Any, sequences: int, steps: int) -> tuple[Any, Any]:
    """Return some of what a module reads, and of its states, as views without their history; packed steps all."""
    few = slice(sequences)

    def some(tensor: Any) -> Any:
        tensor = tensor.detach()
        if tensor.ndim == 1:
            return tensor
        return tensor[few] if is_cell(module) else tensor[:, few] if tensor.ndim == 3 else tensor

    if is_packed(read):
        packed = torch().nn.utils.rnn.PackedSequence
        kept = packed(read.data.detach(), read.batch_sizes, read.sorted_indices, read.unsorted_indices)
        states = None if state is None else tuple(one.detach() for one in _listed(state))
        return kept, states
    x = read.detach()
    if is_cell(module):
        x = x if x.ndim == 1 else x[few]
    elif x.ndim == 3:
        x = x[few, :steps] if module.batch_first else x[:steps, few]
    else:
        x = x[:steps]
    return x, None if state is None else tuple(map(some, _listed(state)))


def _listed(state: Any) -> tuple[Any, ...]:
    return state if isinstance(state, tuple) else (state,)


def call_of(module: Any, read: Any, state: Any) -> Call:
    """Return what a module read in our shapes; what it gave is not known."""
    x, reads = steps_of(module, read)
    return Call(x, tuple(states_of(module, state)), state is not None, None, reads=reads)


def gradients_of(module: Any) -> list[dict[str, Array]]:
    """Return the gradients that autograd left on a module's parameters, for each direction from the first layer up."""
    if is_cell(module):
        endings = [""]
    else:
        ways = ("", "_reverse") if module.bidirectional else ("",)
        endings = [f"_l{number}{way}" for number in range(module.num_layers) for way in ways]
    found = []
    for ending in endings:
        values = {part: getattr(getattr(module, f"{part}{ending}", None), "grad", None) for part in PARTS}
        found.append({part: numbers_of(value) for part, value in values.items() if value is not None})
    return found


def _none_in(model: Any) -> str:
    """Say that nothing in a model takes hooks, and what may be done."""
    if type(model).__module__.startswith("torch.jit"):
        return (
            "a TorchScript module takes no hooks; give the module that it was made of, or save it and look at its file"
        )
    kinds = sorted({type(module).__name__ for module in model.modules()})
    some = f"{', '.join(kinds[:6])}{', …' if len(kinds) > 6 else ''}"
    return (
        "expected a model with an nn.RNN, LSTM or GRU, or a cell of these, in it; a recurrent layer that is quantized "
        f"or written by hand can't be opened. It holds {some}"
    )


def is_cell(module: Any) -> bool:
    """Tell whether a module makes one step a call."""
    return isinstance(module, torch().nn.RNNCellBase)


def numbers_of(tensor: Any) -> Array:
    """Return a copy of a tensor's numbers in double precision."""
    array: Array = tensor.detach().to(device="cpu", dtype=torch().float64, copy=True).numpy()
    return array


def precision_of(output: Any) -> str:
    """Return the type of what a module gives."""
    first = output[0] if isinstance(output, tuple) and not is_packed(output) else output
    tensor = first.data if is_packed(first) else first
    return str(tensor.dtype).removeprefix("torch.")


def is_packed(value: Any) -> bool:
    """Tell whether sequences of different lengths are packed."""
    return isinstance(value, torch().nn.utils.rnn.PackedSequence)


def steps_of(module: Any, value: Any) -> tuple[Array, Array | None]:
    """Return vectors as ``(T, B, D)``, and which of them are read, where that is not all of them."""
    if is_packed(value):
        padded, lengths = torch().nn.utils.rnn.pad_packed_sequence(value)
        return numbers_of(padded), np.arange(len(padded))[:, None] < lengths.numpy()
    numbers = numbers_of(value)
    if is_cell(module):
        return (numbers[None, None] if numbers.ndim == 1 else numbers[None]), None
    if numbers.ndim == 2:
        return numbers[:, None], None
    return (numbers.transpose(1, 0, 2) if module.batch_first else numbers), None


def states_of(module: Any, states: Any) -> Iterator[dict[str, Array]]:
    """Yield the states of each direction from the first layer up, ``(B, H)``."""
    if states is None:
        return
    named = dict(zip(("h", "c"), states if isinstance(states, tuple) else (states,), strict=False))
    arrays = {name: numbers_of(value) for name, value in named.items()}
    if is_cell(module):
        yield {name: value[None] if value.ndim == 1 else value for name, value in arrays.items()}
        return
    arrays = {name: value[:, None] if value.ndim == 2 else value for name, value in arrays.items()}
    for place in range(len(arrays["h"])):
        yield {name: value[place] for name, value in arrays.items()}


def recurrent_of(name: str, module: Any) -> Recurrent:
    """Return a module as our cells."""
    kind = type(module).__name__
    if is_cell(module):
        base = next(cell for cell in ("LSTM", "GRU", "RNN") if isinstance(module, getattr(torch().nn, f"{cell}Cell")))
        activation = getattr(module, "nonlinearity", "tanh")
        arrays = {part: getattr(module, part, None) for part in PARTS}
        return Recurrent(name, ((_direction(base, arrays, activation, False),),), kind)
    activation = "relu" if module.mode == "RNN_RELU" else "tanh"
    ways = ("", "_reverse") if module.bidirectional else ("",)
    layers: tuple[Layer, ...] = tuple(
        tuple(
            _direction(KINDS[module.mode], _weights(module, f"_l{number}{way}"), activation, way != "") for way in ways
        )
        for number in range(module.num_layers)
    )
    return Recurrent(name, layers, kind, batch_first=module.batch_first)


def _weights(module: Any, ending: str) -> dict[str, Any]:
    """Return the parameters of one direction as the module uses them: a parametrisation may make them anew."""
    names = [f"{part}{ending}" for part in (*PARTS, "weight_hr")]
    return {name.removesuffix(ending): getattr(module, name, None) for name in names}


def _direction(kind: str, arrays: Mapping[str, Any], activation: str, backward: bool) -> Direction:
    """Return our cell with a module's parameters."""
    weight = numbers_of(arrays["weight_hh"])
    four = [
        np.zeros(len(weight)) if arrays.get(part) is None else numbers_of(arrays[part]) for part in PARTS
    ]  # without biases
    special: dict[str, Any] = {}
    if arrays.get("weight_hr") is not None:
        special["weight_hr"] = numbers_of(arrays["weight_hr"])
    if kind == "RNN":
        special["activation"] = Activation.named(activation)
    return Direction(GENERAL[kind](*four, **special).simplest(), {}, backward)
