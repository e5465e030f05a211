"""What happens in the cell, word by word."""
