"""One row of an upsert: checked by itself, so that a bad one fails alone, and geocoded."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.api.accounts_schemas import AccountRow
from app.store.accounts import Sent
from geo.geocode.types import Address
from sales.accounts.identity import canonical_id
from sales.route import Geocoding, locate
from sales.routing_rules import Answer


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a row cannot be used; `external_id` where it has one."""

    external_id: str | None
    code: str
    reason: str


def read_row(row: Any, geocode: Geocoding) -> Sent | Bad:
    """A row of plain JSON values, ready to be kept."""
    given = row.get("external_id") if isinstance(row, dict) else None
    name = given if isinstance(given, str) else None
    try:
        read = AccountRow.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "row"
        return Bad(name, "invalid_request", f"{field}: {first['msg']}")
    external_id = read.external_id.strip()
    if not external_id:
        return Bad(name, "invalid_request", "external_id: is blank")
    address = Address(
        read.street or "",
        read.city or "",
        read.state or "",
        read.postal_code or "",
        read.country or "",
        read.lat,
        read.lng,
    )
    place = locate(geocode, address)
    if isinstance(place, Answer) and place.code == "bad_position":
        return Bad(external_id, place.code, place.reason)
    sent = {key: value for key, value in row.items() if key != "external_id"}
    return Sent(canonical_id(external_id), external_id, sent, read.segment or "", place)
