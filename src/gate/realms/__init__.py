"""Realms: whose sign-ins and accounting other RADIUS servers see to (RFC 2865 section 2.3), and how those are reached."""
