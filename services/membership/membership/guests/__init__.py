"""Guests 外来人员: people of neighbour enterprises, to whom the centre is open."""
