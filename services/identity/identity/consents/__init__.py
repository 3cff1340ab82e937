"""What people agreed to, for what, towards whom, until when."""
