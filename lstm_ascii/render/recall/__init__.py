"""The page of ``recall``, and its bars while it trains."""
