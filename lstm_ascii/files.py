"""All writing of files goes through here (filled by the next step)."""
