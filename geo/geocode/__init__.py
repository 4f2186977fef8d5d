"""Addresses to positions, offline, each with its precision, source, confidence and doubts."""

from geo.geocode.default import default_geocoder

__all__ = ["default_geocoder"]
