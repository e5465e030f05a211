"""Networks in files: how they are read and written."""
