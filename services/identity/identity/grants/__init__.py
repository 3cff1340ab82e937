"""Which account holds which role where, and what that lets it do."""
