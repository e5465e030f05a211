"""Models of characters are trained as those of words are, and their files say what they read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lstm_ascii.checkpoints import own
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.unknown import UNKNOWN
from lstm_ascii.training.corpus import TextCorpus
from lstm_ascii.training.plan import Wishes, plan
from lstm_ascii.training.recipe import RECIPES
from lstm_ascii.training.state import load_state
from tests.cli.program import inside, is_clean_error
from tests.paint.letters import letters

Capture = pytest.CaptureFixture[bytes]
RECIPE = replace(RECIPES["rnn"], batch=3, length=20, hidden=4, embedding=4)


def corpus(path: Path, text: str, most: int = 256) -> TextCorpus:
    """Return the corpus of a text."""
    path.write_bytes(text.encode("utf-8"))
    return TextCorpus(path, RECIPE, most, characters=True)


def test_the_vocabulary_has_the_characters_by_how_often_they_come(tmp_path: Path) -> None:
    made = corpus(tmp_path / "text", "aaa bb\r\né\tc\n")
    assert made.vocabulary.words == (UNKNOWN, "a", "\\x0a", "b", "\\x09", "c", "é", "␣")
    assert made.vocabulary.characters
    few = corpus(tmp_path / "text", "aaa bb\nc\n", most=2)
    assert few.vocabulary.words == (UNKNOWN, "a", "\\x0a")
    assert few.vocabulary.words_of("ab") == ["a", "b"]
    assert few.vocabulary.ids(["a", "b"]) == [1, 0]


def test_batches_are_pieces_of_the_text(tmp_path: Path) -> None:
    text = letters(40, seed=1)
    made = corpus(tmp_path / "text", text)
    batch = made.batch(3)
    assert batch.ids.shape == (21, 3)
    shown = {"␣": " ", "\\x0a": "\n"}
    for column in batch.ids.T:
        piece = "".join(shown.get(entry, entry) for entry in (made.vocabulary.words[index] for index in column))
        assert piece in text + text
    assert (batch.ids == made.batch(3).ids).all()


def test_a_text_of_one_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LstmAsciiError, match="at least two characters"):
        corpus(tmp_path / "text", "a")


@pytest.mark.parametrize("wish", [{}, {"resume": "x", "corpus": "y"}])
def test_characters_are_those_of_a_text(wish: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Wishes(characters=True, **wish)  # type: ignore[arg-type]


def test_what_was_trained_is_read_by_every_command(tmp_path: Path, capsysbinary: Capture) -> None:
    text, model = tmp_path / "letters.txt", str(tmp_path / "letters.safetensors")
    text.write_text(letters(60, seed=2), "utf-8")
    asked = ("train", "--corpus", str(text), "--characters", "--hidden", "4", "--steps", "3", "--out", model)
    trained = json.loads(inside(capsysbinary, *asked, "--json").text)
    (network,) = trained["networks"]
    assert trained["reads"] == "characters"
    assert network["bits"] == pytest.approx(network["validation"] / 0.6931471805599453)
    assert own.load(Path(model)).vocabulary.characters
    assert load_state(Path(model).with_suffix(".state")).characters
    painted = inside(capsysbinary, "explain", "(mn) ab", "--model", model, "--view", "paint")
    assert painted.code == 0, painted.err
    assert "7 characters" in painted.text
    for more in (("explain", "(mn) ab"), ("generate", "--words", "5"), ("inspect",), ("doctor",)):
        command, *rest = more
        named = (model,) if command in ("inspect", "doctor") else ("--model", model)
        result = inside(capsysbinary, command, *rest, *named)
        assert result.code == 0, result.err


def test_a_training_that_is_resumed_goes_on_with_characters(tmp_path: Path) -> None:
    text, out = tmp_path / "letters.txt", str(tmp_path / "gru.safetensors")
    text.write_text(letters(60, seed=2), "utf-8")
    from lstm_ascii.training.jobs import TrainingRun

    wishes = Wishes(("gru",), str(text), out=out, steps=4, hidden=4, characters=True)
    (whole,) = plan(wishes)
    TrainingRun(whole, lambda _: None).run()
    expected = own.load(Path(out)).parameters
    (short,) = plan(replace(wishes, steps=2, force=True))
    TrainingRun(short, lambda _: None).run()
    (rest,) = plan(Wishes(resume=out, steps=4))
    assert rest.characters
    TrainingRun(rest, lambda _: None).run()
    assert load_state(Path(out).with_suffix(".state")).step == 4
    assert own.load(Path(out)).vocabulary.characters
    assert own.load(Path(out)).parameters.keys() == expected.keys()


def test_a_state_of_before_there_were_characters_is_one_of_words(tmp_path: Path) -> None:
    text, out = tmp_path / "letters.txt", tmp_path / "rnn.safetensors"
    text.write_text(letters(60, seed=2), "utf-8")
    from lstm_ascii.checkpoints.formats.safetensors import read, write
    from lstm_ascii.training.jobs import TrainingRun

    (job,) = plan(Wishes(("rnn",), str(text), out=str(out), steps=1, hidden=4))
    TrainingRun(job, lambda _: None).run()
    arrays, metadata = read(out.with_suffix(".state"))
    said = {name: value for name, value in json.loads(metadata["training"]).items() if name != "characters"}
    write(out.with_suffix(".state"), dict(arrays), {**metadata, "training": json.dumps(said)}, True)
    assert load_state(out.with_suffix(".state")).characters is False


def test_the_option_needs_a_text(capsysbinary: Capture) -> None:
    result = inside(capsysbinary, "train", "--characters")
    assert is_clean_error(result, 2)
    assert "--characters: needs --corpus FILE" in result.complaint
