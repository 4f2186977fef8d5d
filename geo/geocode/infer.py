"""The country of an address that does not say it, where the rest leaves no choice."""

import re
from functools import lru_cache
from typing import Final

from geo.geocode.gazetteer import places_named
from geo.geocode.state import country_of_state, state_code
from geo.geocode.text import key, keys_of_name
from geo.geocode.types import Address
from geo.geocode.us_zip_table import city_of_zips, read_zip, zips

# shapes that no other country's codes have; I, O, Q and U do not occur in Canadian codes
CANADIAN: Final = re.compile(r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d", re.I)
BRITISH: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}", re.I)
ZIP_PLUS_4: Final = re.compile(r"\d{5}-\d{4}")


def country_of_postcode(postal_code: str) -> str | None:
    """Country whose postal codes alone have this shape (CA, GB), or None."""
    text = postal_code.strip()
    if not text[:1].isalpha():
        return None
    if CANADIAN.fullmatch(text):
        return "CA"
    return "GB" if BRITISH.fullmatch(text) else None


def inferred_country(address: Address) -> str | None:
    """Two-letter code of the country that the postal code, state and city agree on, or None.

    A bare five-digit code, or a two-letter state that nothing else supports, decides nothing.
    """
    return _infer(address.postal_code.strip(), address.city.strip(), address.state.strip())


@lru_cache(maxsize=1 << 17)
def _infer(postal_code: str, city: str, state: str) -> str | None:
    by_shape = country_of_postcode(postal_code)
    if by_shape:
        return by_shape
    if _is_american(postal_code, city, state):
        return "US"
    if state:
        province = state_code("CA", state)
        if province and any(n.place.state == province for n in places_named(key(city), "CA")):
            return "CA"
        return country_of_state(state)
    return None


def _is_american(postal_code: str, city: str, state: str) -> bool:
    written = read_zip(postal_code) if postal_code else None
    entry = zips().get(written.code) if written else None
    code = state_code("US", state) if state else None
    if entry is not None:
        if code == entry.state or (ZIP_PLUS_4.fullmatch(postal_code) and not state):
            return True
        if not state and city and not (written and written.restored):
            return key(city) in {k for name in entry.cities for k in keys_of_name(name)}
    if code is None or not city or (postal_code and written is None):
        return False
    if city_of_zips(key(city), code) is not None:
        return True
    return any(n.place.state == code for n in places_named(key(city), "US"))
