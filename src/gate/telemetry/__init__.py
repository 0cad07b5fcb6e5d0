"""Telemetry: what devices report of their connections and tests, and the summaries made from it."""
