"""The page of ``recall``, and the race while it runs."""
