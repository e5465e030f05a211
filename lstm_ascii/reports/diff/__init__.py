"""What ``diff`` shows of two networks: what moved, what is found in one of them only, where their behaviour parts."""
