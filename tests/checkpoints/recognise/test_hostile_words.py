"""Vocabularies and tokenizers that ask for the memory of a machine, fail or panic: one clean error, little memory."""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lstm_ascii.checkpoints.tokenizer_files import LONGEST_GROWN, MOST_PIECES, _splitter
from lstm_ascii.checkpoints.vocabulary_files import FEW_WORDS, LARGEST_FILE, MOST_WORDS, read_vocabulary
from lstm_ascii.errors import FileError

MOST_MEMORY, MOST_SECONDS = 500e6, 5
ROWS = 7  # of the network's largest matrix


def tokenizer(model: dict[str, Any], **parts: Any) -> str:
    """Return a tokenizer.json."""
    empty = dict.fromkeys(("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"))
    return json.dumps({"version": "1.0", "added_tokens": [], **empty, **parts, "model": model})


WORD_LEVEL = {"type": "WordLevel", "vocab": {"[UNK]": 0, "the": 1}, "unk_token": "[UNK]"}
BOMBS: dict[str, tuple[Callable[[], str], str]] = {
    "two ids far apart": (lambda: json.dumps({"a": 0, "b": MOST_WORDS - 1}), "b has the id 1,999,999, but no matrix"),
    "an id that no vocabulary has": (lambda: json.dumps({"a": 0, "b": 9_999_999}), "b: expected an id from 0 up to"),
    "the same in a tokenizer": (
        lambda: tokenizer({**WORD_LEVEL, "vocab": {"[UNK]": 0, "b": MOST_WORDS - 1}}),
        "b has the id 1,999,999, but no matrix",
    ),
    "line feeds": (lambda: "\n" * (LARGEST_FILE - 1), "words, but no matrix of the network has more than"),
    "more line feeds": (lambda: "a" + "\n" * (LARGEST_FILE + 1), "more than 40 MB is no vocabulary"),
    "a list of short words": (lambda: "[" + '"",' * 10_000_000 + '""]', "would take about .* MB of memory"),
    "an object of short words": (
        lambda: "{" + ",".join(f'"{number}":0' for number in range(3_000_000)) + "}",
        "would take about .* MB of memory",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_words_that_would_fill_the_memory_are_refused_by_what_they_become(name: str, tmp_path: Path) -> None:
    make, says = BOMBS[name]
    if "tokenizer" in name:
        pytest.importorskip("tokenizers")
    path = tmp_path / "words.json"
    path.write_text(make())
    tracemalloc.start()
    begin = time.process_time()
    with pytest.raises(FileError, match=says) as error:
        read_vocabulary(path, ROWS)
    seconds, peak = time.process_time() - begin, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "\n" not in str(error.value)
    assert seconds < MOST_SECONDS
    assert peak < MOST_MEMORY


def test_as_many_words_as_the_network_has_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("\n".join(f"w{number}" for number in range(FEW_WORDS + 5)))
    assert len(read_vocabulary(path, FEW_WORDS + 5)) == FEW_WORDS + 5
    with pytest.raises(FileError, match="no matrix of the network has more"):
        read_vocabulary(path, FEW_WORDS + 4)


class PanicError(BaseException):
    """What the Rust code of a tokenizer raises: no Exception."""


def panics(*_: Any, **__: Any) -> Any:
    os.write(2, b"thread '<unnamed>' panicked at src/lib.rs:1:1\n")
    raise PanicError("called `Option::unwrap()` on a `None` value \x1b[31m")


def encoded(count: int) -> Callable[..., Any]:
    """Return an ``encode`` that makes so many pieces of any sentence."""
    return lambda *_, **__: SimpleNamespace(tokens=["a"] * count, offsets=[(0, 1)] * count)


def test_a_tokenizer_that_panics_is_a_clean_error_and_writes_nothing_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    split = _splitter(tmp_path / "t.json", SimpleNamespace(encode=panics), "", 1)
    with pytest.raises(FileError, match=r"can't split the sentence: called .* value \\x1b"):
        split("the cat")
    assert capfd.readouterr().err == ""


def test_a_sentence_that_a_tokenizer_would_expand_too_far_is_refused_before(tmp_path: Path) -> None:
    split = _splitter(tmp_path / "t.json", SimpleNamespace(encode=panics), "", 100)
    with pytest.raises(FileError, match="may become 100 times as long; shorten it"):
        split("a" * (LONGEST_GROWN // 100 + 1))


def test_pieces_without_an_end_are_refused(tmp_path: Path) -> None:
    split = _splitter(tmp_path / "t.json", SimpleNamespace(encode=encoded(MOST_PIECES + 1)), "", 1)
    with pytest.raises(FileError, match="makes 1,000,001 pieces of the sentence"):
        split("a")


EXPANDING = [
    {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1000},
    {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaa"}] * 40},
    {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"Regex": ""}, "content": "a"}] * 40},
    {"type": "Prepend", "prepend": "a" * 10_000},
]


@pytest.mark.parametrize("normalizer", EXPANDING)
def test_rules_that_expand_any_sentence_are_refused_by_name(normalizer: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer(WORD_LEVEL, normalizer=normalizer))
    with pytest.raises(FileError, match=r"could make a sentence .* times as long; at most 100 times"):
        read_vocabulary(path, ROWS)


FAILING = {
    "WordLevel": {"type": "WordLevel", "vocab": {"the": 0}, "unk_token": "[UNK]"},
    "WordPiece": {"type": "WordPiece", "vocab": {"the": 0}, "unk_token": "[UNK]",
                  "continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
    "Unigram": {"type": "Unigram", "vocab": [["the", -1.0]], "unk_id": None},
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILING)
def test_a_tokenizer_that_fails_at_a_word_is_a_clean_error(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer(FAILING[kind], pre_tokenizer={"type": "Whitespace"}))
    with pytest.raises(FileError, match="can't split the sentence") as error:
        read_vocabulary(path, ROWS).words_of("the zebra")
    assert "\n" not in str(error.value)
