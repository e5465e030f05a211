"""A Keras model as layers in an order in which they can be executed.

Models within models are laid out flat, and so are the cells of an ``RNN``: ``inner/lstm``, ``rnn/lstm_cell``. A layer
that is used again stands there again. What only code of somebody's own could do keeps its place, as a kind of layer
that Keras hasn't; so nothing is read through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.keras_cells import cells_within, inner_layer
from lstm_ascii.checkpoints.formats.keras_config import INPUT, MODELS, MOST_LAYERS, Entry, Reference, Wrong, entries_of
from lstm_ascii.checkpoints.formats.keras_config import references as references_of
from lstm_ascii.records import dataclass

DEEPEST = 20  # models within models
STATE = "State"  # what a layer gives beside its outputs
CONTAINER = "layers"  # of the layers of a model, in an archive

Values = dict[tuple[str, int], tuple[str, ...]]  # what each use of a layer gives, by name


@dataclass(frozen=True, eq=False)
class Layer:
    """One use of one layer.

    Attributes:
        kind: its class.
        name: its own, behind those of the models that it is in.
        config: its settings.
        inputs: the layers that it reads.
        group: where an archive keeps its weights.
        within: its own name behind those of the models that it is in, as an ``.h5`` has them.
        shared: the layer whose weights it has, where that is used again; else empty.
    """

    kind: str
    name: str
    config: dict[str, Any]
    inputs: tuple[str, ...]
    group: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    shared: str = ""

    @property
    def inner(self) -> str:
        """The class of the layer within a wrapper such as Bidirectional; its own otherwise."""
        return inner_layer(self.config.get("layer"))[0] or self.kind


@dataclass(frozen=True, eq=False)
class Model:
    """A model, laid out flat.

    Attributes:
        layers: in an order in which they can be done.
        inputs, outputs: names of layers.
        foreign: what only code of somebody's own could honour, in words.
    """

    layers: tuple[Layer, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    foreign: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a model stands within others."""

    prefix: str = ""
    group: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


def model_of(config: dict[str, Any], wrong: Wrong) -> Model:
    """Return the model that a file describes.

    Raises:
        FileError: it is none of layers, or damaged.
    """
    if config.get("class_name") not in MODELS:
        kind, known = shown(config.get("class_name")), "/".join(MODELS[:2])
        raise wrong(f"is of class {kind}, which only its own code can build; {known} can be read")
    layout = _Layout(wrong)
    inputs, outputs = layout.model(config, _Place(), None)
    return Model(tuple(layout.layers.values()), inputs, outputs, tuple(layout.foreign))


@dataclass(eq=False)
class _Layout:
    """The layers that were placed so far, by name."""

    wrong: Wrong
    layers: dict[str, Layer] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)

    def model(
        self, described: dict[str, Any], place: _Place, feed: Sequence[str] | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Place the layers of a model; return the names of what goes in and what comes out.

        Args:
            described: its class and its settings.
            place: where it stands.
            feed: the names of what goes in; ``None`` for the whole model.
        """
        if len(place.within) > DEEPEST:
            raise self.wrong(f"damaged: more than {DEEPEST} models within models")
        entries = entries_of(described, self.wrong)
        settings = described["config"]
        ends = settings if isinstance(settings, dict) else {}
        if described["class_name"] == "Sequential":
            given = [] if not entries else [entries[0].name] if entries[0].kind == "InputLayer" else [INPUT]
            ends_at = [(entries[-1].name, 0, 0)] if entries else []
        else:
            given = [name for name, *_ in references_of(ends.get("input_layers"))]
            ends_at = references_of(ends.get("output_layers"))
        values: Values = {(INPUT, 0): (INPUT,) if feed is None else tuple(feed[:1])}
        feeds = dict(zip(given, feed or (), strict=False))
        waiting = [(entry, call) for entry in entries for call in range(len(entry.calls))]
        while waiting:
            left = []
            for entry, call in waiting:
                if all(self._found(values, at) for at in entry.calls[call]):
                    fed = (feeds[entry.name],) if entry.kind == "InputLayer" and entry.name in feeds else ()
                    reads = fed + tuple(self._value(values, at) for at in entry.calls[call])
                    values[entry.name, call] = self._use(entry, call, place, reads)
                else:
                    left.append((entry, call))
            if len(left) == len(waiting):
                raise self.wrong(f"damaged: the layer {shown(left[0][0].name)} reads something that is not there")
            waiting = left
        outputs = tuple(self._value(values, at) for at in ends_at if self._found(values, at))
        return tuple(place.prefix + name if name != INPUT else name for name in given), outputs

    def _found(self, values: Values, at: Reference) -> tuple[str, ...]:
        """Return what a use of a layer gives, empty where that isn't placed yet.

        Older files count one use more than they list.
        """
        name, call, _ = at
        return values.get((name, call)) or (values.get((name, call - 1)) if call else None) or ()

    def _value(self, values: Values, at: Reference) -> str:
        """Return the name of what a reference points to; the states of a layer are operations of their own."""
        given = self._found(values, at)
        if 0 <= at[2] < len(given):
            return given[at[2]]
        name = f"{given[0]} ({STATE.lower()} {at[2]})"
        if name not in self.layers:
            self._add(Layer(STATE, name, {}, given[:1]))
        return name

    def _add(self, layer: Layer) -> None:
        if len(self.layers) >= MOST_LAYERS:
            raise self.wrong(f"has more than {MOST_LAYERS} layers")
        if layer.name in self.layers:
            raise self.wrong("damaged: two layers have one name")
        self.layers[layer.name] = layer

    def _use(self, entry: Entry, call: int, place: _Place, reads: tuple[str, ...]) -> tuple[str, ...]:
        """Place one use of an entry; return the names of what it gives."""
        name = place.prefix + entry.name
        used = f"{name} (use {call + 1})" if call else name
        group, within = (*place.group, CONTAINER, entry.group), (*place.within, entry.name)
        shared = name if call else ""
        if entry.foreign:
            if not call:
                self.foreign.append(entry.foreign)
            kind = entry.kind if entry.kind == "Lambda" else f"{entry.kind} (not Keras')"
            self._add(Layer(kind, used, {}, reads, group, within, shared))
            return (used,)
        if entry.is_model and not call:
            described = {"class_name": entry.kind, "config": entry.config}
            return self.model(described, _Place(f"{name}/", group, within), reads)[1] or (name,)
        cells = cells_within(entry.kind, entry.config)
        if not cells:
            self._add(Layer(entry.kind, used, entry.config, reads, group, within, shared))
            return (used,)
        for cell in cells:
            below = (*group, "cell", "cells", cell.group) if cell.group else group
            own = (*within, cell.name) if cell.group else within
            one = f"{used}/{cell.group}" if len(cells) > 1 else used
            first = f"{name}/{cell.group}" if len(cells) > 1 else name
            self._add(Layer(cell.kind, one, cell.config, reads, below, own, first if call else ""))
            reads = (one,)
        return reads
