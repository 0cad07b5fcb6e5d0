"""Protocols know bytes: they take bytes and give back values, events and bytes, and never touch a socket or a clock.

Nothing here imports the rest of GATE, so each protocol can be read, tested and compiled by itself.
"""
