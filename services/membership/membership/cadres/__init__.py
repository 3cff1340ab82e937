"""Who holds which post in an organisation, for which term, and who stands in reserve."""
