"""Places: locations, the access points in them, and access devices (doors, readers)."""
