"""The hues: each means one thing, can be told from the others by every reader, and stands out on every ground."""

from __future__ import annotations

import re
from itertools import combinations, product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import lstm_ascii.render
from lstm_ascii.render.documents import DARK, LIGHT
from lstm_ascii.render.theme import STYLES

Array = npt.NDArray[np.float64]

HUE = re.compile(r"#[0-9a-f]{6}")
HUES = {name: match[0] for name, style in STYLES.items() if (match := HUE.search(style))}
VISIONS = {  # of linear RGB: Machado, Oliveira & Fernandes 2009, at full severity
    "normal": np.eye(3),
    "without red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "without green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "without blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color: str) -> Array:
    """Return linear RGB of a colour in sRGB."""
    values = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: Array) -> Array:
    """Return CIE Lab of linear RGB."""
    xyz = TO_XYZ @ rgb / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def seen(color: str, vision: str) -> Array:
    """Return how somebody sees a colour, in CIE Lab."""
    return lab(np.clip(VISIONS[vision] @ linear(color), 0.0, 1.0))


def contrast(one: str, other: str) -> float:
    """Return the contrast of WCAG 2."""
    low, high = sorted(float(LUMINANCE @ linear(color)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
def test_everybody_can_tell_any_two_meanings_apart(vision: str) -> None:
    """Two hues that look alike to somebody are one hue to them."""
    for one, other in combinations(sorted(set(HUES.values())), 2):
        assert np.linalg.norm(seen(one, vision) - seen(other, vision)) >= 20, (one, other)


@pytest.mark.parametrize(("name", "ground"), [*product(HUES, (LIGHT[1], DARK[1], "#000000"))])
def test_every_hue_stands_out_on_light_and_on_dark(name: str, ground: str) -> None:
    """As WCAG 2 asks of what is drawn."""
    assert contrast(HUES[name], ground) >= 3


def test_no_two_meanings_share_a_hue() -> None:
    """A gate's hue is never that of a sign, of the memory, or of what is left of a gradient."""
    meanings: dict[str, set[str]] = {}
    for name, hue in HUES.items():
        meanings.setdefault(hue, set()).add("gradient" if name.startswith("grad.") else name)
    assert all(len(names) == 1 for names in meanings.values()), meanings


def test_what_is_right_or_wrong_has_no_hue() -> None:
    """It would be some gate's, and the marks tell it."""
    assert not [name for name in HUES if name.startswith(("verdict.", "measure", "state", "note", "title", "word"))]


def test_pages_name_styles_that_there_are() -> None:
    """A style that is no more would be drawn as nothing."""
    for path in Path(lstm_ascii.render.__file__).parent.rglob("*.py"):
        named = re.findall(r'"((?:gate|grad|verdict)\.[a-z]+)"', path.read_text(encoding="utf-8"))
        assert set(named) <= set(STYLES), path.name
