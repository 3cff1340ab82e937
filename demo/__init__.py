"""The demo district: a fictional district with five organisations, loaded through the public API only."""
