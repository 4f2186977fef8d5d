"""Accounts on the map: where each is, how exactly that is known, and what is doubted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.arrays import Bool, Float, frozen
from geo.geocode.batch import geocode_all
from geo.geocode.country import country_name
from geo.geocode.doubts import Doubt, doubted, note
from geo.geocode.prevailing import Prevailing, prevailing_country, told_country
from geo.geocode.types import Address, Geocode, Geocoder, Precision
from geo.progress import Progress, silent
from sales.accounts.types import AccountTable, RowIssue, Severity
from sales.locate_issues import Row, error_of, warnings_of

Text = npt.NDArray[np.object_]

_ASSUMED_CONFIDENCE = 0.8  # factor where the country is only the file's usual one
_FILE = 0  # row number of issues about the file as a whole


@dataclass(frozen=True, eq=False)
class LocatedAccounts:
    """Every row of `accounts` with its position. All arrays have one entry per row.

    `lat`, `lng` in degrees, NaN where nothing was found; `precision` (a `Precision` value,
    "none" where nothing was found), `source`, `matched` str; `confidence` 0..1; `placed`: usable
    and known exactly enough to decide a territory. `issues`: those of reading and of geocoding,
    by row; every usable row that is not placed has one of severity ERROR.
    """

    accounts: AccountTable
    lat: Float
    lng: Float
    precision: Text
    source: Text
    confidence: Float
    matched: Text
    placed: Bool
    issues: tuple[RowIssue, ...]


def locate(
    table: AccountTable, geocoder: Geocoder, *, progress: Progress = silent
) -> LocatedAccounts:
    """Geocode every usable row. A row without a country is tried in the file's prevailing one."""
    addresses = _addresses(table)
    usable = table.frame["usable"].to_numpy(dtype=bool)
    asked = np.flatnonzero(usable)
    results: list[Geocode | None] = [None] * len(addresses)
    found, about_file = _geocode([addresses[i] for i in asked], geocoder, progress)
    for i, result in zip(asked, found, strict=True):
        results[i] = result
    placed = np.array([r is not None and r.precision.places_account for r in results], dtype=bool)
    nowhere = Geocode(np.nan, np.nan, Precision.NONE, "", 0.0, "")
    known = [r or nowhere for r in results]
    issues = [*table.issues, *about_file, *_row_issues(table, addresses, results, asked)]
    return LocatedAccounts(
        table,
        frozen(np.array([r.lat for r in known], dtype=np.float64)),
        frozen(np.array([r.lng for r in known], dtype=np.float64)),
        frozen(np.array([r.precision.value for r in known], dtype=object)),
        frozen(np.array([r.source for r in known], dtype=object)),
        frozen(np.array([r.confidence for r in known], dtype=np.float64)),
        frozen(np.array([r.matched for r in known], dtype=object)),
        frozen(placed),
        tuple(sorted(issues, key=lambda issue: issue.row)),
    )


def _addresses(table: AccountTable) -> list[Address]:
    fields = ("street", "city", "state", "postal_code", "country")
    texts = (table.frame[field].tolist() for field in fields)
    numbers = (table.frame[field].tolist() for field in ("latitude", "longitude"))
    return [
        Address(street, city, state, code, country, _number(lat), _number(lng))
        for street, city, state, code, country, lat, lng in zip(*texts, *numbers, strict=True)
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _geocode(
    addresses: Sequence[Address], geocoder: Geocoder, progress: Progress
) -> tuple[list[Geocode | None], list[RowIssue]]:
    """Results and what is to be said about the file as a whole."""
    results = geocode_all(addresses, geocoder, progress=progress)
    countries = [told_country(address) for address in addresses]
    issues = _unused_postcodes(addresses, countries, results)
    prevailing = prevailing_country(addresses)
    if prevailing is None:
        return results, issues
    told_by_any = any(country is not None for country in countries)
    guessed = [
        i
        for i, (address, country) in enumerate(zip(addresses, countries, strict=True))
        if country is None and _gains_by_country(address, results[i])
    ]
    there = [replace(addresses[i], country=prevailing.country) for i in guessed]
    for i, found in zip(guessed, geocode_all(there, geocoder), strict=True):
        if found is not None and found.precision.places_account:
            notes = (_assumed(addresses[i], prevailing),) if told_by_any else ()
            results[i] = doubted(found, _ASSUMED_CONFIDENCE, *notes)
    if guessed and not told_by_any:
        issues.insert(0, _country_assumed(prevailing))
    return results, issues


def _gains_by_country(address: Address, found: Geocode | None) -> bool:
    """Whether an address without a country may be found in one, and needs it."""
    given = found is not None and found.precision is Precision.GIVEN
    return not given and bool(address.city.strip() or address.postal_code.strip())


def _assumed(address: Address, prevailing: Prevailing) -> str:
    unread = f"'{address.country}' is not understood" if address.country.strip() else "none given"
    words = f"{unread}; taken for {country_name(prevailing.country)}, as {prevailing.because}"
    return note(Doubt.COUNTRY_ASSUMED, words)


def _country_assumed(prevailing: Prevailing) -> RowIssue:
    name = country_name(prevailing.country)
    return RowIssue(
        _FILE,
        "",
        "country",
        "country_assumed",
        f"No row tells its country; all were taken to be in {name}, as {prevailing.because}.",
        "Add a country column.",
    )


def _unused_postcodes(
    addresses: Sequence[Address],
    countries: Sequence[str | None],
    results: Sequence[Geocode | None],
) -> list[RowIssue]:
    """Postal codes outside the US that could not be looked up, counted by country."""
    exact = (Precision.POSTCODE, Precision.DISTRICT, Precision.GIVEN)
    unused = Counter(
        country
        for address, country, found in zip(addresses, countries, results, strict=True)
        if country not in (None, "US")
        and address.postal_code.strip()
        and (found is None or found.precision not in exact)
    )
    return [
        RowIssue(
            _FILE,
            "",
            "postal_code",
            "postcode_unused",
            f"{rows:,} postal codes of {country_name(country)} could not be looked up; the middle "
            "of the city was used where it is known.",
            "Give a postal-code file of that country in GeoNames' format for more exact positions.",
            Severity.WARNING,
        )
        for country, rows in sorted(unused.items())
        if country is not None
    ]


def _row_issues(
    table: AccountTable,
    addresses: Sequence[Address],
    results: Sequence[Geocode | None],
    asked: npt.NDArray[np.intp],
) -> list[RowIssue]:
    rows = table.frame["row"].tolist()
    ids = table.frame["account_id"].tolist()
    issues: list[RowIssue] = []
    for i in asked:
        row, found = Row(rows[i], ids[i], table.columns), results[i]
        if found is None or not found.precision.places_account:
            issues.append(error_of(row, addresses[i], found))
        if found is not None and found.notes:
            issues += warnings_of(row, found)
    return issues
