"""Tests of the memory race."""
