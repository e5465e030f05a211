"""What can be measured on one pass of a cell: gates, memory, gradients. NumPy only; no pictures."""
