"""One module a picture: a Rich renderable that draws a report. No NumPy, no engine."""
