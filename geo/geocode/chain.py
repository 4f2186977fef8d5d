"""Geocoders one after the other, the most precise first."""

from collections.abc import Sequence

from geo.geocode.country import country_code, country_name
from geo.geocode.doubts import Doubt, doubted, note
from geo.geocode.infer import country_of_postcode, inferred_country
from geo.geocode.types import Address, Geocode, Geocoder, Precision
from geo.geocode.us_zip import US_POST
from geo.geocode.us_zip_table import read_zip, zips


class Chain:
    """Asks each link in turn; the first answer counts.

    The country is settled first: what the row says, else what the rest of the address leaves no
    choice about. A postal code that stands alone is tried as a US ZIP, with half the confidence.
    """

    name = "chain"

    def __init__(self, links: Sequence[Geocoder]) -> None:
        self._links = tuple(links)

    def geocode(self, address: Address) -> Geocode | None:
        """First answer of the links, with the doubts about country and postal code."""
        stated = country_code(address.country) if address.country.strip() else None
        country = stated or inferred_country(address)
        notes: list[str] = []
        factor = 1.0
        if address.country.strip() and stated is None:
            notes.append(note(Doubt.COUNTRY_UNKNOWN, f"'{address.country}'"))
            factor = 0.8
        shape = country_of_postcode(address.postal_code)
        if stated and shape and stated != shape:
            words = f"'{address.postal_code}' is a code of {country_name(shape)}"
            notes.append(note(Doubt.POSTCODE_COUNTRY, f"{words}, the row says {address.country}"))
            factor *= 0.5
        if country is None and _is_lone_zip(address):
            country, factor = "US", factor * 0.55
            notes.append(note(Doubt.COUNTRY_ASSUMED, f"{address.postal_code} read as a US ZIP"))
        if address.country != (country or ""):
            address = _in_country(address, country or "")
        for link in self._links:
            found = link.geocode(address)
            if found is not None:
                if found.precision is not Precision.GIVEN:
                    notes += _zip_passed_over(address, found)
                    notes += _country_guessed(address, found)
                    return doubted(found, factor, *notes) if notes else found
                return found
        return None


def _in_country(a: Address, country: str) -> Address:
    return Address(a.street, a.city, a.state, a.postal_code, country, a.lat, a.lng)


def _is_lone_zip(address: Address) -> bool:
    written = read_zip(address.postal_code)
    alone = not (address.city.strip() or address.state.strip() or address.country.strip())
    return alone and written is not None and written.code in zips()


def _zip_passed_over(address: Address, found: Geocode) -> list[str]:
    """A US code that no link could use, where something else could."""
    if found.precision is not Precision.CITY or address.country not in US_POST:
        return []
    written = read_zip(address.postal_code)
    if not address.postal_code.strip() or (written and written.code in zips()):
        return []
    return [note(Doubt.POSTCODE_UNKNOWN, f"'{address.postal_code}'; went by {found.matched}")]


def _country_guessed(address: Address, found: Geocode) -> list[str]:
    if address.country or found.precision is not Precision.CITY:
        return []
    return [note(Doubt.COUNTRY_ASSUMED, f"none given; took {found.matched}")]
