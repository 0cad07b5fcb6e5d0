"""Organizations: a tree whose roots are the tenants."""
