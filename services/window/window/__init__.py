"""Government windows in buildings: departments, matters, counters and cases."""
