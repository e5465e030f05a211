"""Keras: each recurrent layer's ``call`` is recorded while the model is run as its owner runs it.

So the input of a layer, its mask and its state are recorded also in nested models, wrappers and custom classes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import FileContents, RecurrentLayer, Tensors
from lstm_ascii.checkpoints.formats.keras_cells import PARTS
from lstm_ascii.checkpoints.keras_layers import direction_of
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.live import keras_gradients
from lstm_ascii.live.calls import Call, Change, Invocation, Recurrent, Run

KINDS = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "RNN"}


def keras() -> Any:
    """Return Keras, which the caller's model has loaded."""
    return sys.modules["keras"]


def is_model(model: object) -> bool:
    """Tell whether an object is a Keras model or layer, without loading Keras."""
    loaded = sys.modules.get("keras")
    return loaded is not None and hasattr(loaded, "layers") and isinstance(model, loaded.layers.Layer)


def run(invocation: Invocation, answer: Callable[[Any], Any] | None = None, change: Change | None = None) -> Run:
    """Run a model, and record the calls of its recurrent layers.

    Args:
        invocation: how the model is run.
        answer: reduces the model's output to one number, whose gradients are computed by PyTorch, if Keras runs on it.
        change: replaces the input of a layer at one step; there are no gradients then.

    Raises:
        UsageError: there is no supported layer, or none was called; or there are no gradients of the answer.
    """
    model = invocation.model
    if answer is not None:
        keras_gradients.refuse_elsewhere(keras().backend.backend())
    if not model.built:
        invocation()  # the first call builds the model, and calls its layers once more for that
    found = [layer for layer in model._flatten_layers() if isinstance(layer, keras().layers.RNN)]
    known = [layer for layer in found if type(layer.cell).__name__ in KINDS]
    unread = [layer for layer in found if layer not in known]
    if not known:
        kinds = sorted({type(layer).__name__ for layer in model._flatten_layers(include_self=False)})
        raise UsageError(
            f"expected a model with an LSTM, GRU or SimpleRNN layer, or an RNN of one of their cells; it holds "
            f"{', '.join(kinds[:6])}{', …' if len(kinds) > 6 else ''}",
            "model",
        )
    heard = _Heard(_names(model, known), answer is not None and change is None, change)
    with ExitStack() as after:
        after.enter_context(_as_it_was(model))
        for layer in known:
            after.enter_context(heard.listening(layer))
        output = invocation()
    if not heard.calls:
        raise UsageError("the model was run, and none of its recurrent layers was called", "model")
    notes = [f"{layer.name}: its cell is no LSTM, GRU or SimpleRNN of Keras' own, so it is not opened"
             for layer in unread]  # fmt: skip
    if answer is None:
        return Run(output, heard.calls, heard.layers, notes=tuple(notes))
    value, gradients = answer(output), {}
    if heard.follows:
        own = {heard.names[id(layer)]: layer for layer in known}
        gradients = keras_gradients.gradients_of(value, heard.calls, own, _numbers)
    plain = {name: [replace(call, tensors=None) for call in listed] for name, listed in heard.calls.items()}
    number = float(value.detach() if hasattr(value, "detach") else value)
    return Run(output, plain, heard.layers, number, gradients, tuple(notes))


@contextmanager
def _as_it_was(model: Any) -> Iterator[None]:
    """Put back what a run leaves behind: states that are kept, counts of what was seen, places of random numbers."""
    trained = {id(variable) for variable in model.trainable_variables}
    others = [variable for variable in model.variables if id(variable) not in trained]
    before = [(variable, keras().ops.convert_to_numpy(variable).copy()) for variable in others]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


def recurrent_layers(model: Any) -> list[Recurrent]:
    """Return the layers that can be opened, without running the model.

    Raises:
        UsageError: there is none, or one can't be opened as it is.
    """
    found = [layer for layer in model._flatten_layers() if isinstance(layer, keras().layers.RNN)]
    known = [layer for layer in found if type(layer.cell).__name__ in KINDS]
    if not known:
        raise UsageError("expected a model with an LSTM, GRU or SimpleRNN layer", "model")
    names = _names(model, known)
    return [_recurrent(names[id(layer)], layer) for layer in known if layer.built]


def _names(model: Any, layers: Sequence[Any]) -> dict[int, str]:
    """Name layers by their path within the model; two of one name get numbers."""
    names: dict[int, str] = {}
    for layer in layers:
        path = str(layer.path or layer.name).removeprefix(f"{model.name}/").replace("/", ".")
        count = sum(name == path or name.startswith(f"{path}~") for name in names.values())
        names[id(layer)] = f"{path}~{count + 1}" if count else path
    return names


