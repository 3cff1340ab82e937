"""Service requests 工单: from ordering a service item to the confirmed and rated result."""
