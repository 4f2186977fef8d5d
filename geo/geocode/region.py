"""State and country to the middle of where their people live: good for a review list only."""

from typing import Final

from geo.geocode.country import country_code, country_name
from geo.geocode.gazetteer import Centre, centre
from geo.geocode.state import MILITARY, US_TERRITORIES, state_code, state_name
from geo.geocode.types import Address, Geocode, Precision

SOURCE: Final = "geonames"


def _region(address: Address) -> tuple[str, str | None] | None:
    """Country and, where it is understood, admin1 code of the state."""
    country = country_code(address.country)
    if country is None:
        return None
    state = state_code(country, address.state) if address.state.strip() else None
    if country == "US" and state in US_TERRITORIES:
        return state, None
    return country, state


class Region:
    """Answers with a precision that does not place an account, and never without a country."""

    name = "region"

    def geocode(self, address: Address) -> Geocode | None:
        """Middle of the state, else of the country, or None where the country is unknown."""
        region = _region(address)
        if region is None:
            return None
        country, state = region
        if country == "US" and address.state.strip().upper() in MILITARY:
            return None
        middle = centre(country, state) if state else None
        if state and middle:
            words = f"{state_name(country, state)}, {country_name(country)}"
            return Geocode(middle.lat, middle.lng, Precision.STATE, SOURCE, 0.9, words)
        middle = centre(country)
        if middle is None:
            return None
        words = country_name(country)
        return Geocode(middle.lat, middle.lng, Precision.COUNTRY, SOURCE, 0.9, words)

    def extent(self, address: Address) -> Centre | None:
        """Middle and reach of the state, else of the country, that the address names."""
        region = _region(address)
        if region is None:
            return None
        country, state = region
        return (centre(country, state) if state else None) or centre(country)
