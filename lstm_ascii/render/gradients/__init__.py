"""How a gradient travels back: the pictures of ``gradients``."""
