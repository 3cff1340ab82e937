"""Hazards from found to verified."""
