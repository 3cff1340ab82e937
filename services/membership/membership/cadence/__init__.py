"""Obligations in periods 周期任务: rules, what fell due for whom, and what shows that it was done."""
