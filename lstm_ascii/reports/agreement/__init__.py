"""Agreement on minimal pairs."""
