"""A live model while it is trained: what its recurrent layers do, written line by line to a file.

PyTorch and Keras are never loaded: a model of theirs has done that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.layer import merged
from lstm_ascii.live import keras_models, torch_models, torch_modules
from lstm_ascii.live.calls import Call, Invocation, Recurrent
from lstm_ascii.reports.watch.budget import SHARE, Recorder
from lstm_ascii.reports.watch.measuring import SEQUENCES, STEPS, Heard, Layer

FILE, EVERY = "watch.jsonl", 50
MOST_CALLS = 64  # of a cell in a loop that are kept between two reports


class _Model(Protocol):
    """What is asked of a framework's model."""

    def listen(self) -> None:
        """Keep what the recurrent layers read, from now on."""
        ...

    def layers(self) -> list[Layer]:
        """Return the layers as they are now."""
        ...

    def close(self) -> None:
        """Let go of the model."""
        ...

    def on_steps(self, step: Callable[[], None]) -> None:
        """Call back after every step of training."""
        ...


class Watch:
    """Monitor the training of a model: call ``step()`` in the loop, or use it in a ``with`` statement around the loop.

    For each recurrent layer a report has the norms of weights and gradients by gate, statistics of the gates on the
    layer's last input, forget bias, spectral radius, the size of the memory, the horizon of the gradient, and the
    findings of ``doctor``. ``lstm-ascii watch FILE`` draws the file, also while it grows.

    >>> import torch
    >>> from lstm_ascii import Watch
    >>> model = torch.nn.LSTM(4, 8)
    >>> watching = Watch(model, "watch.jsonl", every=1, share=1.0)
    >>> for _ in range(3):
    ...     loss = model(torch.ones(5, 2, 4))[0].square().mean()
    ...     loss.backward()
    ...     watching.step(loss=loss)
    >>> watching.close()
    >>> watching.reports
    3
    """

    def __init__(
        self,
        model: Any,
        path: str | PathLike[str] = FILE,
        *,
        every: int = EVERY,
        share: float = SHARE,
        probe: Any = None,
        step: int = 0,
    ) -> None:
        """Begin to watch.

        Args:
            model: a PyTorch module or a Keras model.
            path: of the file; an existing file of an earlier training is continued.
            every: the minimum number of steps between two reports; they are rarer if they would take too long.
            share: the maximum share of the training's time that watching takes, 0.05 for 5 %.
            probe: a fixed input of the model, on which gates are measured; by default they are measured on the last
                input of each layer in PyTorch, and not at all in Keras.
            step: the number of the step from which the training continues.

        Raises:
            UsageError: the model is of another kind, or has no recurrent layer.
            FileError: the file can't be written, or is not a file of this kind.
        """
        if not isinstance(every, int) or isinstance(every, bool) or every < 1:
            raise UsageError(f"expected a whole number from 1, got {every!r}", "every")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise UsageError(f"expected a share above 0, up to 1, got {share!r}", "share")
        inputs = () if probe is None else probe if isinstance(probe, tuple) else (probe,)
        self._model: _Model
        if keras_models.is_model(model):  # first: on PyTorch a Keras model is a module, too
            self._model = _Keras(model, inputs)
        elif torch_modules.is_module(model):
            self._model = _Torch(model, inputs)
        else:
            raise UsageError(f"expected a PyTorch module or a Keras model, got {type(model).__name__}", "model")
        self._recorder = Recorder(Path(fspath(path)), every, share, step=step)
        self._told: Any = None
        self._listens = False
        self._closed = False
        if every == 1:
            self._listen()

    @property
    def reports(self) -> int:
        """The number of reports so far."""
        return self._recorder.reports

    @property
    def cost(self) -> float:
        """The share of the time so far that watching has taken."""
        return self._recorder.budget.used

    def step(self, loss: Any = None) -> None:
        """Count a step of the training, and write a report if one is due; call it while the gradients still exist.

        Args:
            loss: of this step: a number, or a tensor of one element.
        """
        if self._closed:
            return
        recorder = self._recorder
        recorder.step += 1
        if loss is not None:
            self._told = loss.detach() if hasattr(loss, "detach") else loss  # or it would hold the step's graph
        due = recorder.is_due(recorder.step)
        if due and self._listens:
            self._listens = False
            with recorder.budget.spending():
                layers = self._model.layers()
                told = None if self._told is None else float(self._told)
            recorder.report(layers, told)
            due = False
        if due or recorder.is_due(recorder.step + 1):
            self._listen()  # the report is of the next step: what the layers read in it is kept

    def _listen(self) -> None:
        self._listens = True
        with self._recorder.budget.spending():
            self._model.listen()

    def close(self) -> None:
        """Say that the training is over."""
        if not self._closed:
            self._closed = True
            self._model.close()
            self._recorder.close()

    def __enter__(self) -> Self:
        """Watch every step of the optimizers that hold the model's parameters."""
        self._model.on_steps(self.step)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop watching."""
        self.close()

    def callback(self) -> Any:
        """Return a callback for ``fit`` of Keras: a step a batch, with its loss.

        Raises:
            UsageError: Keras is not there.
        """
        with suppress(KeyError):
            return _keras_callback(self)
        raise UsageError("is for Keras, which is not loaded", "callback")


def watch(
    model: Any,
    path: str | PathLike[str] = FILE,
    *,
    every: int = EVERY,
    share: float = SHARE,
    probe: Any = None,
    step: int = 0,
) -> Watch:
    """Monitor a model in a ``with`` statement around the code that trains it; see :class:`Watch` for the parameters.

    >>> import torch
    >>> from lstm_ascii import watch
    >>> model = torch.nn.LSTM(4, 8)
    >>> optimizer = torch.optim.Adam(model.parameters())
    >>> with watch(model, "watch.jsonl", every=1, share=1.0) as watching:
    ...     for _ in range(2):
    ...         model(torch.ones(5, 2, 4))[0].square().mean().backward()
    ...         optimizer.step()
    >>> watching.reports
    2
    """
    return Watch(model, path, every=every, share=share, probe=probe, step=step)


class _Torch:
    """A PyTorch module."""

    def __init__(self, model: Any, probe: Sequence[Any]) -> None:
        self._model = getattr(model, "_orig_mod", model)  # compiled code takes no hooks
        self._modules = torch_modules.recurrent_modules(self._model)
        self._probe = probe
        self._hooks: list[Any] = []
        self._heard: dict[str, list[tuple[Any, Any]]] = {}
        self._handle: Any = None

    def listen(self) -> None:
        if self._hooks or self._probe:
            return
        self._heard = {}
        for name, module in self._modules.items():

            def keep(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str = name) -> None:
                read = args[0] if args else kwargs["input"]
                state = args[1] if len(args) > 1 else kwargs.get("hx")
                calls = self._heard.setdefault(name, [])
                if not torch_modules.is_cell(module):
                    calls.clear()
                if len(calls) < MOST_CALLS:
                    calls.append(torch_modules.sampled(module, read, state, SEQUENCES, STEPS))

            self._hooks.append(module.register_forward_pre_hook(keep, with_kwargs=True))

    def layers(self) -> list[Layer]:
        calls: dict[str, list[Call]] = {}
        if self._probe:
            calls = torch_models.Recorder(Invocation(self._model, self._probe)).run().calls
        for name, heard in self._heard.items():
            calls[name] = [torch_modules.call_of(self._modules[name], *one) for one in heard]
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._heard = [], {}
        found: list[Layer] = []
        for name, module in self._modules.items():
            layer = torch_modules.recurrent_of(name, module)
            found += _layers(layer, torch_modules.gradients_of(module), calls.get(name, []))
        return found

    def close(self) -> None:
        for hook in [*self._hooks, self._handle]:
            if hook is not None:
                hook.remove()
        self._hooks, self._handle = [], None

    def on_steps(self, step: Callable[[], None]) -> None:
        own = {id(parameter) for parameter in self._model.parameters()}

        def after(optimizer: Any, _args: Any, _kwargs: Any) -> None:
            if any(id(one) in own for group in optimizer.param_groups for one in group["params"]):
                step()

        register = getattr(sys.modules.get("torch.optim.optimizer"), "register_optimizer_step_post_hook", None)
        if register is None:
            raise UsageError("this PyTorch doesn't tell when an optimizer steps; call step() of a Watch in your loop",
                             "model")  # fmt: skip
        self._handle = register(after)


class _Keras:
    """A Keras model."""

    def __init__(self, model: Any, probe: Sequence[Any]) -> None:
        self._model, self._probe = model, probe
        keras_models.recurrent_layers(model)

    def listen(self) -> None:
        """Do nothing: what a compiled step reads can't be kept."""

    def layers(self) -> list[Layer]:
        if self._probe:
            run = keras_models.run(Invocation(self._model, self._probe))
            return [layer for name, one in run.layers.items() for layer in _layers(one, [], run.calls[name])]
        return [layer for one in keras_models.recurrent_layers(self._model) for layer in _layers(one, [], [])]

    def close(self) -> None:
        """Do nothing: nothing was changed."""

    def on_steps(self, step: Callable[[], None]) -> None:
        del step
        raise UsageError("Keras tells its steps to callbacks only: fit(..., callbacks=[Watch(model).callback()])",
                         "model")  # fmt: skip


