"""Who acts: tenants, people, accounts, desks, grants, sessions, consents, clients, audit and the clock."""
