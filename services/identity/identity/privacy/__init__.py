"""A person's copy of what the district keeps, its erasure, and the holds that turn erasing into storing."""
