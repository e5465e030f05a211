"""The words of a network from a file of their own: a word a line, JSON, or a Hugging Face ``tokenizer.json``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown, size_of
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.language.vocabulary import Vocabulary

LARGEST_FILE = 200_000_000
MOST_WORDS = 10_000_000  # an id above makes no vocabulary that anybody has


def read_vocabulary(path: Path) -> Vocabulary:
    """Return the words of a file, by index; its content decides how it is read.

    A list of words in JSON, or an object of words and their ids, where ids that are left out get their number as
    name; a ``tokenizer.json``, which also says how sentences are split; else a word a line.

    Raises:
        FileError: the file can't be opened, or is none of these.
        LstmAsciiError: it wants the package ``tokenizers``, which is not installed.
    """
    text = _text(path)
    if text.lstrip()[:1] in ("[", "{"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            if path.suffix.lower() == ".json":
                raise damaged(path, f"no JSON: {shown(error)}") from error
        else:
            return _from_json(path, value, text)
    words = text.split("\n")
    if words[-1] == "":
        words.pop()
    if not any(words):
        raise damaged(path, "no words in it; expected a word a line, or JSON")
    return Vocabulary(_safe(words))


def vocabulary_of(metadata: dict[str, str]) -> Vocabulary | None:
    """Return the words that a file of weights holds about itself, a word a line or a list in JSON, if it does."""
    text = metadata.get("vocabulary") or metadata.get("vocab")
    if not text:
        return None
    try:
        value = json.loads(text) if text.lstrip()[:1] in ("[", "{") else None
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return Vocabulary(_safe(value))
    return Vocabulary(_safe(text.split("\n")))


def _text(path: Path) -> str:
    """Return a file's text, with line feeds as its only line ends."""
    if size_of(path) > LARGEST_FILE:
        raise damaged(path, f"more than {LARGEST_FILE // 10**6} MB is no vocabulary")
    content = bytes(mapped(path))
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise damaged(path, f"line {line} is not UTF-8; expected a text with a word a line") from error


def _from_json(path: Path, value: Any, text: str) -> Vocabulary:
    """Return the words of a list, of an object of words and ids, or of a tokenizer."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return Vocabulary(_safe(value))
    if isinstance(value, dict) and isinstance(value.get("model"), dict):
        return _tokenizer(path, text)
    if isinstance(value, dict) and value and all(type(number) is int for number in value.values()):
        return Vocabulary(_safe(_by_id(path, value)))
    raise damaged(path, "expected a list of words, an object of words and their ids, or a tokenizer.json")


def _by_id(path: Path, ids: dict[str, int]) -> list[str]:
    """Return the words in the order of their ids; an id that no word has gets its number as name."""
    for word, number in ids.items():
        if not 0 <= number < MOST_WORDS:
            raise damaged(path, f"{shown(word)}: expected an id from 0 up, got {number}")
    words = [f"#{number}" for number in range(max(ids.values()) + 1)]
    for word, number in reversed(ids.items()):
        words[number] = word
    return words


def _safe(words: Sequence[str]) -> tuple[str, ...]:
    """Return entries that can be printed; plain ones, which most are, take no time."""
    return tuple(word if word.isascii() and word.isprintable() else visible(word) for word in words)


def _tokenizer(path: Path, text: str) -> Vocabulary:
    """Return the pieces of a tokenizer, and the splitter that it is."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise LstmAsciiError(
            f"{visible(str(path))}: needs the package tokenizers; pip install 'lstm-ascii[models]' installs it"
        ) from error
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # the package raises nothing narrower
        raise damaged(path, f"no tokenizer: {shown(error)}") from error
    ids = tokenizer.get_vocab(with_added_tokens=True)
    if not ids:
        raise damaged(path, "the tokenizer knows no words")
    unknown = json.loads(text)["model"].get("unk_token")
    return Vocabulary(_safe(_by_id(path, ids)), _splitter(tokenizer, unknown if isinstance(unknown, str) else ""))


def _splitter(tokenizer: Any, unknown: str) -> Callable[[str], list[str]]:
    """Return what splits a sentence; in place of the entry for unknown words it gives what the reader wrote."""

    def split(sentence: str) -> list[str]:
        clean = sentence.encode("utf-8", "replace").decode("utf-8")  # the package takes no stray bytes
        encoding = tokenizer.encode(clean, add_special_tokens=False)
        pieces = [
            clean[slice(*span)].strip() or piece if piece == unknown else piece
            for piece, span in zip(encoding.tokens, encoding.offsets, strict=True)
        ]
        if not pieces:
            raise UsageError('the sentence is empty; give one in quotes, such as "The cat was hungry."')
        return list(_safe(pieces))

    return split
