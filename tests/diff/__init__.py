"""What ``diff`` promises."""
