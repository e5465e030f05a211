"""What the diagrams show."""
