"""The RADIUS server: sockets, look-ups, and the translation between packets and rooms. docs/radius.md follows one packet."""
