"""Accounts on the map: where each is, how exactly that is known, and what is doubted."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.arrays import Bool, Float, Int, frozen
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
    """Geocode every usable row. A row without a country is tried in the file's prevailing one.

    What is worked on is the distinct addresses: a million accounts share some ten thousand.
    """
    usable = table.frame["usable"].to_numpy(dtype=bool)
    which, addresses = _distinct(table, usable)
    rows = np.bincount(which[usable], minlength=len(addresses)).tolist()
    results, about_file = _geocode(addresses, rows, geocoder, progress)
    nowhere = Geocode(np.nan, np.nan, Precision.NONE, "", 0.0, "")
    known = [*(r or nowhere for r in results), nowhere]  # the last is that of unusable rows
    places = np.array([r.precision.places_account for r in known], dtype=bool)
    issues = [*table.issues, *about_file, *_row_issues(table, addresses, results, which, places)]
    return LocatedAccounts(
        table,
        frozen(np.array([r.lat for r in known], dtype=np.float64)[which]),
        frozen(np.array([r.lng for r in known], dtype=np.float64)[which]),
        frozen(_texts(r.precision.value for r in known)[which]),
        frozen(_texts(r.source for r in known)[which]),
        frozen(np.array([r.confidence for r in known], dtype=np.float64)[which]),
        frozen(_texts(r.matched for r in known)[which]),
        frozen(places[which]),
        tuple(sorted(issues, key=lambda issue: issue.row)),
    )


def _texts(values: Iterable[str]) -> Text:
    return np.array(list(values), dtype=object)


def _distinct(table: AccountTable, usable: Bool) -> tuple[Int, list[Address]]:
    """For each row which address it has, shape (n), and the addresses, in order of appearance.

    An unusable row has the number behind the last address.
    """
    text = ("street", "city", "state", "postal_code", "country")
    frame = table.frame.loc[usable, [*text, "latitude", "longitude"]]
    number = np.zeros(len(frame), dtype=np.int64)
    for column in frame.columns:
        codes, values = pd.factorize(frame[column], use_na_sentinel=False)
        number = pd.factorize(number * len(values) + codes)[0]
    count = int(number.max()) + 1 if len(number) else 0
    first = np.full(count, -1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number) - 1, -1, -1)
    which = np.full(len(usable), count, dtype=np.int64)
    which[usable] = number
    columns = [frame[column].to_numpy(dtype=object)[first].tolist() for column in text]
    degrees = [frame[column].to_numpy()[first].tolist() for column in ("latitude", "longitude")]
    addresses = [
        Address(street, city, state, code, country, _number(lat), _number(lng))
        for street, city, state, code, country, lat, lng in zip(*columns, *degrees, strict=True)
    ]
    return which, addresses


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _geocode(
    addresses: Sequence[Address], rows: Sequence[int], geocoder: Geocoder, progress: Progress
) -> tuple[list[Geocode | None], list[RowIssue]]:
    """Results and what is to be said about the file as a whole; `rows`: how many have each."""
    results = geocode_all(addresses, geocoder, progress=progress)
    countries = [told_country(address) for address in addresses]
    issues = _unused_postcodes(addresses, rows, countries, results)
    prevailing = prevailing_country(addresses, rows)
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
    rows: Sequence[int],
    countries: Sequence[str | None],
    results: Sequence[Geocode | None],
) -> list[RowIssue]:
    """Postal codes outside the US that could not be looked up, counted by country."""
    exact = (Precision.POSTCODE, Precision.DISTRICT, Precision.GIVEN)
    unused: Counter[str] = Counter()
    for address, count, country, found in zip(addresses, rows, countries, results, strict=True):
        wanted = country not in (None, "US") and address.postal_code.strip()
        if country and wanted and (found is None or found.precision not in exact):
            unused[country] += count
    return [
        RowIssue(
            _FILE,
            "",
            "postal_code",
            "postcode_unused",
            f"{count:,} postal codes of {country_name(country)} could not be looked up; the middle "
            "of the city was used where it is known.",
            "Give a postal-code file of that country in GeoNames' format for more exact positions.",
            Severity.WARNING,
        )
        for country, count in sorted(unused.items())
    ]


def _row_issues(
    table: AccountTable,
    addresses: Sequence[Address],
    results: Sequence[Geocode | None],
    which: Int,
    places: Bool,
) -> list[RowIssue]:
    noted = [bool(result and result.notes) for result in results]
    told = np.array([*(np.array(noted, dtype=bool) | ~places[:-1]), False], dtype=bool)
    at = np.flatnonzero(told[which])
    rows = table.frame["row"].to_numpy()[at].tolist()
    ids = table.frame["account_id"].to_numpy(dtype=object)[at].tolist()
    issues: list[RowIssue] = []
    for number, account_id, i in zip(rows, ids, which[at].tolist(), strict=True):
        row, found = Row(number, account_id, table.columns), results[i]
        if found is None or not found.precision.places_account:
            issues.append(error_of(row, addresses[i], found))
        if found is not None and found.notes:
            issues += warnings_of(row, found)
    return issues
