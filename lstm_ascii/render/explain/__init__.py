"""The page of ``explain``: its sections, in their order; each is made by ``section`` in the module of its name."""

SECTIONS = ("verdict", "answer", "carrier", "track", "strips", "why", "gloss",
            "cell", "gates", "shares", "memory", "next", "decided", "unit", "split", "highway", "words",
            "kept", "shown", "series", "map", "paint")  # fmt: skip
BY_DEFAULT = ("verdict", "carrier", "track", "strips", "why")  # the page to show: one page, one point
BRIEF = ("verdict", "gloss")  # for a projector
ALL = ("cell", "gates", "decided", "unit", "highway", "words")  # the report at length