class _Heard:
    """What was heard of the layers."""

    def __init__(self, names: Mapping[int, str], follows: bool, change: Change | None) -> None:
        """Take the names of the layers, whether outputs are to be followed back, and what is to be changed."""
        self.names, self.follows, self._change = names, follows, change
        self.calls: dict[str, list[Call]] = {}
        self.layers: dict[str, Recurrent] = {}

    @contextmanager
    def listening(self, layer: Any) -> Iterator[None]:
        """Stand between a layer and its ``call``."""
        own = layer.__dict__.get("call")
        layer.__dict__["call"] = partial(self._call, layer, layer.call)
        try:
            yield
        finally:
            if own is None:
                layer.__dict__.pop("call", None)
            else:
                layer.__dict__["call"] = own

    def _call(self, layer: Any, function: Callable[..., Any], sequences: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a layer, and keep what went in and came out."""
        given = args[0] if args else kwargs.get("initial_state")
        mask = args[1] if len(args) > 1 else kwargs.get("mask")
        stateful = bool(layer.stateful) and given is None
        states = [_numbers(state) for state in (layer.states if stateful else _listed(given)) if state is not None]
        name = self.names[id(layer)]
        if (change := self._change) and (change.layer, change.call) == (name, len(self.calls.get(name, ()))):
            sequences = _changed(sequences, change)
        output, tensors = function(sequences, *args, **kwargs), None
        if self.follows:
            output, tensors = keras_gradients.followed(output)
        if name not in self.layers:
            self.layers[name] = _recurrent(name, layer)
        calls = self.calls.setdefault(name, [])
        calls.append(replace(_heard(layer, sequences, states, mask, output, len(calls)), tensors=tensors))
        return output


def _changed(sequences: Any, change: Change) -> Any:
    """Return what a layer reads, with one step of it changed."""
    values = keras().ops.convert_to_numpy(sequences).copy()
    values[change.sequence, change.step] = change.vector
    return keras().ops.convert_to_tensor(values, dtype=sequences.dtype)


def _listed(states: Any) -> list[Any]:
    return [] if states is None else list(states) if isinstance(states, list | tuple) else [states]


def _numbers(value: Any) -> Array:
    """Return a tensor's numbers in double precision."""
    return np.array(keras().ops.convert_to_numpy(keras().ops.cast(value, "float32")
                                                 if "bfloat16" in str(value.dtype) else value), np.float64)  # fmt: skip


def _named(states: Sequence[Array]) -> dict[str, Array]:
    return dict(zip(("h", "c"), states, strict=False))


def _heard(layer: Any, sequences: Any, states: Sequence[Array], mask: Any, output: Any, number: int) -> Call:
    """Return one call in our shapes."""
    x = _numbers(sequences).transpose(1, 0, 2)
    reads = None if mask is None else np.asarray(keras().ops.convert_to_numpy(mask)).astype(bool).T
    whole, *last = _listed(output)
    outputs = _numbers(whole)
    finals: tuple[dict[str, Array], ...] = (_named([_numbers(state) for state in last]),) if last else ()
    if layer.return_sequences:
        steps = outputs.transpose(1, 0, 2)
        outputs = steps[::-1] if layer.go_backwards else steps  # which Keras gives in the order it reads them
    else:
        outputs = outputs[None]
    return Call(
        x, (_named(states),), bool(states), outputs, finals, reads, str(whole.dtype).rpartition(".")[2], number=number
    )


def _recurrent(name: str, layer: Any) -> Recurrent:
    """Return a layer as our cell, every setting of it honoured.

    Raises:
        UsageError: one can't be.
    """
    cell, kind = layer.cell, KINDS[type(layer.cell).__name__]
    weights = {"kernel": cell.kernel, "recurrent_kernel": cell.recurrent_kernel, "bias": cell.bias}
    tensors = {part: _numbers(weights[part]) for part in PARTS if weights[part] is not None}
    settings = {**layer.get_config(), **cell.get_config()}
    contents = FileContents("the model", "Keras", Tensors({}), {"keras_version": str(keras().__version__)})
    described = RecurrentLayer(kind, name, tensors, settings, (), (name,))
    where = f"the model: {type(layer).__name__} {name}"
    try:
        found = direction_of(contents, where, described, settings, "", bool(layer.go_backwards))
    except FileError as error:
        raise UsageError(str(error), "model") from error
    return Recurrent(name, ((found.direction,),), type(layer).__name__, bool(layer.return_sequences))
