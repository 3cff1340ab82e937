"""Searching and checking identity's audit log. Writing it is the chassis'."""
