"""What departments decide on application, with the materials it needs."""
