"""The embedded stack: PostgreSQL, NATS and the eight processes on one machine, from wheels alone."""
