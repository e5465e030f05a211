"""A table of right answers, and what a network makes of it."""
