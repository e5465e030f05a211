"""The page of ``train``, and its progress."""
