"""The page of ``inspect``, and of ``--verify``."""
