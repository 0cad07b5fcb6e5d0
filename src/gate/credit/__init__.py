"""Time credit: a ledger of seconds granted and used, and the balance kept beside it."""
