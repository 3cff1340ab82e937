"""Checks over the sources that no ready-made linter makes."""
