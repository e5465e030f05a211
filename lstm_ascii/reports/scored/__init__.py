"""What the tables of right answers share: lines of files, rows left out, portions, shares with their intervals."""
