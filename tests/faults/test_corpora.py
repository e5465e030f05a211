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
from lstm_ascii.training.corpus import _count as word_counts

TEXT = "".join(f"The {['cat', 'dog'][n % 2]} number {n} wasn't hungry.\n" for n in range(300))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.txt").write_text(TEXT)
    (tmp_path / "deep" / "a.txt").write_text(TEXT)
    (tmp_path / ".hidden").write_text("not read\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config.txt").write_text("not read\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
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


def test_what_is_no_text_is_left_out_of_a_folder_and_refused_by_name(folder: Path) -> None:
    (folder / "windows.txt").write_text("The cat was here.", encoding="utf-16")
    for name in ("picture.png", "windows.txt"):
        with pytest.raises(LstmAsciiError, match=rf"{name}: is no text in UTF-8"):
            text_files([str(folder / name)])
        with pytest.raises(LstmAsciiError, match="no text has such a name"):
            text_files([str(folder / f"{name[:3]}*")])
    assert len(text_files([str(folder)])) == 2


def test_a_mark_of_the_encoding_is_no_part_of_the_first_word(folder: Path) -> None:
    (folder / "b.txt").write_text(TEXT, encoding="utf-8-sig")
    (folder / "b.gz").write_bytes(gzip.compress(TEXT.encode("utf-8-sig")))
    assert lines_of(str(folder / "b.txt")) == lines_of(str(folder / "b.gz")) == TEXT.splitlines()
    assert word_counts(folder / "b.txt") == word_counts(folder / "deep" / "a.txt")


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
