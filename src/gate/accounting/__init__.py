"""Accounting: sessions and their usage, written by the RADIUS server, read by the API and the console."""
