"""What headers, ids, positions and numbers mean."""

from pathlib import Path

import numpy as np
import pytest

from geo.errors import MissingColumnError, OptionError
from sales.accounts import read_accounts
from sales.accounts.types import AccountTable


def read(tmp_path: Path, content: str, **columns: str) -> AccountTable:
    path = tmp_path / "accounts.csv"
    path.write_text(content, encoding="utf-8")
    return read_accounts(path, columns=columns)


def codes(table: AccountTable) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in table.issues]


CRM_HEADERS = {
    "salesforce names": "Id,Name,BillingStreet,BillingCity,BillingState,BillingPostalCode,"
    "BillingCountry,BillingLatitude,BillingLongitude,AnnualRevenue,NumberOfEmployees,Industry,"
    "OwnerId,ParentId",
    "salesforce report": "Account ID,Account Name,Billing Street,Billing City,"
    "Billing State/Province,Billing Zip/Postal Code,Billing Country,Billing Latitude,"
    "Billing Longitude,Annual Revenue,Employees,Industry,Account Owner,Parent Account",
    "hubspot names": "hs_object_id,name,address,city,state,zip,country,lat,lng,annualrevenue,"
    "numberofemployees,industry,hubspot_owner_id,parent",
    "hubspot labels": "Record ID,Company name,Street address,City,State/Region,Postal code,"
    "Country/Region,Latitude,Longitude,Annual revenue,Number of employees,Industry,Company owner,"
    "Parent company",
    "dynamics names": "accountid,name,address1_line1,address1_city,address1_stateorprovince,"
    "address1_postalcode,address1_country,address1_latitude,address1_longitude,revenue,"
    "numberofemployees,industrycode,ownerid,parentaccountid",
    "dynamics labels": "(Do Not Modify) Account,Account Name,Address 1: Street 1,Address 1: City,"
    "Address 1: State/Province,Address 1: ZIP/Postal Code,Address 1: Country/Region,"
    "Address 1: Latitude,Address 1: Longitude,Annual Revenue,Number of Employees,Industry,Owner,"
    "Parent Account",
    "a lead": "Id,Company,Street,City,State,PostalCode,Country,Latitude,Longitude,AnnualRevenue,"
    "NumberOfEmployees,Industry,OwnerId,ParentId",
    "a german sheet": "Kundennummer,Firma,Straße,Ort,Bundesland,PLZ,Land,Breitengrad,Längengrad,"
    "Umsatz,Mitarbeiter,Branche,Betreuer,Parent",
}
FIELDS_IN_ORDER = (
    "account_id", "name", "street", "city", "state", "postal_code", "country", "latitude",
    "longitude", "revenue", "employees", "industry", "owner", "parent",
)  # fmt: skip
VALUES = "A1,Acme,1 Main St,Troy,NY,12180,US,42.5,-73.25,1000,50,Retail,Ann,P1"


@pytest.mark.parametrize("case", [str.lower, str.upper, str], ids=["lower", "upper", "as is"])
@pytest.mark.parametrize("kind", CRM_HEADERS)
def test_headers_of_the_crms(tmp_path: Path, kind: str, case: type[str]) -> None:
    row = read(tmp_path, f"{case(CRM_HEADERS[kind])}\n{VALUES}\n").frame.iloc[0]
    values = VALUES.replace(",1000,50,", ",1000.0,50.0,")
    assert ",".join(str(row[field]) for field in FIELDS_IN_ORDER) == values


@pytest.mark.parametrize(
    "header", ["potential", "Annual Potential", "Potential__c", "Sales Potential", "POTENTIAL"]
)
def test_potential_is_recognised(tmp_path: Path, header: str) -> None:
    table = read(tmp_path, f"id,city,{header}\n1,Troy,12\n")
    assert list(table.frame["potential"]) == [12.0]
    assert table.columns["potential"] == header


