"""What is told about accounts that could not be placed, and about doubts in placing others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geo.geocode.doubts import Doubt, read_note
from geo.geocode.types import Address, Geocode, Precision
from sales.accounts.types import RowIssue, Severity

_CHECK: Final = "Check the row in the CRM."
# the column that a doubt is about, and how to mend it
_ABOUT: Final[Mapping[Doubt, tuple[str, str]]] = {
    Doubt.LEADING_ZERO: (
        "postal_code",
        "Store postal codes as text, not as numbers, so that the zero is kept.",
    ),
    Doubt.POSTCODE_UNKNOWN: ("postal_code", "Correct the ZIP code; the city's middle was used."),
    Doubt.POSTCODE_CITY: ("postal_code", "Correct the postal code or the city."),
    Doubt.POSTCODE_STATE: ("state", "Correct the postal code or the state."),
    Doubt.POSTCODE_COUNTRY: ("country", "Correct the country or the postal code."),
    Doubt.COUNTRY_UNKNOWN: ("country", "Write the country's English name or its ISO code."),
    Doubt.COUNTRY_ASSUMED: ("country", "Fill in the country."),
    Doubt.STATE_UNKNOWN: ("state", "Write the state's name or its ISO 3166-2 code."),
    Doubt.CITY_AMBIGUOUS: ("city", "Fill in the state or the postal code."),
    Doubt.COORDINATES_DISAGREE: ("latitude", "Correct the coordinates or the address."),
    Doubt.COORDINATES_MENDED: ("latitude", "Correct the coordinates in the CRM."),
}
_MISSING_HINT: Final = "Fill in a postal code, or city and state, or latitude and longitude."


@dataclass(frozen=True, slots=True)
class Row:
    """An account's row as far as issues need it; `columns` maps field → header in the file."""

    row: int
    account_id: str
    columns: Mapping[str, str]

    def issue(self, field: str, code: str, message: str, hint: str, severity: Severity) -> RowIssue:
        """An issue about one field of this row, under the header that the file gives it."""
        column = self.columns.get(field, field)
        return RowIssue(self.row, self.account_id, column, code, message, hint, severity)


def warnings_of(row: Row, found: Geocode) -> list[RowIssue]:
    """One warning for each doubt that the geocoder noted."""
    issues = []
    for line in found.notes:
        doubt, detail = read_note(line)
        if doubt is None:
            issue = row.issue("", "geocode_note", detail, _CHECK, Severity.WARNING)
        else:
            field, hint = _ABOUT[doubt]
            code = doubt.name.lower()
            message = f"{doubt[0].upper()}{doubt[1:]}: {detail}."
            issue = row.issue(field, code, message, hint, Severity.WARNING)
        issues.append(issue)
    return issues


def error_of(row: Row, address: Address, found: Geocode | None) -> RowIssue:
    """Why an account has no place on the map, and what would give it one."""
    field, code, message, hint = _reason(address, found)
    return row.issue(field, code, message, hint, Severity.ERROR)


def _reason(address: Address, found: Geocode | None) -> tuple[str, str, str, str]:
    parts = (address.street, address.city, address.state, address.postal_code, address.country)
    written = ", ".join(part.strip() for part in parts if part.strip())
    if found is None and not written:
        return "city", "address_missing", "No address and no coordinates.", _MISSING_HINT
    if found is None:
        return (
            "postal_code" if address.postal_code.strip() else "city",
            "address_unknown",
            f"No place was found for '{written}'.",
            "Correct postal code, city, state and country, or give latitude and longitude.",
        )
    if any(read_note(line)[0] is Doubt.POSTCODE_STATE for line in found.notes):
        return (
            "postal_code",
            "address_contradictory",
            f"Postal code and state contradict each other ({written}) and nothing else decides.",
            "Correct the postal code or the state, or fill in the city.",
        )
    known = "state" if found.precision is Precision.STATE else "country"
    message = f"Only the {known} is known: {found.matched}."
    hint = _MISSING_HINT
    if address.city.strip():
        message = f"'{address.city.strip()}' was not found in {found.matched}."
        hint = "Correct the city's spelling or its state, or fill in a postal code."
    elif address.postal_code.strip():
        message = f"Postal code '{address.postal_code.strip()}' was not found; {message}"
        hint = "Correct the postal code or fill in the city."
    return "city", f"{known}_only", message, hint
