"""The three-level network of a building: groups on floors, liaisons of areas, and what is missing."""