def _layers(layer: Recurrent, gradients: Sequence[dict[str, Array]], calls: Sequence[Call]) -> Iterator[Layer]:
    """Return every direction of a layer with what it read."""
    heard = _heard(layer, calls)
    grads = iter(gradients)
    for number, ways in enumerate(layer.layers, 1):
        for way in ways:
            name = layer.name + (f", layer {number}" if len(layer.layers) > 1 else "")
            if len(ways) > 1 or way.backward:
                name += ", backward" if way.backward else ", forward"
            yield Layer(name, way, next(grads, {}), next(heard, None))


def _heard(layer: Recurrent, calls: Sequence[Call]) -> Iterator[Heard]:
    """Yield what each direction of a layer read, of the last call; of a cell all calls side by side."""
    if not calls:
        return
    x, starts = _sampled(calls)
    place = 0
    for ways in layer.layers:
        outputs = []
        for way in ways:
            heard = Heard(x, starts[place] if place < len(starts) else {})
            place += 1
            yield heard
            outputs.append(way.ordered(way.trace(x, heard.start).h))
        x = merged(outputs, ways[0].merge)


def _sampled(calls: Sequence[Call]) -> tuple[Array, list[dict[str, Array]]]:
    """Return some sequences ``(T, B, D)`` of one length, and the states that they start from."""
    if len(calls) > 1 and all(len(call.x) == 1 for call in calls):  # a cell: each call is a sequence of its own
        states = [call.start[0] if call.start else {} for call in calls]
        names = set.intersection(*(set(state) for state in states))
        x = np.concatenate([call.x[0] for call in calls])[None]
        return x, [{name: np.concatenate([state[name] for state in states]) for name in names}]
    call = calls[-1]
    steps, batch = call.x.shape[:2]
    lengths = np.full(batch, steps) if call.reads is None else call.reads.sum(axis=0)
    longest = np.argsort(-lengths, kind="stable")[:SEQUENCES]
    length = max(1, min(STEPS, int(lengths[longest].min(initial=steps))))
    return call.x[:length, longest], [{name: value[longest] for name, value in one.items()} for one in call.start]


def _keras_callback(watching: Watch) -> Any:
    """Return the callback."""
    base = keras_models.keras().callbacks.Callback

    class WatchCallback(base):  # type: ignore[misc, valid-type]
        """Tells a :class:`Watch` of every batch."""

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            """Tell one step."""
            del batch
            loss = (logs or {}).get("loss")
            watching.step(None if loss is None else float(loss))

        def on_train_end(self, logs: Any = None) -> None:
            """Tell the end."""
            del logs
            watching.close()

    return WatchCallback()
