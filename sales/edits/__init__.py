"""A plan edited by hand: moves of units and accounts, what they do, and the files that follow."""
