"""OGC API – Features: a plan as collections of features that GIS programs read page by page."""
