"""The district in containers: one image recipe, and what a container does before its process starts."""
