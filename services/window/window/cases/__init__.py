"""Applications filed in a building and decided by a department."""
