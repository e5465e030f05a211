"""The page of ``explain``: its sections, in their order; each is made by the function of its name in ``page``."""

SECTIONS = ("cell", "gates", "shares", "memory", "next", "decided", "unit", "split", "highway", "words")
BY_DEFAULT = ("cell", "gates", "decided", "unit", "highway", "words")
