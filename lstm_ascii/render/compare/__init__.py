"""The page of ``compare``: its sections, in their order; each is made by the function of its name in ``page``."""

SECTIONS = ("claims", "problems", "size", "time", "span", "agreement", "gradient", "gates")
