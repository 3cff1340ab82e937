"""Sessions: from sign-in to sign-out, and the keys that sign their tokens."""
