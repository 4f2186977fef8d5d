"""Laws of reading: rows in are rows out, and no bytes bring anything but a table or an error."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from sales.accounts import read_accounts
from sales.accounts.types import AccountTable, Severity

HEADERS = ["Account ID", "Account Name", "Billing City", "Annual Potential", "Latitude"]
CELLS = st.text(
    st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n";,|\t'),
    max_size=12,
)
UNICODE_CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)


def read(content: bytes, name: str = "a.csv") -> AccountTable:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        path.write_bytes(content)
        return read_accounts(path)


def written(rows: list[list[str]], delimiter: str, quoting: int, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(HEADERS)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
@example([["1", "x,y\nz", "q\n,,,,\n", "", ""]], ",", csv.QUOTE_MINIMAL, "utf-8")
def test_rows_in_are_rows_out_in_order(
    rows: list[list[str]], delimiter: str, quoting: int, encoding: str
) -> None:
    table = read(written(rows, delimiter, quoting, encoding))
    assert list(table.frame["row"]) == list(range(2, len(rows) + 2))
    for at, cell in enumerate(row[0].strip() for row in rows):
        certain = cell.isascii() or encoding != "cp1252"  # “Ã¤” in cp1252 is “ä” in UTF-8
        if certain and cell.isalpha() and cell.casefold() not in ("null", "nan", "undefined"):
            assert table.frame.loc[at, "account_id"] == cell
    check_invariants(table)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(UNICODE_CELLS, min_size=5, max_size=5), min_size=1, max_size=8))
def test_names_survive_in_every_script(rows: list[list[str]]) -> None:
    assume(all(row[1].strip() not in ("-", "–", "—") for row in rows))
    table = read(written(rows, ",", csv.QUOTE_ALL, "utf-8"))
    names = [row[1].strip() for row in rows]
    for name, found in zip(names, table.frame["name"], strict=True):
        if name.isalpha() and name.casefold() not in ("null", "nan", "undefined"):
            assert found == name


def check_invariants(table: AccountTable) -> None:
    """What every AccountTable promises."""
    frame = table.frame
    usable = frame.loc[frame["usable"], "account_id"]
    assert usable.is_unique
    assert (frame["account_id"] != "").all()
    errors = {issue.row for issue in table.issues if issue.severity is Severity.ERROR}
    assert errors == set(frame.loc[~frame["usable"], "row"])
    assert (frame["latitude"].isna() == frame["longitude"].isna()).all()
    assert frame["latitude"].dropna().between(-90, 90).all()
    assert frame["longitude"].dropna().between(-180, 180).all()
    for name in frame.select_dtypes("float64").columns.difference(["latitude", "longitude"]):
        assert frame[name].between(0, 1e15).all()
    assert all(issue.message and issue.hint for issue in table.issues)


STARTS = [
    b"", b"id,city,potential\n1,Troy,", b'id,city\n1,"', b"\xff\xfe", b"PK\x03\x04", b"PAR1",
    b"\xef\xbb\xbfid;zip;lat;lng\n", b"\x89PNG", b"SQLite format 3\x00", b"{", b'[{"id": 1, ',
    b'{"type": "FeatureCollection", "features": [', b'{"id": 1, "city": "Troy"}\n', b"\0\0\x27\x0a",
    b"a|+|b|+|c\n",
]  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.sampled_from(STARTS),
    rest=st.binary(max_size=300) | st.text('",;\n\r|+1aé\0', max_size=60).map(str.encode),
    name=st.sampled_from(["a.csv", "a.xlsx", "a.parquet", "a.json", "a.geojson", "a.shp"]),
)
@example(b"[" * 5000, b"", "a.json")
@example(b'{"id": 1' + b"0" * 5000 + b', "city": "Troy"}', b"", "a.json")
@example(b'{"id": "\\ud800", "city": "Troy"}', b"", "a.json")
@example(b"id,city\n1,Troy\x80\x81\n", b"", "a.csv")
def test_any_bytes_make_a_table_or_an_input_error(start: bytes, rest: bytes, name: str) -> None:
    try:
        table = read(start + rest, name)
    except InputError as error:
        refused = error
    else:
        check_invariants(table)
        return
    assert refused.message
    assert refused.hint
