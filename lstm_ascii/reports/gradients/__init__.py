"""How a gradient travels back."""
