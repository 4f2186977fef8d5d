"""Change: what-ifs on a plan in force, side by side, each of them a plan that can be adopted."""
