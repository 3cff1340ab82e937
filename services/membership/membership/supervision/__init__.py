"""Supervision by the superior, what was found and put right, and the stars that branches apply for."""
