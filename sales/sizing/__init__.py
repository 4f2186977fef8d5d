"""How much work the market needs, how many territories, and what one more or fewer is worth."""
