"""Other people's programs, each asked for a plan as its makers would have it asked."""
