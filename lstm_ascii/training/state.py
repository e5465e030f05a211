"""A training on disk: all that is needed to go on with it, in one file beside the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.cells.initial import LARGEST_HIDDEN
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.errors import FileError, argument
from lstm_ascii.training.recipe import RECIPES, Recipe

FORMAT = "lstm-ascii state 1"
ENDING = ".state"
_STEPS = "adam.steps"
_LONGEST_PATH = 4096  # characters
_LARGEST_BATCH = 1 << 20  # words a step
_KINDS: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool}


@dataclass(frozen=True)
class Point:
    """What a training reported at one step.

    Attributes:
        step: batches done.
        loss: in training, weighted as the recipe says; the mean since the point before.
        validation: nats a word on texts that it isn't trained on, every word counted once.
        agreement: share of held-out minimal pairs that are right; ``None`` for a text of one's own.
    """

    step: int
    loss: float
    validation: float
    agreement: float | None


@dataclass(frozen=True, eq=False)
class State:
    """A training as it was at its last report.

    Attributes:
        recipe: how it is trained.
        vocabulary: the words.
        corpus: the text that it is trained on; empty for agreement English.
        most_words: that were asked for from the text.
        seconds: spent so far.
        history: its reports so far.
        arrays: parameters and the optimiser's means by name, and ``adam.steps``.
    """

    recipe: Recipe
    vocabulary: tuple[str, ...]
    corpus: str
    most_words: int
    seconds: float
    history: tuple[Point, ...]
    arrays: Mapping[str, Array]

    @property
    def step(self) -> int:
        """Batches done."""
        return int(self.arrays[_STEPS])


def save_state(path: Path, state: State, overwrite: bool = True) -> None:
    """Write ``state``, whole or not at all.

    Raises:
        OSError: it can't be written; ``FileExistsError`` where it is there and not to ``overwrite``.
    """
    training = {
        "recipe": asdict(state.recipe),
        "step": state.step,
        "corpus": state.corpus,
        "most_words": state.most_words,
        "seconds": state.seconds,
        "history": [[point.step, point.loss, point.validation, point.agreement] for point in state.history],
    }
    arrays = {name: value for name, value in state.arrays.items() if name != _STEPS}
    metadata = {"format": FORMAT, "training": json.dumps(training), "vocabulary": "\n".join(state.vocabulary)}
    write(path, arrays, metadata, overwrite)


def load_state(path: Path) -> State:
    """Read what :func:`save_state` wrote.

    Raises:
        FileError: the file can't be read, or is not one of ours.
    """
    arrays, metadata = read(path)
    if metadata.get("format") != FORMAT:
        raise FileError(f"{path}: not the state of a training; give the folder or a file of train {argument('out')}")
    try:
        training = json.loads(metadata["training"])
        recipe = _recipe(training["recipe"])
        sizes = (arrays["rnn.weight_hh_l0"].shape[1], arrays["embedding.weight"].shape[1])
        if len(training["corpus"]) > _LONGEST_PATH:
            raise ValueError("corpus")
        if sizes != (recipe.hidden, recipe.embedding) or not 0 <= int(training["step"]) <= 1 << 40:
            raise ValueError("sizes")
        return State(
            recipe=recipe,
            vocabulary=tuple(metadata["vocabulary"].split("\n")),
            corpus=str(training["corpus"]),
            most_words=int(training["most_words"]),
            seconds=float(training["seconds"]),
            history=tuple(Point(*entry) for entry in training["history"]),
            arrays={**arrays, _STEPS: np.array(int(training["step"]))},
        )
    except (KeyError, ValueError, TypeError, IndexError, RecursionError) as error:
        raise FileError(f"{path}: the state of the training is damaged; train again") from error


def _recipe(entries: dict[str, Any]) -> Recipe:
    """Return the recipe of a file; its sizes are sound."""
    recipe = Recipe(**entries)
    for field in fields(Recipe):
        value, kind = getattr(recipe, field.name), _KINDS.get(str(field.type), object)
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            raise TypeError(field.name)
        if isinstance(value, int | float) and not 0 <= value < 1 << 64:
            raise ValueError(field.name)
    sound = recipe.name in RECIPES and 0 < recipe.hidden <= LARGEST_HIDDEN and 0 < recipe.embedding <= LARGEST_HIDDEN
    sound = sound and 0 < recipe.asked_every <= recipe.length
    if not sound or not 0 < recipe.batch * recipe.length <= _LARGEST_BATCH:
        raise ValueError("recipe")
    return recipe
