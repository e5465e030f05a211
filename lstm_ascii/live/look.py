"""``look``: the inside of the recurrent layers of a live model, whatever comes before and after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from lstm_ascii.errors import UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.live import torch_models, torch_modules
from lstm_ascii.live.calls import Change, Invocation, Run, Unrolled, sequences_of
from lstm_ascii.live.naming import step_names
from lstm_ascii.live.results import Look


def look(
    model: Any,
    *inputs: Any,
    answer: Callable[[Any], Any] | None = None,
    call: Callable[..., Any] | None = None,
    sequence: int = 0,
    words: Sequence[str] | Sequence[Sequence[str]] = (),
    vocab: Sequence[str] | Mapping[str, int] | str | PathLike[str] = (),
    **arguments: Any,
) -> Look:
    """Run a model on your own input, and compute all gates and states of its recurrent layers.

    Args:
        model: a PyTorch module or a Keras model, with any front end and any head; or a state dict or the path of a file
            of weights, which our own engine runs.
        inputs: the arguments of the model: ``look(model, batch, lengths)``. For weights a sentence, word indices
            ``(T,)``, or vectors ``(T, D)`` or ``(T, B, D)``. For an ONNX model a dictionary of arrays by the names of
            its inputs; ONNX Runtime then runs the whole model.
        answer: reduces the model's output to one number: ``lambda out: out[0, 3]``, or a loss. Its gradients on every
            state and gate are computed. For PyTorch, and for Keras on PyTorch: other backends keep no graph of a call,
            and ONNX Runtime gives no gradients.
        call: called instead of the model: ``model.generate``.
        sequence: the sequence of the batch that is shown step by step, from 0.
        words: names of the steps; one list, or a list for each sequence.
        vocab: the words by their indices in the model's input, to name the steps: a list, a dictionary, or a file.
        arguments: keyword arguments of the model.

    Returns:
        The layers' gates, states and gradients as arrays ``(T, B, H)``; printed, a page. The model is left unchanged.

    Raises:
        UsageError: no recurrent layer of a supported kind is in the model or was called, the answer is not a number, or
            a parameter is of another type.
        FileError: a file can't be read.

    >>> import torch
    >>> from lstm_ascii import look
    >>> model = torch.nn.Sequential(torch.nn.Embedding(20, 8), torch.nn.LSTM(8, 16, batch_first=True))
    >>> seen = look(model, torch.tensor([[3, 1, 4, 1, 5]]))
    >>> seen["1"].gates["forget"].shape
    (5, 1, 16)
    >>> seen.agrees
    True
    """
    for name, function in (("answer", answer), ("call", call)):
        if function is not None and not callable(function):
            raise UsageError(f"expected a function, got {type(function).__name__}", name)
    seen = _seen(Invocation(model, inputs, arguments, call), answer)
    seen.sequence = sequence
    if words:
        seen.words = words
    elif named := step_names(vocab, (*inputs, *arguments.values()), seen):
        seen.words = named
    return seen


def _seen(invocation: Invocation, answer: Callable[[Any], Any] | None) -> Look:
    """Choose the framework that runs the model, and refuse parameters that it doesn't support."""
    from lstm_ascii.live import keras_models, weights

    model, inputs = invocation.model, invocation.inputs
    if keras_models.is_model(model) or torch_modules.is_module(model):
        return _live(invocation, answer)
    live_only = [name for name, given in (("answer", answer), ("call", invocation.function)) if given is not None]
    if isinstance(model, str | PathLike) and len(inputs) == 1 and isinstance(inputs[0], Mapping):
        if live_only:
            raise UsageError("ONNX Runtime runs a graph as a whole, and gives no gradients; leave it out", live_only[0])
        from lstm_ascii.live import onnx_models

        return _look("ONNX Runtime", model, onnx_models.run(Path(model), inputs[0]))
    if weights.is_weights(model):
        if live_only:
            raise UsageError("is for a live model; weights alone have none to call", live_only[0])
        return weights.look_into(model, inputs, invocation.arguments)
    raise UsageError(
        f"expected a PyTorch or Keras model, a state dict or the path of a file of weights, got {type(model).__name__}",
        "model",
    )


def _live(invocation: Invocation, answer: Callable[[Any], Any] | None) -> Look:
    """Run a PyTorch or Keras model, which can be run again with a step changed."""
    from lstm_ascii.live import keras_models

    model = invocation.model
    of_keras = keras_models.is_model(model)  # first: on PyTorch a Keras model is a module, too
    recorder = None if of_keras else torch_models.Recorder(invocation)

    def run(change: Change | None = None) -> Run:
        if recorder is None:
            return keras_models.run(invocation, answer, change)
        return recorder.run(answer, change)

    def again(change: Change) -> tuple[Any, float | None]:
        found = run(change)
        return found.output, found.answer

    first = run()
    return _look("Keras" if of_keras else "PyTorch", model, first, first.gradients if answer else None, again)


def _look(framework: str, model: Any, run: Run, gradients: Any = None, again: Any = None) -> Look:
    """Return the look at a run."""
    unrolled: list[Unrolled] = []
    for name, calls in run.calls.items():
        unrolled += sequences_of(run.layers[name], calls)
    name = visible(Path(model).name) if isinstance(model, str | PathLike) else type(model).__name__
    return Look(name, framework, run.output, unrolled, gradients, run.answer, again, run.notes)
