"""Responsibility zones: the grid of places, who answers for each, and the plaques that say so."""
