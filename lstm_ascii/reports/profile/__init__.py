"""What every unit of a network does over a corpus of any size."""
