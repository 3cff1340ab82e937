"""What is generated from proto/, and the checks over it."""
