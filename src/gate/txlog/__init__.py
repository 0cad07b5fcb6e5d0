"""The transaction log of portals: who did what, with what result."""
