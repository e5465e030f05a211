"""The topics of the guide, as their files have them, and how one is found."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.guide import TOPICS
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Topic:
    """One page.

    Attributes:
        name: what it is asked for by.
        title: its heading.
        answers: what its commands answer, in one sentence.
        text: all of it, in Markdown.
        also: commands that it is about, where they have other names.
    """

    name: str
    title: str
    answers: str
    text: str
    also: tuple[str, ...] = ()


@cache
def topic(name: str) -> Topic:
    """Return one of :data:`lstm_ascii.guide.TOPICS`, read from its file.

    Raises:
        FileError: the file can't be read, or doesn't open with a heading and a sentence.
    """
    path = FOLDER / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path.name}: {error}; install lstm-ascii again") from error
    heading, _, rest = text.partition("\n\n")
    answers = " ".join(rest.partition("\n\n")[0].split()).replace("`", "")
    if not heading.startswith("# ") or not answers:
        raise FileError(f"{path.name}: expected a heading and, below it, one sentence; mend the file")
    return Topic(name, heading.removeprefix("# "), answers, text, TOPICS[name])


def topics(wanted: str = "") -> Sequence[Topic]:
    """Return the topic of a name, or of a command that it is about; all of them for an empty name.

    Raises:
        UsageError: there is none; all are named.
    """
    if not wanted:
        return tuple(map(topic, TOPICS))
    asked = "-".join(wanted.lower().split())
    found = [name for name, also in TOPICS.items() if asked == name or asked in also]
    if not found:
        near = get_close_matches(asked, TOPICS, n=1)
        meant = f"do you mean {near[0]}? The" if near else "the"
        raise UsageError(f"TOPIC: {visible(wanted)!r} is not in the guide; {meant} topics are {', '.join(TOPICS)}")
    return tuple(map(topic, found))
