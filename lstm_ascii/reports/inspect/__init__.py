"""What is in a file of weights, and whether it is read rightly."""
