"""The page of ``accuracy``: its sections, in their order; each is made by the function of its name in this package."""

SECTIONS = ("share", "class", "confusion", "failures", "rows")
