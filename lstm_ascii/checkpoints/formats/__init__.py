"""File formats: from bytes to contents; nothing in a file is ever run."""
