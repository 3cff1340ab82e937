"""Everyone's inbox: what happened that one should know, in the app and by e-mail."""
