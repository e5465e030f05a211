"""The page of ``agreement``."""
