"""AAA profiles: named lists of RADIUS check and reply attributes."""
