"""The page of ``gradients``: its sections, in their order; each is made by the module of its name."""

SECTIONS = ("glance", "factors", "steps", "bars", "measures", "spectrum", "clip", "words")
BY_DEFAULT = ("glance", "factors", "steps", "measures", "words")
