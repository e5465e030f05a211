"""One module a question: a frozen dataclass with the answer in plain numbers, and what computes it."""
