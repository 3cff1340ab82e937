"""Rewards: goods with stock that points are spent on, and their redemptions."""
