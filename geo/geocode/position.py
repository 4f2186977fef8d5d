"""What counts as a position on Earth."""

import math


def is_position(lat: float | None, lng: float | None) -> bool:
    """Whether both are given, finite, in range (degrees), and not the (0, 0) of missing data."""
    if lat is None or lng is None or not (math.isfinite(lat) and math.isfinite(lng)):
        return False
    return abs(lat) <= 90 and abs(lng) <= 180 and not (lat == 0 and lng == 0)
