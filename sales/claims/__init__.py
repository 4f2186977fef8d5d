"""What a plan claims, claim by claim; `sales.verify` puts them in order."""
