"""What the district sees: indicators from events only, rebuildable by replay."""
