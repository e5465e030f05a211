"""The vocabulary of a network from a file: one word a line, JSON, or a Hugging Face ``tokenizer.json``."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from lstm_ascii.checkpoints.formats.files import MOST_JSON, damaged, json_cost, mapped, shown, size_of
from lstm_ascii.checkpoints.formats.texts import safe_words
from lstm_ascii.checkpoints.tokenizer_files import read_tokenizer
from lstm_ascii.errors import UsageError
from lstm_ascii.language.vocabulary import Vocabulary

LARGEST_FILE = 40_000_000  # bytes; the tokenizers of large language models have 10 to 35 million
MOST_WORDS = 2_000_000  # rows of no vocabulary that anybody has
LABEL_FILES = (".txt", ".json", ".tsv", ".csv", ".labels")
FEW_WORDS = 100_000  # that are read whatever the network has rows: the error that follows names the matrix


def read_vocabulary(path: Path, rows: int | None = None) -> Vocabulary:
    """Return the words of a file, by index; its content decides how it is read.

    A list of words in JSON, or an object of words and their ids, where ids that are left out get their number as
    name; a ``tokenizer.json``, which also says how sentences are split; else a word a line.

    Args:
        path: of the file.
        rows: the most rows that any matrix of the network has, where that is known; more words are refused before
            names are made for them.

    Raises:
        FileError: the file can't be opened, is none of these, or has more words than the network can have.
        LstmAsciiError: it wants the package ``tokenizers``, which is not installed.
    """
    most = MOST_WORDS if rows is None else min(MOST_WORDS, max(rows, FEW_WORDS))
    text = _text(path)
    if text.lstrip()[:1] in ("[", "{"):
        try:
            value = _json(path, text)
        except (ValueError, RecursionError) as error:
            if path.suffix.lower() == ".json":
                raise damaged(path, f"no JSON: {shown(error)}") from error
        else:
            return _from_json(path, value, text, most)
    _check_count(path, text.count("\n") + (not text.endswith("\n")), most)
    words = [line.removesuffix("\r") for line in text.split("\n")]
    if words[-1] == "":
        words.pop()
    if not any(words):
        raise damaged(path, "no words in it; expected a word a line, or JSON")
    return Vocabulary.of_entries(safe_words(words))


def labels_of(text: str) -> tuple[str, ...]:
    """Return what outputs are called, safe to print: names with commas, or those of a file, one a line or in JSON.

    Raises:
        FileError: the file can't be read.
        UsageError: a name is empty, or stands twice.
    """
    if not text:
        return ()
    path = Path(text)
    is_file = "," not in text and (len(path.parts) > 1 or path.suffix.lower() in LABEL_FILES)
    labels = read_vocabulary(path).words if is_file else safe_words(part.strip() for part in text.split(","))
    twice = next((label for number, label in enumerate(labels) if label in labels[:number] or not label), None)
    if twice is not None:
        raise UsageError(f"{twice!r} stands there twice" if twice else "a name is empty", "labels")
    return labels


def vocabulary_of(metadata: dict[str, str], path: Path | None = None, rows: int | None = None) -> Vocabulary | None:
    """Return the words that a file of weights holds about itself, a word a line or a list in JSON, if it does.

    Args:
        metadata: of the file; the texts that hold the words are the file's own.
        path: of the file, for errors.
        rows: as in :func:`read_vocabulary`.

    Raises:
        FileError: there are more words than the network can have.
    """
    text = metadata.get("vocabulary") or metadata.get("vocab")
    if not text:
        return None
    path = path or Path("metadata")
    most = MOST_WORDS if rows is None else min(MOST_WORDS, max(rows, FEW_WORDS))
    try:
        value = _json(path, text) if text.lstrip()[:1] in ("[", "{") else None
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        _check_count(path, len(value), most)
        return Vocabulary.of_entries(safe_words(value))
    _check_count(path, text.count("\n") + 1, most)
    return Vocabulary.of_entries(safe_words(text.split("\n")))


def _check_count(path: Path, count: int, most: int) -> None:
    """Refuse more words than the network can have, before they are made."""
    if count > most:
        raise damaged(path, f"{count:,} words, but no matrix of the network has more than {most:,} rows")


def _json(path: Path, text: str) -> Any:
    """Return the value of a JSON text whose objects don't fill the memory."""
    if (cost := json_cost(text.encode("utf-8", "surrogatepass"))) > MOST_JSON:
        raise damaged(path, f"its words would take about {cost // 10**6} MB of memory; at most {MOST_JSON // 10**6} MB")
    return json.loads(text)


def _text(path: Path) -> str:
    """Return a file's text."""
    if size_of(path) > LARGEST_FILE:
        raise damaged(path, f"more than {LARGEST_FILE // 10**6} MB is no vocabulary")
    content = mapped(path)
    try:
        return str(content, "utf-8-sig")
    except UnicodeDecodeError as error:
        line = bytes(content).count(b"\n", 0, error.start) + 1
        raise damaged(path, f"line {line} is not UTF-8; expected a text with a word a line") from error


def _from_json(path: Path, value: Any, text: str, most: int) -> Vocabulary:
    """Return the words of a list, of an object of words and ids, or of a tokenizer."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        _check_count(path, len(value), most)
        return Vocabulary.of_entries(safe_words(value))
    if isinstance(value, dict) and isinstance(value.get("model"), dict):
        return read_tokenizer(path, value, text, partial(_by_id, path, most=most))
    if isinstance(value, dict) and value and all(type(number) is int for number in value.values()):
        return Vocabulary.of_entries(safe_words(_by_id(path, value, most)))
    raise damaged(path, "expected a list of words, an object of words and their ids, or a tokenizer.json")


def _by_id(path: Path, ids: dict[str, int], most: int) -> list[str]:
    """Return the words in the order of their ids; an id that no word has gets its number as name."""
    for word, number in ids.items():
        if not 0 <= number < MOST_WORDS:
            most_id = f" to {MOST_WORDS - 1:,}" if number > 0 else ""
            raise damaged(path, f"{shown(word)}: expected an id from 0 up{most_id}, got {shown(number)}")
        if number >= most:
            raise damaged(
                path, f"{shown(word)} has the id {number:,}, but no matrix of the network has more than {most:,} rows"
            )
    words = [f"#{number}" for number in range(max(ids.values()) + 1)]
    for word, number in reversed(ids.items()):
        words[number] = word
    return words
