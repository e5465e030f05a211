"""The page of ``explain``: its sections, in their order; each is made by ``section`` in the module of its name."""

SECTIONS = ("answer", "cell", "gates", "shares", "memory", "next", "decided", "unit", "split", "highway", "words")
BY_DEFAULT = ("answer", "cell", "gates", "decided", "unit", "highway", "words")
