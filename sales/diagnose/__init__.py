"""Is it the rep or the territory? Attainment, coverage, win rates, and effects with intervals."""
