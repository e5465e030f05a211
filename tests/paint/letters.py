"""A small text of single characters, made by script: words, brackets and quotes, which are always closed.

``python -m tests.paint.letters`` trains the stored model of characters anew, on a text whose letters are the same
everywhere: what is inside can be told by nothing but the brackets and quotes themselves.
"""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

OUTSIDE, IN_BRACKETS, IN_QUOTES = "abcd", "mnop", "wxyz"
MODEL = Path(__file__).with_name("letters.safetensors")


def letters(lines: int, seed: int, same: bool = False) -> str:
    """Return so many lines.

    Args:
        lines: of the text.
        seed: of the random numbers.
        same: whether the letters inside brackets and quotes are those outside.
    """
    rng = random.Random(seed)  # noqa: S311 - a text, no secret
    return "\n".join(" ".join(_part(rng, same) for _ in range(rng.randint(2, 5))) + "." for _ in range(lines)) + "\n"


def _part(rng: random.Random, same: bool) -> str:
    """Return a word, or some of them inside brackets or quotes."""
    choice, inside = rng.random(), rng.randint(1, 4)
    if choice < 0.3:
        return f"({' '.join(_word(rng, OUTSIDE if same else IN_BRACKETS) for _ in range(inside))})"
    if choice < 0.5:
        return f'"{" ".join(_word(rng, OUTSIDE if same else IN_QUOTES) for _ in range(inside))}"'
    return _word(rng, OUTSIDE)


def _word(rng: random.Random, alphabet: str) -> str:
    """Return two to five letters."""
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(2, 5)))


def main() -> None:
    """Train the stored model anew: half a minute."""
    from lstm_ascii.cli.app import run

    with TemporaryDirectory() as folder:
        text, model = Path(folder) / "letters.txt", Path(folder) / MODEL.name
        text.write_text(letters(4000, seed=0, same=True), "utf-8")
        sizes = ("--hidden", "12", "--steps", "3000")
        assert run(["train", "--corpus", str(text), "--characters", *sizes, "--out", str(model)]) == 0
        MODEL.write_bytes(model.read_bytes())


if __name__ == "__main__":
    main()
