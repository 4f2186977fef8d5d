"""What is fixed before a design: the incumbent, locks, groups, pairs, limits, barriers, homes."""
