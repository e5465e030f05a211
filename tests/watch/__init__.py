"""What ``watch`` promises."""
