"""Development 发展党员: how an applicant becomes a party member, step by step."""
