"""Who belongs: the registry of enterprises in a building."""
