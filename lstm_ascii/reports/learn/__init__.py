"""The course on one sentence."""
