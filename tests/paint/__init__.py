"""Texts painted by a unit, and texts that a network writes."""
