"""Hugging Face's ``tokenizer.json``: its vocabulary and how it splits sentences."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lstm_ascii.checkpoints.formats.files import damaged, shown
from lstm_ascii.checkpoints.formats.texts import safe_words
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.language.vocabulary import Vocabulary

MOST_GROWTH = 100  # times that a tokenizer may lengthen a sentence
LONGEST_GROWN = 10_000_000  # characters of a sentence that it lengthened
MOST_PIECES = 1_000_000  # of a sentence


def read_tokenizer(
    path: Path, value: dict[str, Any], text: str, by_id: Callable[[dict[str, int]], list[str]]
) -> Vocabulary:
    """Return the pieces of a tokenizer, and the splitter that it is.

    Args:
        path: of the file, for errors.
        value: the file as JSON.
        text: the same as text.
        by_id: returns the words in the order of their ids.

    Raises:
        FileError: it is no tokenizer, or would lengthen sentences far too much.
        LstmAsciiError: the package ``tokenizers`` is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise LstmAsciiError(
            f"{visible(str(path))}: needs the package tokenizers; pip install 'lstm-ascii[models]' installs it"
        ) from error
    growth = _growth({name: value.get(name) for name in ("normalizer", "pre_tokenizer")})
    if growth > MOST_GROWTH:
        raise damaged(
            path, f"its rules could make a sentence {shown(growth)} times as long; at most {MOST_GROWTH} times"
        )
    with _clean_errors(path, "no tokenizer"):
        tokenizer = Tokenizer.from_str(text)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        ids = tokenizer.get_vocab(with_added_tokens=True)
    if not ids:
        raise damaged(path, "the tokenizer knows no words")
    unknown = value["model"].get("unk_token")
    split = _splitter(path, tokenizer, unknown if isinstance(unknown, str) else "", growth)
    return Vocabulary(safe_words(by_id(ids)), split)


def _splitter(path: Path, tokenizer: Any, unknown: str, growth: int) -> Callable[[str], list[str]]:
    """Return what splits a sentence; in place of the entry for unknown words it gives what the reader wrote."""

    def split(sentence: str) -> list[str]:
        clean = sentence.encode("utf-8", "replace").decode("utf-8")  # the package takes no stray bytes
        if len(clean) * growth > LONGEST_GROWN:
            raise damaged(
                path, f"a sentence of {len(clean):,} characters may become {growth} times as long; shorten it"
            )
        with _clean_errors(path, "can't split the sentence"):
            encoding = tokenizer.encode(clean, add_special_tokens=False)
            tokens, offsets = encoding.tokens, encoding.offsets
        if len(tokens) > MOST_PIECES:
            raise damaged(path, f"makes {len(tokens):,} pieces of the sentence; at most {MOST_PIECES:,} are read")
        pieces = [
            clean[slice(*span)].strip() or piece if piece == unknown else piece
            for piece, span in zip(tokens, offsets, strict=True)
        ]
        if not pieces:
            raise UsageError('the sentence is empty; give one in quotes, such as "The cat was hungry."')
        return list(safe_words(pieces))

    return split


def _growth(value: Any) -> int:
    """Return how many times as long the rules of a tokenizer may make a text; each multiplies the others."""
    growth, queue = 1, [value]
    while queue and growth <= MOST_GROWTH:
        part = queue.pop()
        queue += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        if not isinstance(part, dict):
            continue
        if part.get("type") == "Replace" and len(content := str(part.get("content", ""))) > 1:
            growth *= len(content)
        elif part.get("type") == "Replace" and isinstance(pattern := part.get("pattern"), dict) and "Regex" in pattern:
            growth *= 2  # it may match the nothing between two characters
        elif part.get("type") == "Prepend":
            growth *= 1 + len(str(part.get("prepend", ""))) // 4
        elif part.get("type") in ("ByteLevel", "Precompiled", "NFKD", "NFKC"):
            growth *= 2
    return growth


@contextmanager
def _clean_errors(path: Path, what: str) -> Iterator[None]:
    """Turn whatever the package raises into one error; a panic of its Rust code writes to the terminal itself."""
    try:
        with _no_messages():
            yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # the package raises nothing narrower, and its panics are no Exception
        raise damaged(path, f"{what}: {shown(error)}") from error


@contextmanager
def _no_messages() -> Iterator[None]:
    """Keep what is written to standard error by other code than Python's from the terminal."""
    kept = sink = -1
    try:
        try:
            kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 2)
        except OSError:  # there is no standard error
            pass
        yield
    finally:
        if kept >= 0:
            os.dup2(kept, 2)
            os.close(kept)
        if sink >= 0:
            os.close(sink)
