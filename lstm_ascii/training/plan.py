"""From what the reader asks of ``train`` to jobs; all that can be refused is refused here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lstm_ascii.cells.initial import LARGEST_HIDDEN
from lstm_ascii.errors import LstmAsciiError, UsageError, argument
from lstm_ascii.files import size_of_text
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass
from lstm_ascii.training.corpus import TextCorpus
from lstm_ascii.training.jobs import Job
from lstm_ascii.training.recipe import RECIPES, Recipe
from lstm_ascii.training.state import ENDING, MOST_STEPS, MOST_WORDS, State, load_state

NETWORK = ".safetensors"
FOREIGN = (".pt", ".pth", ".bin", ".h5", ".keras", ".onnx", ".npz", ".ckpt", ".pkl")  # of other programs
MOST_SEEDS = 1000
DEFAULT_FOLDER = "lstm-ascii-networks"
GRAMMAR = "agreement English"
DEFAULT_WORDS, DEFAULT_CHARACTERS = 4000, 256
_TEXT_STEPS, _TIMES_READ, _BYTES_A_WORD = (300, 6000), 30, 6  # steps by default for a text, by its size
_SEED = "-seed"
_CHARACTER_UNITS = 64  # by default: a character says less than a word, and there are few of them

_TextKey = tuple[str, int, int, int, bool]


@dataclass(frozen=True)
class Wishes:
    """What the reader asks for; what is left out is decided here.

    Attributes:
        cells: ``rnn``, ``lstm``, ``gru``, ``rnn-helped``; by default all, for a text the LSTM.
        corpus: a text to train on.
        most_words: of its vocabulary.
        out: a folder, or for one network a file that ends in ``.safetensors``.
        resume: a folder, a network or a state to go on from.
        steps: number of batches.
        hidden: H, and as many numbers for each word.
        seed: of the first weights and of the texts.
        seeds: networks of each cell, with ``seed`` and those after it.
        force: whether files may be overwritten.
        characters: whether the text is read character by character.
    """

    cells: Sequence[str] = ()
    corpus: str = ""
    most_words: int | None = None
    out: str = ""
    resume: str = ""
    steps: int | None = None
    hidden: int | None = None
    seed: int | None = None
    force: bool = False
    characters: bool = False
    seeds: int | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        _in_range("steps", self.steps, 1, MOST_STEPS)
        _in_range("hidden", self.hidden, 1, LARGEST_HIDDEN)
        _in_range("seeds", self.seeds, 1, MOST_SEEDS)
        _in_range("seed", self.seed, 0, (1 << 64) - (self.seeds or 1))
        _in_range("most_words", self.most_words, 1, MOST_WORDS)
        begins = (self.cells or None, self.seed, self.seeds, self.hidden, self.most_words)
        if self.resume and any(one is not None for one in begins):
            *others, last = map(argument, ("cells", "hidden", "seed", "seeds", "most_words"))
            raise UsageError(f"goes on as it began; it takes no {', '.join(others)} or {last}", "resume")
        if self.most_words and not self.corpus:
            raise UsageError(f"needs {argument('corpus')}; agreement English has its own words", "most_words")
        if self.characters and (self.resume or not self.corpus):
            goes_on = f"{argument('resume')} goes on as it began"
            needs = f"needs {argument('corpus', 'FILE')}" if not self.resume else goes_on
            raise UsageError(needs, "characters")
        for name in self.cells:
            if name not in RECIPES:
                raise UsageError(f"expected {', '.join(RECIPES)}, got {name}", "cells")
            if self.corpus and RECIPES[name].helped:
                raise UsageError(f"{name} is helped with verbs that agree; a text marks none, so take rnn", "cells")


def plan(wishes: Wishes) -> list[Job]:
    """Return a job for each network, and make the folder that they go to.

    Raises:
        UsageError: the wishes contradict each other.
        LstmAsciiError: a file can't be read or written, or would be overwritten.
    """
    jobs = _resumed(wishes) if wishes.resume else _fresh(wishes)
    _make_folder(jobs[0].file.parent)
    return jobs


def _fresh(wishes: Wishes) -> list[Job]:
    """Return the jobs of trainings that begin."""
    cells = tuple(dict.fromkeys(wishes.cells)) or (("lstm",) if wishes.corpus else tuple(RECIPES))
    if wishes.characters and wishes.hidden is None:
        wishes = replace(wishes, hidden=_CHARACTER_UNITS)
    seeds, many = range(wishes.seeds or 1), (wishes.seeds or 1) > 1
    recipes = [_changed(RECIPES[cell], wishes, number) for cell in cells for number in seeds]
    files = _targets(wishes.out, [_name(recipe, many) for recipe in recipes])
    if not wishes.force:
        for file in files:
            for target in (file, file.with_suffix(ENDING)):
                if os.path.lexists(target):
                    raise LstmAsciiError(
                        f"{target} exists; {argument('resume')} {file} goes on with it, "
                        f"{argument('force')} overwrites it",
                        "out",
                    )
    if not wishes.corpus:
        return [
            Job(recipe, file, GRAMMAR, overwrites=wishes.force, label=_label(recipe, many))
            for recipe, file in zip(recipes, files, strict=True)
        ]
    path = Path(wishes.corpus).absolute()
    most_words = wishes.most_words or (DEFAULT_CHARACTERS if wishes.characters else DEFAULT_WORDS)
    bytes_each = 1 if wishes.characters else _BYTES_A_WORD
    recipes = [text_recipe(recipe, _size(path), wishes.steps, bytes_each) for recipe in recipes]
    corpus = TextCorpus(path, recipes[0], most_words, wishes.characters)
    name = visible(path.name)
    return [
        Job(recipe, file, name, corpus.with_recipe(recipe), str(path), most_words, wishes.characters,
            overwrites=wishes.force, label=_label(recipe, many))
        for recipe, file in zip(recipes, files, strict=True)
    ]  # fmt: skip


def _name(recipe: Recipe, many: bool) -> str:
    """Return what the file of a training is called: by its cell, and by its seed where there are ``many``."""
    return f"{recipe.name}{_SEED}{recipe.seed}" if many else recipe.name


def _label(recipe: Recipe, many: bool) -> str:
    """Return what a training is called on the screen where there are ``many`` seeds."""
    return f"{recipe.title} seed {recipe.seed}" if many else ""


def text_recipe(recipe: Recipe, size: int, steps: int | None, bytes_each: int = _BYTES_A_WORD) -> Recipe:
    """Return ``recipe`` for a text of ``size`` bytes, of which a word takes ``bytes_each``, about.

    Every word counts the same, short texts take fewer steps, and there is no cost of writing: on manuals of 450 kB
    it raised the perplexity of an LSTM from 108 to 122.
    """
    if steps is None:
        passes = _TIMES_READ * size / bytes_each / (recipe.batch * recipe.length)
        steps = min(max(_TEXT_STEPS[0], round(passes)), _TEXT_STEPS[1])
    return replace(
        recipe, steps=steps, verb_weight=1.0, distance_weight=0.0, unknown_rate=0.0, writing_cost=0.0, asked_every=1
    )


def _changed(recipe: Recipe, wishes: Wishes, number: int) -> Recipe:
    """Return ``recipe`` with what the reader wants otherwise, for one of several seeds."""
    if wishes.steps is not None:
        recipe = replace(recipe, steps=wishes.steps)
    first = recipe.seed if wishes.seed is None else wishes.seed
    recipe = replace(recipe, seed=first + number)
    return recipe if wishes.hidden is None else replace(recipe, hidden=wishes.hidden, embedding=wishes.hidden)


def _resumed(wishes: Wishes) -> list[Job]:
    """Return the jobs of trainings that go on."""
    states = [(file, load_state(file)) for file in _states(Path(wishes.resume))]
    recipes = [state.recipe for _, state in states]
    if len({(recipe.name, recipe.seed) for recipe in recipes}) < len(recipes):
        raise LstmAsciiError(f"{wishes.resume} has several trainings of one cell and seed; name one file", "resume")
    many = len({recipe.name for recipe in recipes}) < len(recipes)
    if wishes.out:
        targets = _targets(wishes.out, [_name(recipe, many) for recipe in recipes])
        for target in targets:
            for path in (target, target.with_suffix(ENDING)):
                if os.path.lexists(path) and not wishes.force:
                    raise LstmAsciiError(f"{path} exists; {argument('force')} overwrites it", "out")
    else:
        targets = [file.with_suffix(NETWORK) for file, _ in states]
    corpora: dict[_TextKey, TextCorpus] = {}
    jobs = [
        replace(_going_on(file, state, target, wishes, corpora), label=_label(state.recipe, many))
        for (file, state), target in zip(states, targets, strict=True)
    ]
    if all(state.step >= job.recipe.steps for job, (_, state) in zip(jobs, states, strict=True)):
        steps = max(state.step for _, state in states)
        longer = f"{argument('steps', 'N')}, above that, trains longer"
        raise UsageError(f"{wishes.resume} is finished at step {steps}; {longer}", "resume")
    return jobs


def _going_on(file: Path, state: State, target: Path, wishes: Wishes, corpora: dict[_TextKey, TextCorpus]) -> Job:
    """Return the job that goes on from ``state``; texts that were read are kept in ``corpora``."""
    recipe = replace(state.recipe, steps=max(wishes.steps or state.recipe.steps, state.step))
    if wishes.corpus and not state.corpus:
        raise UsageError(f"{file} was trained on {GRAMMAR}, and goes on so", "corpus")
    if not state.corpus:
        return Job(recipe, target, GRAMMAR, resumes=file, overwrites=wishes.force)
    path = Path(wishes.corpus or state.corpus).absolute()
    key = (str(path), recipe.batch, recipe.length, state.most_words, state.characters)
    if key not in corpora:
        _size(path)
        corpora[key] = TextCorpus(path, recipe, state.most_words, state.characters)
    if corpora[key].vocabulary.words != state.vocabulary:
        raise LstmAsciiError(f"{path}: not the text that {file} was trained on, or it has changed; train again")
    corpus = corpora[key].with_recipe(recipe)
    return Job(recipe, target, visible(path.name), corpus, str(path), state.most_words, state.characters, file,
               wishes.force)  # fmt: skip


def _states(path: Path) -> list[Path]:
    """Return the states that the reader means by a folder, a network or a state."""
    if path.is_dir():
        files = [file for cell in RECIPES for file in (path / f"{cell}{ENDING}", *_of_seeds(path, cell))
                 if file.is_file()]  # fmt: skip
        files = files or sorted(path.glob(f"*{ENDING}"))
        if not files:
            raise LstmAsciiError(f"no training in {path}; name the folder that train wrote to", "resume")
        return files
    if not path.with_suffix(ENDING).is_file():
        known = f"name a folder or file of train {argument('out')}"
        raise LstmAsciiError(f"there is no {path.with_suffix(ENDING)}; {known}", "resume")
    return [path.with_suffix(ENDING)]


def _of_seeds(folder: Path, cell: str) -> list[Path]:
    """Return the states of several seeds of a cell, in their order."""
    start = f"{cell}{_SEED}"
    numbers = (file.stem.removeprefix(start) for file in folder.glob(f"{start}*{ENDING}"))
    return [folder / f"{start}{number}{ENDING}" for number in sorted((n for n in numbers if n.isdecimal()), key=int)]


def _targets(out: str, names: Sequence[str]) -> list[Path]:
    """Return the file of each network."""
    target = Path(out or DEFAULT_FOLDER)
    if target.suffix.lower() in FOREIGN:
        raise UsageError(f"networks are saved as {NETWORK}; name such a file or a folder, not {target}", "out")
    if target.suffix.lower() != NETWORK or target.is_dir():
        return [target / f"{name}{NETWORK}" for name in names]
    if len(names) > 1:
        raise UsageError(
            f"{len(names)} networks don't fit into one file; name a folder, or one {argument('cells')}", "out"
        )
    return [target]


def _make_folder(folder: Path) -> None:
    """Make the folder of the networks, and try whether it can be written to."""
    if not folder.absolute().parent.is_dir():
        raise LstmAsciiError(f"there is no folder {folder.absolute().parent}; make it first", "out")
    if folder.exists() and not folder.is_dir():
        raise LstmAsciiError(f"{folder} is no folder; name another", "out")
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise LstmAsciiError(f"can't write to {folder}: {error.strerror or error}", "out") from error


def _size(path: Path) -> int:
    """Return the bytes of a text; what can't be read again and again is no text to train on."""
    try:
        return size_of_text(path)
    except LstmAsciiError as error:
        raise LstmAsciiError(error.message, "corpus") from error


def _in_range(name: str, value: int | None, least: int, most: int) -> None:
    """Refuse a number that is too small or too large."""
    if value is not None and not least <= value <= most:
        raise UsageError(f"expected {least} to {most}, got {value}", name)
