"""The democratic review of members: what a year's grade rests on, and whoever decided it."""
