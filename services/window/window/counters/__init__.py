"""A building's counters and the matters it has enabled there."""
