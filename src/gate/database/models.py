"""No tables of its own: the file is there so that Django tells this app when a migration is done."""
