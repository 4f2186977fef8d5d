"""What goes into a geocoder and what comes out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Precision(StrEnum):
    """How exactly a position is known, most exact first."""

    GIVEN = "given"
    MANUAL = "manual"
    ROOFTOP = "rooftop"
    STREET = "street"
    POSTCODE = "postcode"
    DISTRICT = "district"
    CITY = "city"
    COUNTY = "county"
    STATE = "state"
    COUNTRY = "country"
    NONE = "none"

    @property
    def places_account(self) -> bool:
        """Whether a position this exact may decide an account's territory.

        A state or country centre would pile thousands of accounts into one cell.
        """
        return self not in (Precision.STATE, Precision.COUNTRY, Precision.NONE)


@dataclass(frozen=True, slots=True)
class Address:
    """An account's whereabouts as written in the file; empty string or None where not given."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    lat: float | None = None
    lng: float | None = None


@dataclass(frozen=True, slots=True)
class Geocode:
    """A position with its pedigree. `lat`, `lng` in degrees; `confidence` in 0..1."""

    lat: float
    lng: float
    precision: Precision
    source: str
    confidence: float
    matched: str  # what was matched, in words: "ZIP 10115, New York NY"
    notes: tuple[str, ...] = ()  # doubts worth a line in the review: "leading zero restored"


class Geocoder(Protocol):
    """Anything that turns an address into a position, or says None when it cannot."""

    name: str

    def geocode(self, address: Address) -> Geocode | None:
        """Return the best match, or None."""
        ...
