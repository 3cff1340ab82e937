"""Accounts: with what a person signs in."""
