"""Is today's map unfair? Where it stands among many valid maps of the same market."""
