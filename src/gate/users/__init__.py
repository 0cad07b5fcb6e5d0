"""Users: the people GATE lets in (subscribers) and the staff who run it, told apart by their role."""
