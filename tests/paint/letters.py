"""A small text of single characters, made by script: other letters stand inside brackets, and others inside quotes."""

from __future__ import annotations

import random

OUTSIDE, IN_BRACKETS, IN_QUOTES = "abcd", "mnop", "wxyz"


def letters(lines: int, seed: int) -> str:
    """Return so many lines of words, brackets and quotes."""
    rng = random.Random(seed)  # noqa: S311 - a text, no secret
    return "\n".join(" ".join(_part(rng) for _ in range(rng.randint(2, 5))) + "." for _ in range(lines)) + "\n"


def _part(rng: random.Random) -> str:
    """Return a word, or some of them inside brackets or quotes."""
    choice, inside = rng.random(), rng.randint(1, 4)
    if choice < 0.3:
        return f"({' '.join(_word(rng, IN_BRACKETS) for _ in range(inside))})"
    if choice < 0.5:
        return f'"{" ".join(_word(rng, IN_QUOTES) for _ in range(inside))}"'
    return _word(rng, OUTSIDE)


def _word(rng: random.Random, alphabet: str) -> str:
    """Return two to five letters."""
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(2, 5)))
