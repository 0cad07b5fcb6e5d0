"""Proxying by realm (RFC 2865 section 2.3): sign-ins and accounting that other RADIUS servers see to."""
