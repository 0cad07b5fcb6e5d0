"""The REST API. The router list below is its contents page."""
