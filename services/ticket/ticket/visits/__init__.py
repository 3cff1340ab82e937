"""Visits of enterprises and patrols of places, by plan."""
