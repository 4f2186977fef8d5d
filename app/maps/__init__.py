"""Maps: a plan as one HTML page, made with Folium."""

from app.maps.render import render_map

__all__ = ["render_map"]
