"""Trainings as jobs: what is on disk, going on where one was stopped, what is refused."""

from __future__ import annotations

import json
import math
import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.checkpoints.formats.safetensors import read, write
from lstm_ascii.errors import FileError, LstmAsciiError, UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.training import jobs as jobs_module
from lstm_ascii.training.corpus import Batch, TextCorpus
from lstm_ascii.training.jobs import DONE, STOPPED, Job, Status, TrainingRun, report_every
from lstm_ascii.training.loop import Trainer
from lstm_ascii.training.plan import Wishes, plan, text_recipe
from lstm_ascii.training.recipe import RECIPES, Recipe
from lstm_ascii.training.state import load_state, save_state
from tests.cli.program import run

SMALL = Recipe("lstm", hidden=4, embedding=4, batch=4, length=8, steps=30, memory_cost=1e-3, writing_cost=1e-2)


@pytest.fixture(autouse=True)
def _few_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "PAIRS", 20)
    monkeypatch.setattr(jobs_module, "POINTS", 5)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("".join(f"The {['cat', 'dog', 'mouse', 'wug'][n % 4]} wasn't hungry.\n" for n in range(300)))
    return path


def done(job: Job, stopped: Callable[[], bool] = lambda: False) -> tuple[Status, list[Status]]:
    told: list[Status] = []
    return TrainingRun(job, told.append, stopped).run(), told


def after(asked: int) -> Callable[[], bool]:
    """Return what is false for the first ``asked`` steps."""
    count = iter(range(10**9))
    return lambda: next(count) >= asked


def text_job(text: Path, file: Path, cell: str = "lstm") -> Job:
    recipe = replace(SMALL, cell=cell)
    return Job(recipe, file, text.name, TextCorpus(text, recipe, 50), str(text), 50)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("stop", [0, 1, 7, 23])
def test_going_on_after_a_stop_gives_the_same_bits_as_going_through(
    tmp_path: Path, text: Path, cell: str, stop: int
) -> None:
    whole, parts = (text_job(text, tmp_path / name, cell) for name in ("whole.safetensors", "parts.safetensors"))
    through, _ = done(whole)
    first, _ = done(parts, after(stop))
    assert first.stage == STOPPED
    assert first.step == {0: 0, 1: 1, 7: 6, 23: 18}[stop]
    second, _ = done(replace(parts, resumes=parts.state_file))
    assert (second.stage, second.step) == (DONE, 30)
    one, other = (read(job.file)[0] for job in (whole, parts))
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    one, other = (load_state(job.state_file).arrays for job in (whole, parts))
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    assert [point.step for point in second.history] == [point.step for point in through.history]
    assert [point.validation for point in second.history] == [point.validation for point in through.history]


def test_agreement_english_goes_on_too(tmp_path: Path) -> None:
    whole, parts = (Job(SMALL, tmp_path / name, "agreement English") for name in ("a.safetensors", "b.safetensors"))
    done(whole)
    done(parts, after(15))
    done(replace(parts, resumes=parts.state_file))
    assert whole.file.read_bytes() == parts.file.read_bytes()
    assert own.load(parts.file).source == "trained on agreement English, 30 steps"


def test_a_stopped_network_says_how_far_it_came(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job, after(10))
    assert own.load(job.file).source == "trained on text.txt, 6 of 30 steps"
    recipe = json.loads(read(job.file)[1]["recipe"])
    assert Recipe(**recipe) == job.recipe


def test_before_the_first_report_only_the_state_is_saved(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job, after(0))
    assert not job.file.exists()
    assert load_state(job.state_file).step == 0


