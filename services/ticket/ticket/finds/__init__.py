"""Finds 失物招领: what was found in the building, kept at its station until its owner has it back."""
