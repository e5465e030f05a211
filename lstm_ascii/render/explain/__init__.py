"""The pictures of ``explain``, one module a section."""
