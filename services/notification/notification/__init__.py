"""Messages to people: templates, in-app inbox, e-mail and the delivery log, fed only by events."""
