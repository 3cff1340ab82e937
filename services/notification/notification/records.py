"""What this service keeps about people: every table, parents before their children."""

from notification.inbox.tables import RECORDS as INBOX

RECORDS = (*INBOX,)
