"""How safely people work: observations without names, and incidents."""
