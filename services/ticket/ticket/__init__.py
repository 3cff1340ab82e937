"""Service requests: the catalogue of what a building does for people, and the tickets against it."""
