"""Coordinates that the row carries, checked against the address beside them."""

import math
from typing import Final

from geo.geocode.doubts import Doubt, note
from geo.geocode.position import is_position, km_between
from geo.geocode.region import Region
from geo.geocode.types import Address, Geocode, Geocoder, Precision

SOURCE: Final = "given"
NEAR_KM: Final = 100.0  # farther from the middle of its ZIP or city than this, a point is doubted


class GivenCoordinates:
    """Takes given coordinates; `others` is what would be found without them.

    Where the address says another place, the usual slips are tried: latitude and longitude
    swapped, a minus sign lost. A slip is mended only if the address then agrees.
    """

    name = "given"

    def __init__(self, others: Geocoder, region: Region) -> None:
        self._others = others
        self._region = region

    def geocode(self, address: Address) -> Geocode | None:
        """The given position, or None where it is missing, out of range or (0, 0)."""
        lat, lng = address.lat, address.lng
        if lat is None or lng is None or not (math.isfinite(lat) and math.isfinite(lng)):
            return None
        expected = self._expected(_without_coordinates(address))
        if expected is None or (lat == 0 and lng == 0):
            return _given(lat, lng, 0.95) if is_position(lat, lng) else None
        return self._compared(lat, lng, expected)

    def _compared(
        self, lat: float, lng: float, expected: tuple[float, float, float, str]
    ) -> Geocode | None:
        """The position as given, mended, or doubted, held against the one expected."""
        middle_lat, middle_lng, reach_km, words = expected

        def agrees(y: float, x: float) -> bool:
            if not is_position(y, x):
                return False
            return km_between(y, x, middle_lat, middle_lng) <= reach_km

        if agrees(lat, lng):
            return _given(lat, lng, 1.0)
        for y, x, slip in (
            (lng, lat, "latitude and longitude were swapped"),
            (lat, -lng, "the longitude had the wrong sign"),
            (-lat, lng, "the latitude had the wrong sign"),
        ):
            if agrees(y, x):
                told = f"{slip}: ({lat:g}, {lng:g}) read as ({y:g}, {x:g}), as the address says"
                return _given(y, x, 0.8, note(Doubt.COORDINATES_MENDED, f"{told} {words}"))
        if not is_position(lat, lng):
            return None
        away = km_between(lat, lng, middle_lat, middle_lng)
        told = f"({lat:g}, {lng:g}) is {away:,.0f} km from {words}; took the coordinates"
        return _given(lat, lng, 0.5, note(Doubt.COORDINATES_DISAGREE, told))

    def _expected(self, address: Address) -> tuple[float, float, float, str] | None:
        """Where the address says the account is: position, tolerated distance (km), in words."""
        found = self._others.geocode(address)
        if found is None or found.confidence < 0.5:
            return None
        if found.precision.places_account:
            return found.lat, found.lng, NEAR_KM, found.matched
        extent = self._region.extent(address)
        if extent is None:
            return None
        return extent.lat, extent.lng, extent.reach_km + NEAR_KM, found.matched


def _without_coordinates(a: Address) -> Address:
    return Address(a.street, a.city, a.state, a.postal_code, a.country)


def _given(lat: float, lng: float, confidence: float, *notes: str) -> Geocode:
    matched = f"{lat:.5f}, {lng:.5f}"
    return Geocode(float(lat), float(lng), Precision.GIVEN, SOURCE, confidence, matched, notes)
