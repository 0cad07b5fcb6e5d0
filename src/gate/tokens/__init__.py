"""API tokens: opaque bearers that belong to an organization."""
