"""A training on disk: all that is needed to go on with it, in one file beside the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import CELLS, Array
from lstm_ascii.cells.initial import LARGEST_HIDDEN
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.checkpoints.own import wrong_tensor
from lstm_ascii.errors import FileError, argument
from lstm_ascii.records import dataclass
from lstm_ascii.training.recipe import RECIPES, Recipe

FORMAT = "lstm-ascii state 1"
ENDING = ".state"
MOST_STEPS, MOST_WORDS = 1_000_000, 20_000  # batches of a training; words of a vocabulary
_STEPS = "adam.steps"
_LONGEST_PATH = 4096  # characters
_LARGEST_BATCH = 1 << 16  # words a step; a recipe has 1,536
_LONGEST, _GREATEST = 1e9, 1e30  # seconds of a training; numbers that can still be reckoned with in float32
_RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, (1 << 64) - 1),
    "hidden": (1, LARGEST_HIDDEN),
    "embedding": (1, LARGEST_HIDDEN),
    "batch": (1, _LARGEST_BATCH),
    "length": (1, _LARGEST_BATCH),
    "steps": (1, MOST_STEPS),
    "unknown_rate": (0, 1),
    "asked_every": (1, MOST_STEPS),
}


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
        characters: whether these are single characters.
        seconds: spent so far.
        history: its reports so far.
        arrays: parameters and the optimiser's means by name, and ``adam.steps``.
        run: which run of the program wrote it; empty where that was not told.
    """

    recipe: Recipe
    vocabulary: tuple[str, ...]
    corpus: str
    most_words: int
    seconds: float
    history: tuple[Point, ...]
    arrays: Mapping[str, Array]
    characters: bool = False
    run: str = ""

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
        "characters": state.characters,
        "seconds": state.seconds,
        "history": [[point.step, point.loss, point.validation, point.agreement] for point in state.history],
    }
    arrays = {name: value for name, value in state.arrays.items() if name != _STEPS}
    metadata = {
        "format": FORMAT,
        "training": json.dumps(training),
        "vocabulary": "\n".join(state.vocabulary),
        "run": state.run,
    }
    write(path, arrays, metadata, overwrite)


def load_state(path: Path) -> State:
    """Read what :func:`save_state` wrote; every number and text in it is checked before it is used.

    Raises:
        FileError: the file can't be read, is not one of ours, or its first part that is wrong, by name.
    """
    arrays, metadata = read(path)
    if metadata.get("format") != FORMAT:
        raise FileError(f"{path}: not the state of a training; give the folder or a file of train {argument('out')}")
    try:
        training = _training(metadata)
        recipe = _recipe(training["recipe"])
        step = _number("step", training["step"], int, 0, MOST_STEPS)
        return State(
            recipe=recipe,
            vocabulary=_vocabulary(arrays, metadata, recipe),
            corpus=_corpus(training["corpus"]),
            most_words=_number("most_words", training["most_words"], int, 0, MOST_WORDS),
            seconds=float(_number("seconds", training["seconds"], float, 0, _LONGEST)),
            history=_history(training["history"], step),
            arrays={**arrays, _STEPS: np.array(step)},
            characters=_flag("characters", training.get("characters", False)),  # of older states there is none
            run=metadata.get("run", ""),
        )
    except _DamagedError as error:
        raise FileError(f"{path}: the state of the training is damaged: {error}; train again") from error


class _DamagedError(ValueError):
    """What is wrong with a state, in words that are safe to print."""


def _training(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return what a state says about its training, with all entries there."""
    try:
        training = json.loads(metadata.get("training", ""))
    except (ValueError, RecursionError) as error:
        raise _DamagedError("what it says about the training is no JSON") from error
    for name in ("recipe", "step", "corpus", "most_words", "seconds", "history"):
        if not isinstance(training, dict) or name not in training:
            raise _DamagedError(f"its {name} is missing")
    return dict(training)


def _number(name: str, value: Any, kind: type, least: float, most: float) -> Any:
    """Return a number of a state."""
    kinds: Any = (int, float) if kind is float else kind
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        whole = "a number" if kind is float else "a whole number"
        raise _DamagedError(f"its {name} is {shown(value)}, not {whole} from {least:g} to {most:g}")
    return value


def _flag(name: str, value: Any) -> bool:
    """Return what is or isn't so."""
    if not isinstance(value, bool):
        raise _DamagedError(f"its {name} is {shown(value)}, not true or false")
    return value


def _recipe(entries: Any) -> Recipe:
    """Return the recipe of a state; its sizes are those that training can have."""
    known = {field.name: str(field.type) for field in fields(Recipe)}
    if not isinstance(entries, dict):
        raise _DamagedError(f"its recipe is {shown(entries)}")
    if others := entries.keys() ^ known.keys():
        raise _DamagedError(f"its recipe has other entries than training needs: {shown(min(others))}")
    if not isinstance(entries["cell"], str) or entries["cell"] not in CELLS:
        raise _DamagedError(f"the cell of its recipe is {shown(entries['cell'])}")
    for name, kind in known.items():
        if kind == "bool" and not isinstance(entries[name], bool):
            raise _DamagedError(f"its recipe's {name} is {shown(entries[name])}")
        if kind in ("int", "float"):
            least, most = _RANGES.get(name, (0, _GREATEST))
            _number(f"recipe's {name}", entries[name], int if kind == "int" else float, least, most)
    recipe = Recipe(**entries)
    if recipe.name not in RECIPES:
        raise _DamagedError(f"its recipe is of no network that is trained: {recipe.name}")
    if recipe.batch * recipe.length > _LARGEST_BATCH:
        raise _DamagedError(f"its recipe takes {recipe.batch} · {recipe.length} words a step")
    return recipe


def _vocabulary(arrays: Mapping[str, Array], metadata: Mapping[str, str], recipe: Recipe) -> tuple[str, ...]:
    """Return the words of a state; the tensors have the shapes that they and the recipe ask for."""
    text = metadata.get("vocabulary", "")
    wrong = wrong_tensor(arrays, CELLS[recipe.cell], text.count("\n") + 1, (recipe.embedding, recipe.hidden))
    if wrong:
        raise _DamagedError(wrong)
    return tuple(text.split("\n"))


def _corpus(path: Any) -> str:
    """Return the path of the text that a state was trained on."""
    if not isinstance(path, str) or len(path) > _LONGEST_PATH or "\0" in path:
        raise _DamagedError(f"its corpus is {shown(path)}, which is no path")
    return path


def _history(entries: Any, step: int) -> tuple[Point, ...]:
    """Return the reports of a state, in the order of their steps."""
    if not isinstance(entries, list):
        raise _DamagedError(f"its history is {shown(entries)}")
    points: list[Point] = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != len(fields(Point)):
            raise _DamagedError(f"its history has {shown(entry)}")
        at, loss, validation, agreement = entry
        least = points[-1].step + 1 if points else 0
        _number("history's step", at, int, least, step)
        for name, value in (("loss", loss), ("validation", validation)):
            _number(f"history's {name}", value, float, -_GREATEST, _GREATEST)
        if agreement is not None:
            _number("history's agreement", agreement, float, 0, 1)
        points.append(Point(at, float(loss), float(validation), agreement))
    return tuple(points)
