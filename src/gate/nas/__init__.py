"""NAS: the RADIUS clients (controllers, access points) GATE answers."""
