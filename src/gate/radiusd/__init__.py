"""The RADIUS server: sockets, look-ups, translation between packets and rooms."""
