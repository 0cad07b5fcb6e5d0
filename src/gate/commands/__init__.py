"""What the `gate` command does itself, beyond starting processes: a way in like the others."""
