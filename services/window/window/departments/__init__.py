"""Departments that plug their windows into buildings."""
