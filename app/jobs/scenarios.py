"""From a request for what-ifs to the library's scenarios, and their accounts as an upload."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo.geocode.types import Geocoder
from sales.accounts.types import NUMBER_FIELDS, TEXT_FIELDS, AccountTable
from sales.realign.read import Book, book_of
from sales.realign.sales import read_bookings

_OURS = ("row", "usable")


def book_from(
    request: Mapping[str, Any], beside: Path, geocoder: Geocoder, *, bookings: Path | None
) -> Book:
    """The scenarios of a request, without what other plans and datasets add to them.

    `bookings` is where the deals of the request were written to, None to leave them out. Raises
    InputError and OptionError.
    """
    revenue = dict(request.get("revenue", {}))
    deals = revenue.pop("bookings", "")
    scenarios = [_plain(scenario) for scenario in request["scenarios"]]
    document = {"scenario": scenarios, "revenue": revenue}
    book = book_of(document, "the request", beside, geocoder)
    if not deals or bookings is None:
        return book
    bookings.write_text(deals, encoding="utf-8")
    of, note = read_bookings(bookings)
    return replace(book, basis=replace(book.basis, of=of, note=note))


def _plain(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario as a file of scenarios has it; what names another plan or dataset is left out."""
    found = {key: value for key, value in scenario.items() if key not in ("merge", "potential")}
    potential = scenario.get("potential")
    if potential is not None:
        kept = dict(potential.get("times", {}))
        if potential.get("column"):
            kept["column"] = potential["column"]
        if kept:
            found["potential"] = kept
    return found


def accounts_csv(table: AccountTable) -> tuple[bytes, dict[str, str]]:
    """Accounts as a file that is read as they are, and which header holds which field."""
    frame = table.frame.drop(columns=list(_OURS))
    empty = [name for name in TEXT_FIELDS if not (frame[name].astype(str) != "").any()]
    frame = frame.drop(columns=empty)
    others = [name for name in table.attributes.columns if name not in frame.columns]
    whole = pd.concat([frame, table.attributes[others]], axis=1)
    known = ("account_id", *TEXT_FIELDS, *NUMBER_FIELDS)
    columns = {name: name for name in frame.columns if name in known}
    return whole.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace"), columns
