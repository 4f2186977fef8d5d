"""The whereabouts of accounts, from one address or, where that is empty, the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo.arrays import Bool, Float
from sales.accounts.blanks import without_blanks
from sales.accounts.codes import IssueCode, doubt
from sales.accounts.fields import AddressColumns
from sales.accounts.identity import without_point_zero
from sales.accounts.numbers import numbers_in
from sales.accounts.positions import checked_positions
from sales.accounts.raw import TEXT, RawTable, mask_of
from sales.accounts.types import RowIssue

PARTS: Final = ("street", "city", "state", "postal_code", "country")


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Text `parts` by field (n), and degrees `lat`, `lng` (n), NaN where not given."""

    parts: Mapping[str, pa.ChunkedArray]
    lat: Float
    lng: Float

    def placeable(self) -> Bool:
        """Rows with a position, or with a street, city or postal code, shape (n)."""
        named = [
            mask_of(pc.not_equal(self.parts[f], "")) for f in ("street", "city", "postal_code")
        ]
        return np.asarray(np.isfinite(self.lat) | np.any(named, axis=0), dtype=bool)


def whereabouts(
    raw: RawTable, addresses: tuple[AddressColumns, ...]
) -> tuple[Whereabouts, list[RowIssue]]:
    """Read the preferred address of each row; a row where it is empty takes the next whole one."""
    best, issues = _read(raw, addresses[0]) if addresses else (_nowhere(len(raw)), [])
    for other in addresses[1:]:
        second, doubts = _read(raw, other)
        instead = second.placeable() & ~best.placeable()
        best = _merged(best, second, instead)
        rows = raw.row[instead]
        used = set(rows.tolist())
        issues += [issue for issue in doubts if issue.row in used]
        hint = "Fill the first address in the CRM if the account is to be placed by it."
        message = f"The first address is empty; {_names(other)} stands in"
        issues += [doubt(int(row), "", IssueCode.ADDRESS_FALLBACK, message, hint) for row in rows]
    return best, issues


def _names(columns: AddressColumns) -> str:
    headers = columns.headers()
    return f"“{headers[0]}” and what belongs to it" if len(headers) > 1 else f"“{headers[0]}”"


def _read(raw: RawTable, columns: AddressColumns) -> tuple[Whereabouts, list[RowIssue]]:
    parts = {field: _first_given(raw, columns.parts.get(field, ())) for field in PARTS}
    parts["street"] = _joined(raw, columns.streets)
    parts["postal_code"] = without_point_zero(parts["postal_code"])
    if "latitude" not in columns.parts or "longitude" not in columns.parts:
        return Whereabouts(parts, *_no_position(len(raw))), []
    lat_header, lng_header = columns.parts["latitude"][0], columns.parts["longitude"][0]
    lat = numbers_in(without_blanks(raw.column(lat_header)), coordinate=True)
    lng = numbers_in(without_blanks(raw.column(lng_header)), coordinate=True)
    a, b, issues = checked_positions(lat, lng, lambda at: int(raw.row[at]), lat_header, lng_header)
    return Whereabouts(parts, a, b), issues


def _first_given(raw: RawTable, headers: tuple[str, ...]) -> pa.ChunkedArray:
    value = _empty(len(raw))
    for header in headers:
        value = pc.if_else(pc.equal(value, ""), without_blanks(raw.column(header)), value)
    return value


def _joined(raw: RawTable, headers: tuple[str, ...]) -> pa.ChunkedArray:
    """The lines of a street in one, with commas."""
    street = _empty(len(raw))
    for header in headers:
        line = without_blanks(raw.column(header))
        line = pc.replace_substring_regex(line, r"[\s,]*[\r\n]+\s*", ", ")
        both = pc.binary_join_element_wise(street, line, pa.scalar(", ", TEXT))
        street = pc.if_else(
            pc.equal(street, ""), line, pc.if_else(pc.equal(line, ""), street, both)
        )
    return street


def _merged(best: Whereabouts, second: Whereabouts, instead: Bool) -> Whereabouts:
    choose = pa.array(instead)
    parts = {f: pc.if_else(choose, second.parts[f], best.parts[f]) for f in PARTS}
    return Whereabouts(
        parts, np.where(instead, second.lat, best.lat), np.where(instead, second.lng, best.lng)
    )


def _nowhere(n: int) -> Whereabouts:
    return Whereabouts({field: _empty(n) for field in PARTS}, *_no_position(n))


def _no_position(n: int) -> tuple[Float, Float]:
    return np.full(n, np.nan), np.full(n, np.nan)


def _empty(n: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar("", TEXT), n)], type=TEXT)
