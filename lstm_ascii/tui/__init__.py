"""The walk on a terminal: what keys do is in :mod:`lstm_ascii.tui.state`; only the other modules know Textual."""
