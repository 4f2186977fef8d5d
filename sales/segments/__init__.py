"""Territory models: who belongs to which segment, and what geography each segment has."""
