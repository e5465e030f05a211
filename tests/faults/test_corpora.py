"""A corpus is the same text however it is named, packed and cut."""

from __future__ import annotations

import bz2
import gzip
import lzma
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
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


def test_zstandard_is_unpacked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zstandard = pytest.importorskip("zstandard", reason="needs the package zstandard")
    pytest.importorskip("fsspec")
    monkeypatch.setattr(corpora, "BLOCK", 1000)
    (folder / "text.zst").write_bytes(zstandard.compress(TEXT.encode()))
    assert lines_of(str(folder / "text.zst")) == TEXT.splitlines()


class Parts(SimpleHTTPRequestHandler):
    """A web server that gives parts of files."""

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """Give the part that is asked for."""
        path = Path(self.translate_path(self.path))
        if not path.exists():
            self.send_error(404)
            return
        asked, content = self.headers.get("Range"), path.read_bytes()
        first, last = map(int, asked.removeprefix("bytes=").split("-")) if asked else (0, len(content) - 1)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Range", f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}")
        self.end_headers()
        self.wfile.write(content[first : last + 1])

    def end_headers(self) -> None:
        """Say that there are parts."""
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()


class Closed(SimpleHTTPRequestHandler):
    """A web server that gives nothing."""

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """Refuse."""
        self.send_error(403)

    do_HEAD = do_GET  # noqa: N815 - so the library calls it


class Whole(SimpleHTTPRequestHandler):
    """A web server that gives whole files, whatever it is asked for."""

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def served(folder: Path, kind: type[SimpleHTTPRequestHandler], secured: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a folder on this machine, and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(folder))) as server:
        if secured:
            server.socket = secured.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http{'s' if secured else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("kind", [Parts, Whole])
def test_what_a_web_server_has_is_read_in_parts_or_else_whole(
    kind: type[SimpleHTTPRequestHandler], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp", reason="needs the package aiohttp")
    monkeypatch.setattr(corpora, "BLOCK", 4000)
    (folder / "b.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    with served(folder, kind) as address:
        pieces = text_pieces(text_files([f"{address}/b.txt"]))
        assert len(pieces) == (3 if kind is Parts else 1)
        assert lines_of(f"{address}/b.txt") == lines_of(f"{address}/b.txt.gz") == TEXT.splitlines()
        with pytest.raises(LstmAsciiError, match=r"^http://\S*/nothing\.txt: there is no such file$"):
            text_files([f"{address}/nothing.txt"])


def test_what_a_web_server_refuses_is_said(folder: Path) -> None:
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp", reason="needs the package aiohttp")
    with (
        served(folder, Closed) as address,
        pytest.raises(LstmAsciiError, match=r"^http://\S*/b\.txt: the server answers 403 Forbidden$"),
    ):
        text_files([f"{address}/b.txt"])


def test_a_certificate_that_nobody_trusts_is_said(folder: Path) -> None:
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp", reason="needs the package aiohttp")
    trustme = pytest.importorskip("trustme", reason="needs the package trustme")
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(secured)
    with (
        served(folder, Parts, secured) as address,
        pytest.raises(LstmAsciiError, match=r"^https://\S*/b\.txt: .*certificate verify failed"),
    ):
        text_files([f"{address}/b.txt"])


def test_buckets_are_read_as_folders_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3fs = pytest.importorskip("s3fs", reason="needs the package s3fs")
    server = pytest.importorskip("moto.server", reason="needs moto[server]").ThreadedMotoServer("127.0.0.1", 0)
    monkeypatch.setattr(corpora, "BLOCK", 4000)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name, value in (("ENDPOINT_URL", f"http://{host}:{port}"), ("ACCESS_KEY_ID", "a"),
                            ("SECRET_ACCESS_KEY", "b"), ("DEFAULT_REGION", "us-east-1")):  # fmt: skip
            monkeypatch.setenv(f"AWS_{name}", value)
        system = s3fs.S3FileSystem()
        system.mkdir("bucket")
        system.pipe("bucket/texts/b.txt", TEXT.encode())
        system.pipe("bucket/texts/c.txt.gz", gzip.compress(TEXT.encode()))
        assert len(text_pieces(text_files(["s3://bucket/texts/b.txt"]))) == 3
        assert lines_of("s3://bucket/texts") == lines_of("s3://bucket/texts/*") == 2 * TEXT.splitlines()
        with pytest.raises(LstmAsciiError, match=r"^s3://bucket/nothing\.txt: there is no such file$"):
            text_files(["s3://bucket/nothing.txt"])
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("address", "package"), [("s3://b/x", "s3fs"), ("gs://b/x", "gcsfs"), ("https://b/x", "aiohttp")]
)
def test_a_package_that_is_missing_is_named(address: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")

    def missing(*_: object) -> None:
        raise ImportError

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(LstmAsciiError, match=rf"^{address}: needs the package {package}; pip install {package} inst"):
        text_files([address])


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
