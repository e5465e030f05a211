"""Tests of `step`: what keys do, what the screen shows, and that the terminal comes back."""
