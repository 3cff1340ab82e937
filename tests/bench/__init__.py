"""How fast the district is, next to an ordinary monolith on the same PostgreSQL: `make bench`.

Timed assertions live here and never in the test suite.
"""
