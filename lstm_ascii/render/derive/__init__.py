"""The mathematics, step by step, and one unit's arithmetic."""
