"""Geometry on the sphere. Distances in km, angles in degrees, latitude first.

Points are handled as vectors on a sphere of the Earth's mean radius: a weighted mean of such
vectors is a true centroid everywhere, across ±180° and at the poles too.
"""

import numpy as np

from geo.arrays import Float

EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius R1


def to_xyz(lat: Float, lng: Float) -> Float:
    """Positions in km from the Earth's centre, shape (n, 3)."""
    phi, theta = np.radians(lat), np.radians(lng)
    cos_phi = np.cos(phi)
    return EARTH_RADIUS_KM * np.stack(
        [cos_phi * np.cos(theta), cos_phi * np.sin(theta), np.sin(phi)], axis=-1
    )


def to_lat_lng(xyz: Float) -> tuple[Float, Float]:
    """Latitude and longitude of the directions `xyz`, shape (n, 3); any length but zero."""
    lat = np.degrees(np.arctan2(xyz[..., 2], np.hypot(xyz[..., 0], xyz[..., 1])))
    return lat, np.degrees(np.arctan2(xyz[..., 1], xyz[..., 0]))


def chord_to_arc_km(chord_km: Float) -> Float:
    """Great-circle distance that belongs to a straight line through the Earth."""
    half_angle = np.arcsin(np.clip(chord_km / (2 * EARTH_RADIUS_KM), 0.0, 1.0))
    return np.asarray(2 * EARTH_RADIUS_KM * half_angle, dtype=np.float64)


def distance_km(lat_a: Float, lng_a: Float, lat_b: Float, lng_b: Float) -> Float:
    """Great-circle distance (haversine formula), element by element, broadcasting."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((phi_b - phi_a) / 2) ** 2
    half = half + np.cos(phi_a) * np.cos(phi_b) * np.sin(np.radians(lng_b - lng_a) / 2) ** 2
    arc = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return np.asarray(arc, dtype=np.float64)
