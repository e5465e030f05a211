"""The mathematics of a cell, and one unit's arithmetic."""
