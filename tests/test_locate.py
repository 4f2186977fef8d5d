"""Accounts on the map: no row is lost, what is not placed says why, what is doubted is told."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.geocode import default_geocoder
from geo.geocode.types import Geocoder
from sales.accounts.types import AccountTable, RowIssue, Severity
from sales.locate import LocatedAccounts, locate

FIELDS = (
    "name",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "owner",
    "industry",
    "parent",
)


@pytest.fixture(scope="module")
def geocoder() -> Geocoder:
    return default_geocoder()


def accounts(*rows: dict[str, Any], issues: tuple[RowIssue, ...] = ()) -> AccountTable:
    frame = pd.DataFrame(
        [
            {
                "row": i + 2,
                "account_id": f"A{i}",
                "usable": True,
                **dict.fromkeys(FIELDS, ""),
                "latitude": np.nan,
                "longitude": np.nan,
                **row,
            }
            for i, row in enumerate(rows)
        ]
    )
    columns = {"postal_code": "Zip", "city": "Town"}
    return AccountTable(frame, pd.DataFrame(index=frame.index), issues, columns, "accounts.csv", "")


def codes(located: LocatedAccounts, row: int) -> list[tuple[str, str]]:
    return [(i.severity.value, i.code) for i in located.issues if i.row == row]


def test_every_row_is_kept_and_every_usable_one_is_placed_or_has_an_error(
    geocoder: Geocoder,
) -> None:
    table = accounts(
        {"city": "New York", "state": "NY", "postal_code": "10001", "country": "US"},
        {"state": "TX", "country": "US"},
        {"country": "US"},
        {"city": "Qwertyville", "state": "TX", "country": "US"},
        {"city": "Qwertyville"},
        {},
        {"state": "NY", "postal_code": "90210", "country": "US"},
        {"usable": False, "city": "Boston", "state": "MA"},
        {"latitude": 40.0, "longitude": -100.0},
    )
    located = locate(table, geocoder)
    assert len(located.lat) == len(table)
    assert located.placed.tolist() == [True, *[False] * 7, True]
    assert located.precision.tolist() == [
        "postcode", "state", "country", "state", "none", "none", "state", "none", "given",
    ]  # fmt: skip
    assert np.isfinite(located.lat[located.placed]).all()
    assert np.isnan(located.lat[[4, 5, 7]]).all()
    errors = {i.row: i.code for i in located.issues if i.severity is Severity.ERROR}
    assert errors == {
        3: "state_only",
        4: "country_only",
        5: "state_only",
        6: "address_unknown",
        7: "address_missing",
        8: "address_contradictory",
    }
    assert all(i.message and i.hint for i in located.issues)


def test_issues_name_the_file_s_own_columns_and_come_by_row(geocoder: Geocoder) -> None:
    reading = RowIssue(3, "A1", "Revenue", "not_a_number", "…", "…")
    table = accounts(
        {"city": "Qwertyville", "country": "US"},
        {"city": "Allston", "state": "MA", "postal_code": "2134", "country": "US"},
        issues=(reading,),
    )
    located = locate(table, geocoder)
    assert [(i.row, i.column, i.code) for i in located.issues] == [
        (2, "Town", "country_only"),
        (3, "Revenue", "not_a_number"),
        (3, "Zip", "leading_zero"),
    ]
    assert located.issues[2].severity is Severity.WARNING


def test_doubts_become_warnings(geocoder: Geocoder) -> None:
    san_francisco = {"city": "San Francisco", "state": "CA", "country": "US"}
    located = locate(
        accounts(
            {"city": "Springfield", "country": "US"},
            {**san_francisco, "latitude": 37.77, "longitude": 122.42},
            {**san_francisco, "latitude": 40.0, "longitude": -75.0},
            {"city": "Buffalo", "state": "NY", "postal_code": "10001", "country": "US"},
            {"city": "Seattle", "state": "WA", "postal_code": "98128", "country": "US"},
        ),
        geocoder,
    )
    assert [codes(located, row) for row in range(2, 7)] == [
        [("warning", "city_ambiguous")],
        [("warning", "coordinates_mended")],
        [("warning", "coordinates_disagree")],
        [("warning", "postcode_city")],
        [("warning", "postcode_unknown")],
    ]
    assert located.placed.all()


def test_a_row_without_a_country_is_read_in_the_prevailing_one_and_told(
    geocoder: Geocoder,
) -> None:
    germans = [{"city": c, "country": "DE"} for c in ("Berlin", "Hamburg", "Bremen", "Kiel")]
    located = locate(accounts(*germans, {"city": "Halle"}, {"city": "Ansbach"}), geocoder)
    assert located.matched[4].endswith("Germany")
    assert ("warning", "country_assumed") in codes(located, 6)
    assert located.confidence[4] < located.confidence[0]
    assert located.placed[5]


def test_a_file_of_bare_zips_is_american_with_one_remark_for_all(geocoder: Geocoder) -> None:
    zips = ("10001", "60601", "94105", "2134", "77002", "98101")
    located = locate(accounts(*({"postal_code": z} for z in zips)), geocoder)
    assert (located.precision == "postcode").all()
    assert codes(located, 0) == [("warning", "country_assumed")]
    assert [i.row for i in located.issues] == [0, 5]
    assert (located.confidence < 0.9).all()


def test_foreign_codes_without_a_country_are_not_taken_for_zips(geocoder: Geocoder) -> None:
    german = ("14480", "80331", "10115", "50667", "01067", "70173", "99084", "28195")
    located = locate(accounts(*({"postal_code": p, "city": "x"} for p in german)), geocoder)
    assert not located.placed.any()


def test_unused_foreign_postal_codes_are_told_once_per_country(geocoder: Geocoder) -> None:
    located = locate(
        accounts(
            {"city": "Berlin", "postal_code": "10115", "country": "DE"},
            {"city": "Bonn", "postal_code": "53111", "country": "DE"},
            {"city": "Paris", "postal_code": "75001", "country": "FR"},
        ),
        geocoder,
    )
    assert [(i.row, i.code) for i in located.issues] == [(0, "postcode_unused")] * 2
    assert "2 postal codes of Germany" in located.issues[0].message


def test_positions_cannot_be_changed_and_empty_tables_are_fine(geocoder: Geocoder) -> None:
    table = accounts({"city": "Berlin", "country": "DE"})
    located = locate(table, geocoder)
    with pytest.raises(ValueError, match="read-only"):
        located.lat[0] = 0.0
    empty = AccountTable(table.frame.iloc[:0], table.attributes.iloc[:0], (), {}, "x.csv", "")
    assert len(locate(empty, geocoder).placed) == 0


def test_row_order_changes_nothing(geocoder: Geocoder) -> None:
    rows: list[dict[str, Any]] = [
        {"city": "Halle"}, {"city": "Berlin", "country": "DE"}, {"city": "Bonn", "country": "DE"},
        {"postal_code": "2134"}, {"city": "Springfield"}, {"city": "Köln", "country": "Germany"},
    ]  # fmt: skip
    there, back = locate(accounts(*rows), geocoder), locate(accounts(*rows[::-1]), geocoder)
    assert np.array_equal(there.lat, back.lat[::-1], equal_nan=True)
    assert there.matched.tolist() == back.matched.tolist()[::-1]
