"""PyTorch: hooks on every recurrent module record its calls while the model is run as its owner runs it.

The model is left as it was: its mode, its buffers (a BatchNorm in training updates its statistics), tensors that it
keeps as attributes, its parameters' ``grad``, and the random state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import field, replace
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError
from lstm_ascii.live.calls import Call, Change, Given, Invocation, Recurrent, Run
from lstm_ascii.live.torch_modules import (
    is_cell,
    is_packed,
    numbers_of,
    precision_of,
    recurrent_modules,
    recurrent_of,
    states_of,
    steps_of,
    torch,
)
from lstm_ascii.records import dataclass


@dataclass(eq=False)
class Recorder:
    """Hooks on the recurrent modules of a model.

    Attributes:
        invocation: how the model is run.
        random: the random state before the first run.
    """

    invocation: Invocation
    random: Any = None
    _modules: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Find the recurrent modules.

        Raises:
            UsageError: there is none that takes hooks.
        """
        model = getattr(self.invocation.model, "_orig_mod", self.invocation.model)  # compiled code takes no hooks
        self.invocation = replace(self.invocation, model=model)
        self._modules = recurrent_modules(model)
        self.random = random_state()

    def run(self, answer: Callable[[Any], Any] | None = None, change: Change | None = None) -> Run:
        """Run the model.

        Args:
            answer: reduces the model's output to one number, whose gradients are computed.
            change: replaces the input of a layer at one step; there are no gradients then.

        Raises:
            UsageError: no layer was called, or the answer is no number that has a gradient.
        """
        calls: dict[str, list[Call]] = {}
        layers: dict[str, Recurrent] = {}
        follows = answer is not None and change is None
        with ExitStack() as after:
            after.enter_context(_as_it_was(self.invocation.model, self.random))
            if follows:
                after.enter_context(_with_gradients(self.invocation.model))
            for name, module in self._modules.items():
                hooks = _Hooks(name, module, calls, layers, follows, change)
                for handle in hooks.register():
                    after.callback(handle.remove)
            output = self.invocation()
            if not calls:
                raise UsageError(f"the model was run, and none of {', '.join(self._modules)} was called", "model")
            if answer is None:
                return Run(output, calls, layers)
            value = answer(output)
            gradients = _gradients(number_of(value), self._modules, calls) if follows else {}
            plain = {name: [replace(call, tensors=None) for call in listed] for name, listed in calls.items()}
            return Run(output, plain, layers, float(value.detach() if hasattr(value, "detach") else value), gradients)


def random_state() -> Any:
    """Return the state of the random numbers: of the processor, and of each GPU that is in use."""
    module = torch()
    gpus = module.cuda.get_rng_state_all() if module.cuda.is_initialized() else None
    return module.get_rng_state(), gpus


def _set_random(state: Any) -> None:
    module = torch()
    module.set_rng_state(state[0])
    if state[1] is not None:
        module.cuda.set_rng_state_all(state[1])


@contextmanager
def _as_it_was(model: Any, random: Any) -> Iterator[None]:
    """Run from a state of the random numbers, and put back everything that a run leaves behind."""
    module, before = torch(), random_state()
    lazy = module.nn.modules.lazy.LazyModuleMixin  # which gets its parameters as it runs
    kept = [(part, dict(part.__dict__), dict(part._buffers)) for part in model.modules() if not isinstance(part, lazy)]
    values = [(buffer, buffer.detach().clone()) for _, _, buffers in kept for buffer in buffers.values()
              if buffer is not None]  # fmt: skip
    _set_random(random)
    try:
        yield
    finally:
        _set_random(before)
        with module.no_grad():
            for part, attributes, buffers in kept:
                part.__dict__.clear()
                part.__dict__.update(attributes)
                part._buffers.clear()
                part._buffers.update(buffers)
            for buffer, value in values:
                buffer.copy_(value)


@contextmanager
def _with_gradients(model: Any) -> Iterator[None]:
    """Let outputs be followed back; on a GPU without cuDNN, which does that in training mode only."""
    module = torch()
    on_gpu = any(parameter.is_cuda for parameter in model.parameters())
    with ExitStack() as stack:
        stack.enter_context(module.inference_mode(False))
        stack.enter_context(module.enable_grad())
        if on_gpu:
            stack.enter_context(module.backends.cudnn.flags(enabled=False))
        yield


@dataclass(eq=False)
class _Hooks:
    """What is done before and after each call of one module."""

    name: str
    module: Any
    calls: dict[str, list[Call]]
    layers: dict[str, Recurrent]
    wants_gradients: bool
    change: Change | None
    _count: int = 0
    _before: list[Any] = field(default_factory=list)

    def register(self) -> Iterator[Any]:
        """Set the hooks; yield what removes them."""
        yield self.module.register_forward_pre_hook(self.before, with_kwargs=True)
        yield self.module.register_forward_hook(self.after)

    def before(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any] | None:
        """Keep what goes in; put something else into its place where that is asked for."""
        if not args and "input" not in kwargs:
            return None  # PyTorch says what is missing
        read = args[0] if args else kwargs["input"]
        state = args[1] if len(args) > 1 else kwargs.get("hx")
        change = self.change
        changed = None
        if change is not None and (change.layer, change.call) == (self.name, self._count):
            read = _changed(module, read, change)
            changed = ((read, *args[1:]), kwargs) if args else (args, {**kwargs, "input": read})
        self._count += 1
        self._before.append((steps_of(module, read), states_of(module, state), state is not None, random_state()))
        return changed

    def after(self, module: Any, _args: tuple[Any, ...], output: Any) -> Any:
        """Keep what comes out."""
        (x, reads), start, given, random = self._before.pop()
        if self.name not in self.layers:
            self.layers[self.name] = recurrent_of(self.name, module)
        layer, calls = self.layers[self.name], self.calls.setdefault(self.name, [])
        whole, last = (output, output) if is_cell(module) else output
        outputs, _ = steps_of(module, whole[0] if is_cell(module) and isinstance(whole, tuple) else whole)
        start = tuple(start) or tuple({} for one in layer.layers for _ in one)
        tensors = None
        if self.wants_gradients:
            output, tensors = _followed(output)
        calls.append(Call(
            x, start, given, None if is_cell(module) else outputs, tuple(states_of(module, last)), reads,
            precision_of(whole), tuple(_factors(module, layer, x, reads, random)), self._count - 1, tensors,
        ))  # fmt: skip
        return output if self.wants_gradients else None