def test_revenue_is_never_taken_for_potential(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city,Annual Revenue,sales\n1,Troy,12,3\n")
    assert "potential" not in table.frame
    assert "potential" not in table.columns


def test_billing_comes_before_shipping_row_by_row(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "Id,ShippingCity,ShippingPostalCode,BillingCity,BillingPostalCode,BillingCountry\n"
        "1,Rome,1,Troy,2,US\n2,Rome,1,,,\n3,Rome,1,,3,US\n",
    )
    assert list(table.frame["city"]) == ["Troy", "Rome", ""]
    assert list(table.frame["postal_code"]) == ["2", "1", "3"]
    assert codes(table) == [(3, "address_fallback")]


def test_shipping_alone_is_the_address(tmp_path: Path) -> None:
    table = read(tmp_path, "Id,Shipping City,Shipping Country\n1,Rome,IT\n")
    assert table.frame.iloc[0][["city", "country"]].tolist() == ["Rome", "IT"]
    assert table.issues == ()


def test_coordinates_without_prefix_belong_to_the_billing_address(tmp_path: Path) -> None:
    table = read(tmp_path, "Id,Billing City,Latitude,Longitude\n1,Troy,42.5,-73.5\n")
    assert table.frame.iloc[0][["city", "latitude"]].tolist() == ["Troy", 42.5]


def test_streets_of_several_parts_and_codes_beside_names(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "id,address1_line1,address1_line2,address1_line3,address1_city\n"
        "1,1 Main St,,Floor 3,Troy\n",
    )
    assert table.frame.loc[0, "street"] == "1 Main St, Floor 3"
    table = read(
        tmp_path, "Id,BillingCity,BillingState,BillingStateCode\n1,Troy,,NY\n2,Rome,Ohio,\n"
    )
    assert list(table.frame["state"]) == ["NY", "Ohio"]


def test_columns_named_by_the_user_come_first(tmp_path: Path) -> None:
    text = "id,city,lat,long,x,y,worth\n1,Troy,1,2,-73.5,42.5,9\n"
    table = read(tmp_path, text, latitude="y", longitude="X", potential="worth")
    assert table.frame.iloc[0][["latitude", "longitude", "potential"]].tolist() == [42.5, -73.5, 9]
    assert table.columns["longitude"] == "x"
    hidden = read(tmp_path, text, latitude="", longitude="")
    assert hidden.frame["latitude"].isna().all()


def test_columns_that_cannot_be_meant(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="lattitude") as option:
        read(tmp_path, "id,city\n1,Troy\n", lattitude="city")
    assert "latitude" in option.value.hint
    with pytest.raises(MissingColumnError, match="Citty") as missing:
        read(tmp_path, "id,City\n1,Troy\n", city="Citty")
    assert "Did you mean “City”" in missing.value.hint
    with pytest.raises(MissingColumnError, match="where the accounts are") as nowhere:
        read(tmp_path, "id,name,Lattitude\n1,Troy,3\n")
    assert "“Lattitude” looks like latitude" in nowhere.value.hint


def test_nothing_has_many_spellings_and_namibia_is_not_among_them(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city,state,country\n1,#N/A,NULL,NA\n2,-,nan,  \n")
    assert table.frame[["city", "state", "country"]].to_numpy().tolist() == [
        ["", "", "NA"],
        [""] * 3,
    ]


# Ids


def test_the_first_of_a_double_id_wins(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city\nA,Troy\na,Rome\nA,Bonn\n")
    assert list(table.frame["usable"]) == [True, True, False]
    assert list(table.frame["account_id"]) == ["A", "a", "A"]
    assert codes(table) == [(4, "duplicate_id")]
    assert "row 2" in table.issues[0].message


def test_long_and_short_salesforce_ids_are_the_same_record(tmp_path: Path) -> None:
    rows = ["001x0000002xLCV", "001x0000002xLCVAA2", "001x0000002xlcv", "001X0000002XLCVAA2"]
    table = read(tmp_path, "Id,City\n" + "".join(f"{value},Troy\n" for value in rows))
    assert list(table.frame["usable"]) == [True, False, True, True]
    assert codes(table) == [(3, "duplicate_id"), (5, "id_checksum")]


def test_missing_ids_are_made_and_clash_with_none(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city\n,Troy\nrow-2,Rome\nNULL,Bonn\n")
    assert list(table.frame["account_id"]) == ["row-2-", "row-2", "row-4"]
    assert codes(table) == [(2, "missing_id"), (4, "missing_id")]
    nameless = read(tmp_path, "name,city\nA,Troy\n")
    assert list(nameless.frame["account_id"]) == ["row-2"]
    assert codes(nameless) == [(0, "no_id_column")]


def test_ids_and_zips_that_were_floats(tmp_path: Path) -> None:
    table = read(tmp_path, "id,zip\n12345.0,2138.0\n1.23457E+11,02139\n")
    assert list(table.frame["account_id"]) == ["12345", "1.23457E+11"]
    assert list(table.frame["postal_code"]) == ["2138", "02139"]
    assert codes(table) == [(3, "id_lost_digits")]


# Rows that are no accounts


def test_totals_and_footers_are_kept_and_excluded(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "Account ID,Account Name,City,Annual Potential\n"
        "1,Total Wine,Troy,5\n2,Total,Rome,6\n,Subtotal,,11\nid,x,,\n"
        "Account ID,Account Name,City,Annual Potential\n3,B,Bonn,7\n"
        '"Grand Totals (3 records)",,,18\n"Copyright (c) 2000-2024 salesforce.com, inc."\n'
        '"Confidential Information - Do Not Distribute"\n"Generated By:  Ann Example"\nAcme Inc\n',
    )
    assert len(table) == 11
    usable = table.frame.loc[table.frame["usable"], "name"]
    assert list(usable) == ["Total Wine", "Total", "x", "B"]
    found = dict(codes(table))
    assert [found[row] for row in (4, 6, 8, 9, 10, 11, 12)] == [
        "totals_row", "repeated_header", "totals_row", *["report_footer"] * 4,
    ]  # fmt: skip
    assert table.frame["potential"][table.frame["usable"]].sum() == 18


# Positions


@pytest.mark.parametrize(
    ("lat", "lng", "expected", "code"),
    [
        ("42.5", "-73.5", (42.5, -73.5), None),
        ("42,5", "-73,5", (42.5, -73.5), None),
        ("52.520", "13.405", (52.52, 13.405), None),
        ("", "", None, None),
        ("91", "540", None, "impossible_coordinate"),
        ("42", "181", None, "impossible_coordinate"),
        ("1e308", "0", None, "impossible_coordinate"),
        ("inf", "2", None, "impossible_coordinate"),
        ("-122.3", "47.6", (47.6, -122.3), "swapped_coordinates"),
        ("0", "0.0", None, "zero_coordinate"),
        ("42", "", None, "half_coordinate"),
        ("42", "NULL", None, "half_coordinate"),
        ("north", "2", None, "bad_coordinate"),
        ("90", "-180", (90.0, -180.0), None),
    ],
)
def test_positions(
    tmp_path: Path, lat: str, lng: str, expected: tuple[float, float] | None, code: str | None
) -> None:
    table = read(tmp_path, f'id,city,lat,lng\n1,Troy,"{lat}","{lng}"\n')
    found = tuple(table.frame.iloc[0][["latitude", "longitude"]])
    assert found == expected if expected else np.isnan(found).all()
    assert [c for _, c in codes(table)] == ([code] if code else [])
    assert table.frame.loc[0, "usable"]


# Numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", 1234.5), ("$1,234.50", 1234.5), ("1.234,50 €", 1234.5), ("€ 1.234.567", 1234567),
        ("USD 1,000,000", 1e6), ("CHF 1'200.00", 1200), ("1 234,5", 1234.5), ("12k", 12000),
        ("$1.5M", 1.5e6), ("2 Mio.", 2e6), ("1.2bn", 1.2e9), ("45%", 0.45), ("1e3", 1000),
        ("1\u00a0234,5", 1234.5), ("+7", 7), (".5", 0.5), ("12,34,567.00", 1234567), ("0", 0),
    ],
)  # fmt: skip
def test_money(tmp_path: Path, text: str, value: float) -> None:
    table = read(tmp_path, f'id,city,potential\n1,Troy,"{text}"\n')
    assert table.frame.loc[0, "potential"] == pytest.approx(value)
    assert table.issues == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-5", "negative_value"), ("(1,200)", "negative_value"), ("5-", "negative_value"),
        ("inf", "absurd_value"), ("-Infinity", "absurd_value"), ("1e308", "absurd_value"),
        ("1e999", "absurd_value"), ("nan", "missing_value"), ("", "missing_value"),
        ("#N/A", "missing_value"), ("tbd", "not_a_number"), ("1,2,3", "not_a_number"),
        ("12 or 13", "not_a_number"), ("9" * 400, "absurd_value"),
    ],
)  # fmt: skip
def test_doubted_measures_count_zero(tmp_path: Path, text: str, code: str) -> None:
    table = read(tmp_path, f'id,city,potential\n1,Troy,"{text}"\n2,Rome,5\n3,Bonn,7\n')
    assert list(table.frame["potential"]) == [0.0, 5.0, 7.0]
    assert codes(table) == [(2, code)]
    assert table.issues[0].column == "potential"
    assert table.issues[0].account_id == "1"


