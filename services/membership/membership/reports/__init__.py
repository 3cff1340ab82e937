"""Reports of floor groups to their branch, and summaries of branches to the organisation above."""
