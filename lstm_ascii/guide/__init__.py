"""The guide: one Markdown file a topic, which the README links to and ``lstm-ascii guide`` shows.

The order here is the order in which they are listed. A topic is also found by the commands that it is about.
"""

from __future__ import annotations

TOPICS: dict[str, tuple[str, ...]] = {  # by the name of the file; the commands, where they are called otherwise
    "explain": (),
    "step": (),
    "gradients": (),
    "learn": ("glossary",),
    "diagram": (),
    "derive": (),
    "recall-and-compare": ("recall", "compare"),
    "lectures": (),
    "agreement": (),
    "own-networks": ("accuracy", "inspect", "doctor", "diff", "gradcheck"),
    "scale": ("profile", "cluster"),
    "paint": ("generate",),
    "train": (),
    "watch": (),
    "python": (),
    "notebook": (),
    "scripts": ("guide",),
    "figures": (),
}