def test_the_column_tells_what_a_comma_is(tmp_path: Path) -> None:
    text = 'id,city,potential\n1,Troy,"1,234"\n2,Rome,"{}"\n'
    assert read(tmp_path, text.format("5,5")).frame["potential"].tolist() == [1.234, 5.5]
    assert read(tmp_path, text.format("5.5")).frame["potential"].tolist() == [1234.0, 5.5]
    unclear = read(tmp_path, text.format("2,000"))
    assert unclear.frame["potential"].tolist() == [1234.0, 2000.0]
    assert codes(unclear) == [(0, "ambiguous_number")]
    german = read(tmp_path, "id;city;potential\n1;Troy;1.234\n2;Rome;2,5\n")
    assert german.frame["potential"].tolist() == [1234.0, 2.5]


def test_other_numeric_columns_are_measures_under_their_header(tmp_path: Path) -> None:
    rows = "".join(f"{n},Troy,{n},note {n},2024-01-0{n}\n" for n in range(1, 9))
    table = read(tmp_path, "id,city,Visits per year,notes,since\n" + rows + "9,Rome,-4,x,\n")
    assert table.frame["Visits per year"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 0]
    assert not {"notes", "since"} & set(table.frame.columns)
    assert codes(table) == [(10, "negative_value")]


def test_a_header_that_looks_like_a_field_does_not_replace_it(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city,potential,Annual Potential,usable\n1,Troy,5,6,7\n")
    row = table.frame.iloc[0]
    assert (row["potential"], row["Annual Potential"], row["usable (2)"]) == (5.0, 6.0, 7.0)
    assert row["usable"] is np.True_


def test_columns_of_no_field_stay_as_attributes(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city,Renewal Date,Tier\nA,Paris,2026-03-01,gold\nB,Rome,,\n")
    assert table.attributes["Renewal Date"].tolist() == ["2026-03-01", ""]
    assert table.attributes["Tier"].tolist() == ["gold", ""]
