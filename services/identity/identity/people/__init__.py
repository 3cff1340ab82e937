"""People, and the only place where their ID and phone numbers are kept."""
