"""Promised times 时限: clocks on business calendars that explain themselves, and the ladder they climb."""
