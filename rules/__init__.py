"""What to decide. Pure: no I/O, clock, randomness, environment or logging."""
