"""A client of the REST API for Python programs. It imports nothing else of GATE."""
