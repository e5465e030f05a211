"""Documents in a real browser: they follow the reader's choice of light or dark."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from lstm_ascii.cli.app import run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip
SCHEMES = {"light": 1, "dark": 0}


def screenshot(document: Path, scheme: str) -> bytes:
    """Return what a browser shows of a document, as a PNG."""
    picture = document.with_name(f"{document.stem}-{scheme}.png")
    profile = document.with_name(f"profile-{scheme}")
    subprocess.run(  # noqa: S603
        [str(BROWSER), *QUIET, f"--user-data-dir={profile}", f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
         "--window-size=400,240", f"--screenshot={picture}", document.as_uri()],
        check=True, timeout=300, capture_output=True, env={**os.environ, "HOME": str(document.parent)},
    )  # fmt: skip
    return picture.read_bytes()


def rows(png: bytes) -> tuple[int, list[bytes]]:
    """Return the bytes of a pixel, and the lines of a picture of eight bits a channel (PNG, RFC 2083)."""
    place, data, channels = 8, b"", 0
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        chunk = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, _, _, color = struct.unpack(">IIBB", chunk[:10])
            channels = {2: 3, 6: 4}[color]
        data += chunk if kind == b"IDAT" else b""
        place += 12 + length
    raw, stride = zlib.decompress(data), width * channels
    lines, before = [], bytes(stride)
    for start in range(0, len(raw), stride + 1):
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], before, channels)
        lines.append(before)
    return channels, lines


def _unfiltered(kind: int, line: bytes, above: bytes, channels: int) -> bytes:
    """Undo the filter of one line."""
    out = bytearray(line)
    for n, value in enumerate(line):
        left, up = out[n - channels] if n >= channels else 0, above[n]
        corner = above[n - channels] if n >= channels else 0
        nearest = min((left, up, corner), key=lambda other: abs(left + up - corner - other))
        out[n] = (value + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
    return bytes(out)


@pytest.mark.parametrize("ending", ["svg", "html"])
def test_a_document_is_light_or_dark_as_its_reader_is_and_its_text_stands_out(ending: str, tmp_path: Path) -> None:
    document = tmp_path / f"page.{ending}"
    assert run(["explain", "The cat was hungry.", "--view", "gates", "--export", str(document)]) == 0
    for scheme, is_ground in (("light", lambda level: level > 230), ("dark", lambda level: level < 50)):
        channels, lines = rows(screenshot(document, scheme))
        pixels = range(20 * channels, 360 * channels, channels)
        levels = [sum(line[n : n + 3]) / 3 for line in lines[20:220] for n in pixels]
        ground = sum(map(is_ground, levels)) / len(levels)
        text = sum(level < 120 if scheme == "light" else level > 150 for level in levels) / len(levels)
        assert ground > 0.6, scheme
        assert text > 0.01, scheme


def test_the_lesson_is_laid_out_in_both_and_needs_no_network(tmp_path: Path) -> None:
    document = tmp_path / "lesson.html"
    assert run(["learn", "1", "--export", str(document)]) == 0
    for scheme, is_ground in (("light", lambda level: level > 230), ("dark", lambda level: level < 50)):
        channels, lines = rows(screenshot(document, scheme))
        pixels = range(20 * channels, 360 * channels, channels)
        levels = [sum(line[n : n + 3]) / 3 for line in lines[20:220] for n in pixels]
        assert sum(map(is_ground, levels)) / len(levels) > 0.5, scheme
        assert sum(level < 120 if scheme == "light" else level > 150 for level in levels) / len(levels) > 0.01, scheme


def test_the_browser_finds_contents_pictures_and_closed_questions_in_the_lesson(tmp_path: Path) -> None:
    document = tmp_path / "lesson.html"
    assert run(["learn", "1-2", "--export", str(document)]) == 0
    read = subprocess.run(  # noqa: S603
        [str(BROWSER), *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", document.as_uri()],
        check=True, timeout=120, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)},
    ).stdout  # fmt: skip
    assert read.count("<details>") == 4
    assert "<details open" not in read
    assert read.count("<figure>") == read.count("</figure>") == 3
    assert all(f'<a href="#part-{number}">' in read and f'id="part-{number}"' in read for number in (1, 2))
