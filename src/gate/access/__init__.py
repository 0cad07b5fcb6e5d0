"""Access: may this person on this device come in, and with what? And the log of what was decided."""
