"""Live control: what NAS are asked to do with sessions that run (RFC 5176), and what they answered."""
