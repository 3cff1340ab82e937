"""How Louyu is brought up: on one machine from wheels, in containers, and what checks its sources."""
