"""The functions that Python users call: each returns the report of the command of its name, which draws itself."""
