"""The page of ``explain``: its sections, in their order; each is made by ``section`` in the module of its name."""

SECTIONS = ("cell", "gates", "shares", "memory", "next", "decided", "unit", "split", "highway", "words")
BY_DEFAULT = ("cell", "gates", "decided", "unit", "highway", "words")
