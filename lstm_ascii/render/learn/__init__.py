"""The course: its parts, their sections, their questions."""
