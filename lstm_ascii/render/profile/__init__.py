"""The page of ``profile``."""

SECTIONS = ("layers", "units", "places", "idle", "all")
BY_DEFAULT = SECTIONS[:4]