def _factors(module: Any, layer: Recurrent, x: Array, reads: Array | None, random: Any) -> Iterator[Array]:
    """Yield what dropout multiplied with behind each layer but the last, by drawing the same numbers again.

    PyTorch draws them layer by layer, of the shape that it computes in: that of the packed steps, where they are.
    """
    if is_cell(module) or not (module.training and module.dropout and module.num_layers > 1):
        return
    now, functional = random_state(), torch().nn.functional
    width = (2 if module.bidirectional else 1) * (module.proj_size or module.hidden_size)
    steps, batch = x.shape[:2]
    order = np.argsort(-reads.sum(axis=0), kind="stable") if reads is not None else np.arange(batch)
    _set_random(random)
    try:
        for _ in layer.layers[1:]:
            drawn = torch().ones((int(reads.sum()) if reads is not None else steps * batch, width),
                                 dtype=torch().float32)  # fmt: skip
            shaped = drawn if reads is not None else drawn.reshape(steps, batch, width)
            factor = numbers_of(functional.dropout(shaped, module.dropout, training=True))
            if reads is not None:
                whole = np.ones((steps, batch, width))
                rows, columns = np.nonzero(reads[:, order])
                whole[rows, order[columns]] = factor
                factor = whole
            yield factor
    finally:
        _set_random(now)


def _followed(output: Any) -> tuple[Any, Any]:
    """Return what a module gives in a form that can be followed back, and the tensors to follow it to.

    Those behind it get copies: what they do in place would change what is followed.
    """
    tensors: list[Any] = []

    def follow(value: Any) -> Any:
        if value is None:
            return None
        if is_packed(value):
            packed = torch().nn.utils.rnn.PackedSequence
            return packed(follow(value.data), value.batch_sizes, value.sorted_indices, value.unsorted_indices)
        if isinstance(value, tuple):
            return tuple(map(follow, value))
        tensors.append(value if value.requires_grad else value.requires_grad_())
        return value.clone()

    with torch().enable_grad():
        copied = follow(output)
    return copied, (output, tensors)


def number_of(value: Any) -> Any:
    """Return an answer that is one number, and that autograd can follow back.

    Raises:
        UsageError: it is something else.
    """
    if not isinstance(value, torch().Tensor) or value.numel() != 1:
        got = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch().Tensor) else type(value).__name__
        raise UsageError(f"expected a function that makes one number of the model's output, as a tensor; got {got}",
                         "answer")  # fmt: skip
    if not value.requires_grad:
        raise UsageError("no gradient leads back from it: the model detaches its output, or runs under no_grad",
                         "answer")  # fmt: skip
    return value.reshape(())


def _gradients(answer: Any, modules: Mapping[str, Any], calls: Mapping[str, Sequence[Call]]) -> dict[
    str, list[Given | None]
]:  # fmt: skip
    """Return ∂answer/∂ what each call gave, by module."""
    every = [tensor for listed in calls.values() for call in listed for tensor in call.tensors[1]]
    found = iter(torch().autograd.grad(answer, every, allow_unused=True))
    return {
        name: [_split(modules[name], call, [next(found) for _ in call.tensors[1]]) for call in listed]
        for name, listed in calls.items()
    }


def _split(module: Any, call: Call, found: list[Any]) -> Given | None:
    """Put the gradients on a call's tensors into our shapes."""
    if all(one is None for one in found):
        return None
    filled = [torch().zeros_like(own) if one is None else one for own, one in zip(call.tensors[1], found, strict=True)]
    output = call.tensors[0]
    if is_cell(module):
        (last,) = states_of(module, tuple(filled))
        return np.zeros_like(last["h"])[None], (last,)
    first = output[0]
    if is_packed(first):
        packed = torch().nn.utils.rnn.PackedSequence
        d_first = packed(filled[0], first.batch_sizes, first.sorted_indices, first.unsorted_indices)
    else:
        d_first = filled[0]
    outputs, _ = steps_of(module, d_first)
    return outputs, tuple(states_of(module, tuple(filled[1:])))


def _changed(module: Any, read: Any, change: Change) -> Any:
    """Return what a module reads, with one step of it changed."""
    device, kind = (read.data.device, read.data.dtype) if is_packed(read) else (read.device, read.dtype)
    vector = torch().as_tensor(change.vector, dtype=kind, device=device)
    if is_packed(read):
        place = change.sequence if read.unsorted_indices is None else int(read.unsorted_indices[change.sequence])
        data = read.data.clone()
        data[int(read.batch_sizes[: change.step].sum()) + place] = vector
        return torch().nn.utils.rnn.PackedSequence(data, read.batch_sizes, read.sorted_indices, read.unsorted_indices)
    copied = read.clone()
    if is_cell(module):
        copied[... if copied.ndim == 1 else change.sequence] = vector
    elif copied.ndim == 2:
        copied[change.step] = vector
    else:
        copied[(change.sequence, change.step) if module.batch_first else (change.step, change.sequence)] = vector
    return copied