def test_nothing_but_whole_files_is_left(tmp_path: Path, text: Path) -> None:
    done(text_job(text, tmp_path / "x.safetensors"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text.txt", "x.safetensors", "x.state"]


def test_what_is_told_has_the_figures(tmp_path: Path, text: Path) -> None:
    end, told = done(text_job(text, tmp_path / "x.safetensors"))
    assert [point.step for point in end.history] == [1, 6, 12, 18, 24, 30]
    assert end.history[0].validation == pytest.approx(math.log(len(TextCorpus(text, SMALL, 50).vocabulary)), rel=0.1)
    assert all(point.agreement is None for point in end.history)
    assert told[-1].step == 30
    assert told[-1].steps == 30


def test_a_network_that_diverges_is_not_saved_over_the_last_good_one(
    tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    monkeypatch.setattr(jobs_module, "_SAVED_EVERY", 0.0)
    step = Trainer.step

    def diverging(trainer: Trainer, batch: Batch) -> float:
        return step(trainer, batch) * (math.nan if trainer._adam.steps > 8 else 1.0)

    monkeypatch.setattr(Trainer, "step", diverging)
    with pytest.raises(LstmAsciiError, match=r"the LSTM diverged at step 12.*step 6 is in"):
        done(job)
    assert load_state(job.state_file).step == 6


def test_reports_come_more_often_where_steps_take_longer() -> None:
    default = replace(SMALL, hidden=32, batch=32, length=48, steps=6000)
    assert report_every(default, 2000) == 100
    assert report_every(default, 20_000) == 20
    assert report_every(replace(SMALL, steps=10), 100) == 2
    assert report_every(replace(default, hidden=2048), 20_000) == 1


def test_a_full_disk_is_a_clean_error(tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(own, "write", full)
    with pytest.raises(LstmAsciiError, match=r"can't write .*: No space left on device"):
        done(text_job(text, tmp_path / "x.safetensors"))


# -- planning ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wishes",
    [
        {"steps": 0}, {"steps": -1}, {"steps": 10**7}, {"hidden": 0}, {"hidden": 10**6}, {"seed": -1},
        {"seed": 1 << 64}, {"seeds": 0}, {"seed": (1 << 64) - 2, "seeds": 3}, {"resume": "x", "seeds": 2},
        {"cells": ("foo",)}, {"most_words": 5}, {"corpus": "x", "most_words": 0},
        {"resume": "x", "seed": 1}, {"resume": "x", "cells": ("rnn",)}, {"resume": "x", "hidden": 3},
        {"out": "three.safetensors"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_usage_error(
    wishes: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError):
        plan(Wishes(**wishes))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_without_wishes_all_networks_go_to_a_folder_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    jobs = plan(Wishes())
    assert [str(job.file) for job in jobs] == [f"lstm-ascii-networks/{cell}.safetensors" for cell in RECIPES]
    assert [job.recipe for job in jobs] == list(RECIPES.values())


def test_several_seeds_are_those_of_single_trainings_and_all_go_on(tmp_path: Path, text: Path) -> None:
    tiny = Wishes(("lstm",), str(text), out=str(tmp_path / "some"), steps=3, hidden=2, seed=9, seeds=3)
    jobs = plan(tiny)
    assert [job.file.name for job in jobs] == [f"lstm-seed{seed}.safetensors" for seed in (9, 10, 11)]
    assert [job.cell for job in jobs] == ["LSTM seed 9", "LSTM seed 10", "LSTM seed 11"]
    for job in jobs:
        done(job, after(2))
    resumed = plan(Wishes(resume=str(tmp_path / "some")))
    assert [(job.recipe, job.file, job.cell) for job in resumed] == [(job.recipe, job.file, job.cell) for job in jobs]
    (alone,) = plan(replace(tiny, out=str(tmp_path / "one.safetensors"), seed=10, seeds=None))
    done(resumed[1])
    done(alone)
    one, other = (read(job.file)[0] for job in (resumed[1], alone))
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("name", ["lstm.safetensors", "lstm.state"])
def test_nothing_is_overwritten_without_force(name: str, tmp_path: Path, text: Path) -> None:
    (tmp_path / name).write_bytes(b"precious")
    wishes = Wishes(corpus=str(text), out=str(tmp_path))
    with pytest.raises(LstmAsciiError, match=f"{name} exists; .*force overwrites it"):
        plan(wishes)
    assert plan(replace(wishes, force=True))
    assert (tmp_path / name).read_bytes() == b"precious"


def test_the_name_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"saved as \.safetensors"):
        plan(Wishes(cells=("lstm",), out=str(tmp_path / "net.pt")))


def test_a_text_is_trained_on_by_its_size() -> None:
    recipe = RECIPES["lstm"]
    assert [text_recipe(recipe, size, None).steps for size in (100, 10**6, 10**8)] == [300, 3255, 6000]
    assert text_recipe(recipe, 10**8, 7).steps == 7
    assert (text_recipe(recipe, 1, None).verb_weight, text_recipe(recipe, 1, None).writing_cost) == (1.0, 0.0)


def test_a_finished_training_goes_on_only_to_more_steps(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job)
    with pytest.raises(UsageError, match="finished at step 30; steps, above that"):
        plan(Wishes(resume=str(job.file)))
    (again,) = plan(Wishes(resume=str(job.state_file), steps=40))
    assert (again.recipe.steps, again.file, again.resumes) == (40, job.file, job.state_file)
    assert done(again)[0].step == 40


def test_another_text_is_refused(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job, after(10))
    text.write_text("quite other words stand here\n" * 100)
    with pytest.raises(LstmAsciiError, match=r"not the text that .* was trained on"):
        plan(Wishes(resume=str(job.file)))


def test_a_text_that_has_moved_can_be_named(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job, after(10))
    moved = text.rename(tmp_path / "moved.txt")
    with pytest.raises(LstmAsciiError, match="give a text file"):
        plan(Wishes(resume=str(job.file)))
    (again,) = plan(Wishes(resume=str(job.file), corpus=str(moved)))
    assert done(again)[0].step == 30


ATTACK = "\x1b]0;pwned\x07\u202e" + "x" * 10_000
HOSTILE: list[tuple[str, Any, str]] = [
    ("recipe", 3, "its recipe is 3"),
    ("recipe", ATTACK, r"its recipe is \\x1b"),
    ("recipe", {"unheard": 1}, "other entries than training needs: asked_every"),
    ("recipe.cell", "../x", r"cell of its recipe is \.\./x"),
    ("recipe.cell", [ATTACK], "cell of its recipe is"),
    ("recipe.hidden", 10**9, "recipe's hidden is 1000000000, not a whole number from 1 to 2048"),
    ("recipe.hidden", 5, "expected shape"),
    ("recipe.embedding", 0, "recipe's embedding is 0"),
    ("recipe.batch", 1 << 40, "recipe's batch is"),
    ("recipe.batch", 1 << 15, "32768 · 8 words a step"),
    ("recipe.length", True, "recipe's length is True"),
    ("recipe.steps", 0.5, "recipe's steps is 0.5"),
    ("recipe.rate", math.nan, "recipe's rate is nan"),
    ("recipe.rate", math.inf, "recipe's rate is inf"),
    ("recipe.clip", ATTACK, r"recipe's clip is \\x1b"),
    ("recipe.unknown_rate", 2, "recipe's unknown_rate is 2"),
    ("recipe." + ATTACK, 1, r"other entries than training needs: \\x1b"),
    ("step", -1, "its step is -1"),
    ("step", "x", "its step is x"),
    ("step", None, "its step is None"),
    ("step", 1 << 70, "its step is"),
    ("seconds", None, "its seconds is None"),
    ("seconds", -1e300, "its seconds is -1e"),
    ("seconds", ATTACK, r"its seconds is \\x1b"),
    ("most_words", 10**30, "its most_words is 1000"),
    ("corpus", 3, "its corpus is 3, which is no path"),
    ("corpus", ["a"], "its corpus is"),
    ("corpus", "a\0b", "its corpus is"),
    ("corpus", "x" * 5000, "its corpus is"),
    ("history", ATTACK, r"its history is \\x1b"),
    ("history", [[1]], r"its history has \[1\]"),
    ("history", [[ATTACK, 1.0, 1.0, None]], r"history's step is \\x1b"),
    ("history", [[2, 1.0, 1.0, None], [1, 1.0, 1.0, None]], "history's step is 1"),
    ("history", [[10**9, 1.0, 1.0, None]], "history's step is 1000000000"),
    ("history", [[1, math.nan, 1.0, None]], "history's loss is nan"),
    ("history", [[1, 1.0, ATTACK, None]], r"history's validation is \\x1b"),
    ("history", [[1, 1.0, 1.0, 7]], "history's agreement is 7"),
]


@pytest.fixture
def begun(text: Path, tmp_path: Path) -> Job:
    """Return a training that was stopped, its state on disk."""
    job = text_job(text, tmp_path / "x.safetensors")
    done(job, after(10))
    return job


def check_refused_by(job: Job, says: str) -> None:
    """Check that a state is refused by one line that is safe to print and names what is wrong."""
    with pytest.raises(FileError, match=says) as error:
        plan(Wishes(resume=str(job.file)))
    assert visible(str(error.value)) == str(error.value)
    assert len(str(error.value)) < 500
    assert str(error.value).endswith("; train again")


@pytest.mark.parametrize(("key", "value", "says"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_hostile_state_says_is_refused_by_name(key: str, value: Any, says: str, begun: Job) -> None:
    tensors, metadata = read(begun.state_file)
    training = json.loads(metadata["training"])
    part, _, inner = key.partition(".")
    training[part] = training[part] | {inner: value} if inner else value
    write(begun.state_file, tensors, metadata | {"training": json.dumps(training)})
    check_refused_by(begun, says)


@pytest.mark.parametrize("content", ["", "[" * 100_000, "3", "{}", '{"recipe": {}}', "9" * 5000])
def test_a_state_without_its_training_is_refused(content: str, begun: Job) -> None:
    tensors, metadata = read(begun.state_file)
    write(begun.state_file, tensors, metadata | {"training": content})
    check_refused_by(begun, "(is no JSON|is missing)")


@pytest.mark.parametrize("name", ["embedding.weight", "decoder.weight", "decoder.bias", "rnn.weight_hh_l0",
                                  "rnn.weight_ih_l0", "rnn.bias_ih_l0", "rnn.start_c_l0",
                                  "adam.first.decoder.bias", "adam.second.embedding.weight"])  # fmt: skip
@pytest.mark.parametrize("how", ["missing", "no rank", "row", "front", "short"])
def test_tensors_of_a_state_of_the_wrong_rank_or_size_are_named(name: str, how: str, begun: Job) -> None:
    tensors, metadata = read(begun.state_file)
    value = tensors.pop(name)
    other = {"no rank": np.float32(1), "row": np.zeros(3, np.float32), "front": value[None], "short": value[:-1]}
    if how != "missing":
        tensors[name] = np.asarray(other[how])
    write(begun.state_file, tensors, metadata)
    with pytest.raises(LstmAsciiError, match=f"{re.escape(name)}( is missing|: expected shape)") as error:
        done(plan(Wishes(resume=str(begun.file)))[0])
    assert "\n" not in str(error.value)


def test_words_of_a_state_that_its_tensors_have_not_are_never_made(begun: Job) -> None:
    tensors, metadata = read(begun.state_file)
    write(begun.state_file, tensors, metadata | {"vocabulary": "\n" * 2_000_000})
    tracemalloc.start()
    check_refused_by(begun, "embedding.weight: expected shape .2000001, 4.")
    assert tracemalloc.get_traced_memory()[1] < 30e6
    tracemalloc.stop()


def test_a_path_within_a_state_is_shown_visibly(begun: Job) -> None:
    tensors, metadata = read(begun.state_file)
    training = json.loads(metadata["training"]) | {"corpus": ATTACK[:100]}
    write(begun.state_file, tensors, metadata | {"training": json.dumps(training)})
    result = run("train", "--resume", str(begun.file))
    assert result.code == 1
    assert "\x1b" not in result.complaint
    assert "\u202e" not in result.complaint
    assert len(result.complaint.splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_what_is_no_state_is_a_clean_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "lstm.state").write_bytes(content)
    with pytest.raises(FileError):
        plan(Wishes(resume=str(tmp_path)))


def test_a_network_is_no_state(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job)
    job.file.rename(job.state_file)
    with pytest.raises(FileError, match="not the state of a training"):
        load_state(job.state_file)


def test_a_state_survives_being_written_and_read(tmp_path: Path, text: Path) -> None:
    job = text_job(text, tmp_path / "x.safetensors")
    done(job, after(13))
    state = load_state(job.state_file)
    save_state(tmp_path / "again.state", state)
    assert (tmp_path / "again.state").read_bytes() == job.state_file.read_bytes()
    assert state.recipe == job.recipe
    assert state.corpus == str(text)
    assert np.isfinite(state.seconds)
