"""A corpus is the same text however it is named, packed and cut."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from lstm_ascii import corpora
from lstm_ascii.corpora import TextFile, names_a_corpus, text_files, text_pieces
from lstm_ascii.errors import LstmAsciiError

TEXT = "".join(f"The {['cat', 'dog'][n % 2]} number {n} wasn't hungry.\n" for n in range(300))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.txt").write_text(TEXT)
    (tmp_path / "deep" / "a.txt").write_text(TEXT)
    (tmp_path / ".hidden").write_text("not read\n")
    return tmp_path


def lines_of(*names: str) -> list[str]:
    return [line for piece in text_pieces(text_files(names)) for _, _, lines in piece.blocks() for line in lines]


def test_names_folders_and_patterns_name_files_once_and_in_their_order(folder: Path) -> None:
    names = [file.name for file in text_files([str(folder)])]
    assert names == [str(folder / "b.txt"), str(folder / "deep" / "a.txt")]
    assert [file.name for file in text_files([f"{folder}/**/*.txt", str(folder)])] == names
    assert names_a_corpus(f"{folder}/*.txt")
    assert not names_a_corpus("Why?")
    for nothing in (f"{folder}/*.csv", f"{folder}/c.txt"):
        with pytest.raises(LstmAsciiError):
            text_files([nothing])


@pytest.mark.parametrize("block", [70, 1000, 1 << 20])
def test_whatever_is_packed_and_however_it_is_cut_the_lines_are_the_same(
    block: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "BLOCK", block)
    monkeypatch.setattr(corpora, "NEAR", 60)
    pytest.importorskip("fsspec")
    for ending, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
        (folder / f"text{ending}").write_bytes(pack(TEXT.encode()))
        assert lines_of(str(folder / f"text{ending}")) == TEXT.splitlines()
    assert lines_of(str(folder / "b.txt")) == TEXT.splitlines()


def test_addresses_are_read_as_files_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")
    monkeypatch.setattr(corpora, "BLOCK", 1000)
    with fsspec.open("memory://corpus/text.txt", "wb") as file:
        file.write(TEXT.encode())
    with fsspec.open("memory://corpus/text.txt.gz", "wb") as file:
        file.write(gzip.compress(TEXT.encode()))
    assert lines_of("memory://corpus/text.txt") == lines_of("memory://corpus/text.txt.gz") == TEXT.splitlines()
    assert len(text_files(["memory://corpus"])) == len(text_files(["memory://corpus/*"])) == 2
    assert lines_of((folder / "b.txt").as_uri()) == TEXT.splitlines()
    for nothing in ("memory://corpus/nothing.txt", "nowhere://corpus/text.txt"):
        with pytest.raises(LstmAsciiError, match=r"nothing|nowhere"):
            text_files([nothing])


def test_a_damaged_file_is_one_line(folder: Path) -> None:
    (folder / "text.gz").write_bytes(gzip.compress(TEXT.encode())[:100])
    with pytest.raises(LstmAsciiError, match=r"text\.gz: "):
        lines_of(str(folder / "text.gz"))


def test_a_corpus_is_cut_by_its_size_alone() -> None:
    small, large = TextFile("small", 3 << 20), TextFile("large", 1 << 40)
    assert [(piece.first, piece.last) for piece in text_pieces([small])] == [(n << 20, n + 1 << 20) for n in range(3)]
    pieces = text_pieces([small, large])
    assert len(pieces) == 4097
    assert max(piece.last - piece.first for piece in pieces) == corpora.LARGEST_PIECE
