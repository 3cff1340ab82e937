"""Duty groups: who stands behind "the building's desk"."""
