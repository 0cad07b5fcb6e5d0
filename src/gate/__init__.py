"""GATE: network access for people who run Wi-Fi for others."""

__version__ = "0.1.0"
