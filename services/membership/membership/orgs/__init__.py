"""The organisations of a building: applied for from above, approved, active, dissolved."""
