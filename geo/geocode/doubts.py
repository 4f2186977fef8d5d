"""What a geocoder may doubt about an address, and how a doubt travels in `Geocode.notes`.

A note reads "doubt: detail"; the words before the colon are one of `Doubt`.
"""

from dataclasses import replace
from enum import StrEnum

from geo.geocode.types import Geocode


class Doubt(StrEnum):
    """The kinds of doubt. All leave the account where it was put; its row is to be looked at."""

    LEADING_ZERO = "leading zero restored"
    POSTCODE_UNKNOWN = "postal code unknown"
    POSTCODE_CITY = "postal code and city disagree"
    POSTCODE_STATE = "postal code and state disagree"
    POSTCODE_COUNTRY = "postal code and country disagree"
    COUNTRY_UNKNOWN = "country not understood"
    COUNTRY_ASSUMED = "country assumed"
    STATE_UNKNOWN = "state not understood"
    CITY_AMBIGUOUS = "ambiguous city"
    COORDINATES_DISAGREE = "coordinates disagree with the address"
    COORDINATES_MENDED = "coordinates mended"


def note(doubt: Doubt, detail: str) -> str:
    """One line for `Geocode.notes`."""
    return f"{doubt}: {detail}"


def read_note(line: str) -> tuple[Doubt | None, str]:
    """A note taken apart; `None` and the whole line where it is none of ours."""
    head, _, detail = line.partition(": ")
    try:
        return Doubt(head), detail
    except ValueError:
        return None, line


def doubted(result: Geocode, factor: float, *notes: str) -> Geocode:
    """`result` with its confidence multiplied by `factor` and `notes` put first."""
    confidence = round(result.confidence * factor, 3)
    return replace(result, confidence=confidence, notes=(*notes, *result.notes))
