"""Jobs: what the worker does by schedule. One job, one file."""
