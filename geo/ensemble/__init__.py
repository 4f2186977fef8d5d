"""Many valid maps of one market, drawn at random by recombination (ReCom)."""
