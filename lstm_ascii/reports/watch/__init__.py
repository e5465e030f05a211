"""A training as it was watched: what is measured, the lines that it is kept in, and the report made of them."""
