"""Unannounced inspections of places, five classes each."""
