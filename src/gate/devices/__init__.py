"""Devices: the phones and computers on which people use the app, and whose they are."""
