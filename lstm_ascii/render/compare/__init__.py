"""The page of ``compare``."""
