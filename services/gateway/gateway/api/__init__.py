"""The description of the API: OpenAPI 3.1 from the contracts, and a page to read it."""
