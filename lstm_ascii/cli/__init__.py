"""One module a command: parse, make the report, show it."""
