"""What people ask the building for: the catalogue of service items and the requests against it."""
