"""The district's business clock."""
