"""The words of a network from a file of their own, and how words are read that are not among them."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.checkpoints.vocabulary_files import read_vocabulary, vocabulary_of
from lstm_ascii.errors import FileError, LstmAsciiError, UnknownWordError
from lstm_ascii.language.vocabulary import Vocabulary

try:
    import tokenizers
except ImportError:
    tokenizers = None  # type: ignore[assignment]

UNKNOWN = {"unk_token": "[UNK]"}


def written(folder: Path, content: str | bytes | Any, name: str = "words.txt") -> Path:
    """Write a file; what is neither text nor bytes as JSON."""
    path = folder / name
    if isinstance(content, str | bytes):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    else:
        path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    "content",
    ["a\nb\nc\n", "a\nb\nc", "a\r\nb\r\nc\r\n", b"\xef\xbb\xbfa\nb\nc\n", ["a", "b", "c"], {"b": 1, "a": 0, "c": 2}],
)
def test_words_are_read_by_their_index(content: Any, tmp_path: Path) -> None:
    assert read_vocabulary(written(tmp_path, content)).words == ("a", "b", "c")


def test_a_list_that_begins_with_a_bracket_is_no_json(tmp_path: Path) -> None:
    assert read_vocabulary(written(tmp_path, "[PAD]\n[UNK]\nthe\n")).words == ("[PAD]", "[UNK]", "the")
    assert read_vocabulary(written(tmp_path, "{\n}\nthe\n")).words == ("{", "}", "the")


def test_an_empty_line_is_a_word_so_that_the_others_keep_their_place(tmp_path: Path) -> None:
    assert read_vocabulary(written(tmp_path, "a\n\nb\n")).words == ("a", "", "b")


def test_ids_that_no_word_has_get_their_number_as_name(tmp_path: Path) -> None:
    assert read_vocabulary(written(tmp_path, {"a": 1, "b": 4})).words == ("#0", "a", "#2", "#3", "b")


def test_the_first_of_two_words_with_one_id_counts(tmp_path: Path) -> None:
    assert read_vocabulary(written(tmp_path, {"a": 0, "b": 0})).words == ("a",)


def test_dangerous_words_are_written_out_and_found_as_they_are_shown(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(written(tmp_path, ["a\x1b[31m", "naïve", "‮b"]))
    assert vocabulary.words == ("a\\x1b[31m", "naïve", "\\u202eb")
    assert vocabulary.ids(vocabulary.words_of("naïve a\x1b[31m")) == [1, 0]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"a\nb\xff\n", "w.txt", "line 2 is not UTF-8"),
        ("\n", "w.txt", "no words in it"),
        ("[1, 2", "w.json", "no JSON"),
        ([1, 2], "w.json", "expected a list of words"),
        ({"a": "b"}, "w.json", "expected a list of words"),
        ({}, "w.json", "expected a list of words"),
        ({"a": -1}, "w.json", "a: expected an id from 0 up, got -1"),
        ({"a": 10**12}, "w.json", "a: expected an id from 0 up"),
        ({"\x1ba": -1}, "w.json", r"\\x1ba: expected an id"),
        (b"", "w.txt", "is empty"),
    ],
)
def test_what_is_no_vocabulary_is_a_clean_error(content: Any, name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=message) as caught:
        read_vocabulary(written(tmp_path, content, name))
    assert "\n" not in str(caught.value)


def test_deep_json_is_a_clean_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no JSON"):
        read_vocabulary(written(tmp_path, "[" * 200_000, "deep.json"))


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_is_not_there_is_a_clean_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read_vocabulary(tmp_path / name)


def test_a_file_of_weights_may_hold_its_words() -> None:
    for metadata in ({"vocabulary": "a\nb"}, {"vocab": '["a", "b"]'}):
        found = vocabulary_of(metadata)
        assert found is not None
        assert found.words == ("a", "b")
    assert vocabulary_of({"format": "pt"}) is None


@pytest.mark.parametrize("entry", ["<unk>", "[UNK]", "<UNK>", "UNK", "‹unknown›"])
def test_a_word_that_is_not_there_is_read_as_the_entry_for_such_words(entry: str) -> None:
    reading = Vocabulary(("the", entry)).read("zebra")
    assert (reading.entry, reading.known) == (entry, False)


def test_without_such_an_entry_the_error_names_the_word() -> None:
    vocabulary = Vocabulary(("the", "cat"))
    assert vocabulary.can_read("THE")
    assert not vocabulary.can_read("zebra")
    with pytest.raises(UnknownWordError, match="zebra: not in the vocabulary"):
        vocabulary.ids(["the", "zebra"])


def test_without_words_numbers_can_be_written_in_their_place() -> None:
    vocabulary = Vocabulary.of_numbers(300)
    assert vocabulary.ids(vocabulary.words_of("#12 #7 #299")) == [12, 7, 299]
    with pytest.raises(UnknownWordError, match=r"cat: the file names no words; .* write numbers from #0 to #299"):
        vocabulary.read("cat")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_any_words_are_found_again_as_they_are_shown(words: list[str]) -> None:
    found = vocabulary_of({"vocab": json.dumps(words)})
    assert found is not None
    assert len(found) == len(words)
    assert all(found.words[found.read(word).index] == word for word in found.words)


def trained(kind: str) -> Any:
    """Return a small tokenizer of that kind."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[UNK]": 0, "the": 1, "cat": 2, "hungry": 3, "##s": 4, ".": 5}
    if kind == "WordPiece":
        tokenizer = Tokenizer(models.WordPiece(vocab=words, **UNKNOWN))
    elif kind == "WordLevel":
        tokenizer = Tokenizer(models.WordLevel(vocab=words, **UNKNOWN))
    else:
        letters = ["[UNK]", *"thecasurngy.", "Ġ", "th", "the", "ca", "cat", "Ġcat"]
        merges = [("t", "h"), ("th", "e"), ("c", "a"), ("ca", "t"), ("Ġ", "cat")]
        ids = {piece: number for number, piece in enumerate(dict.fromkeys(letters))}
        tokenizer = Tokenizer(models.BPE(vocab=ids, merges=merges, **UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        return tokenizer
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.mark.skipif(tokenizers is None, reason="needs the package tokenizers")
@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        ("WordLevel", ["the", "zebra", "."]),
        ("WordPiece", ["the", "cat", "##s", "zebra", "."]),
        ("BPE", ["the", "Ġcat"]),
    ],
)
def test_a_tokenizer_splits_sentences_as_the_network_was_trained(kind: str, pieces: list[str], tmp_path: Path) -> None:
    tokenizer = trained(kind)
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    sentence = {"WordLevel": "the zebra .", "WordPiece": "the cats zebra.", "BPE": "the cat"}[kind]
    vocabulary = read_vocabulary(path)
    assert len(vocabulary) == tokenizer.get_vocab_size()
    assert vocabulary.words_of(sentence) == pieces
    assert vocabulary.ids(pieces) == tokenizer.encode(sentence).ids
    assert [reading.known for reading in vocabulary.read_sentence(pieces)] == [piece != "zebra" for piece in pieces]


@pytest.mark.skipif(tokenizers is None, reason="needs the package tokenizers")
def test_a_tokenizer_takes_any_sentence(tmp_path: Path) -> None:
    trained("WordPiece").save(str(tmp_path / "tokenizer.json"))
    vocabulary = read_vocabulary(tmp_path / "tokenizer.json")
    assert vocabulary.words_of("the \udcff\x1b cat")[-1] == "cat"
    with pytest.raises(LstmAsciiError, match="the sentence is empty"):
        vocabulary.words_of("  ")


@pytest.mark.skipif(tokenizers is None, reason="needs the package tokenizers")
def test_a_broken_tokenizer_is_a_clean_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no tokenizer"):
        read_vocabulary(written(tmp_path, {"model": {"type": "Magic"}}, "tokenizer.json"))


def test_without_the_package_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "tokenizers":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "tokenizers", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LstmAsciiError, match=r"pip install 'lstm-ascii\[models\]'"):
        read_vocabulary(written(tmp_path, {"model": {}}, "tokenizer.json"))
