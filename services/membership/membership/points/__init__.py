"""Points: rules as data, a double-entry ledger that is never edited, posted exactly once from events."""
