"""The page of ``agreement``: its sections, in their order; each is made by the function of its name in this package."""

SECTIONS = ("share", "kind", "distance", "published", "failures", "rows")
