"""Imports of workbooks into the registry: proposed columns, a dry run, and a run that survives a restart."""
