"""The roster of reps."""

from pathlib import Path

import pytest

from geo.errors import EmptyInputError, InputError, MissingColumnError, OptionError
from geo.geocode.types import Address, Geocode, Precision
from sales.roster import Rep, Roster, located_reps, read_roster


def read(tmp_path: Path, text: str, **columns: str) -> Roster:
    path = tmp_path / "reps.csv"
    path.write_text(text, encoding="utf-8")
    return read_roster(path, columns=columns)


def codes(roster: Roster) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.account_id, issue.code) for issue in roster.issues]


def test_a_plain_roster(tmp_path: Path) -> None:
    text = "rep_id,name,capacity,latitude,longitude\nr1,Ann,1,42.5,-73.5\nr2,Bo,0.5,,\n"
    roster = read(tmp_path, text)
    assert roster.reps == (Rep("r1", "Ann", 1.0, 42.5, -73.5), Rep("r2", "Bo", 0.5))
    assert roster.issues == ()


def test_forgiving_headers(tmp_path: Path) -> None:
    header = "Rep ID;Full Name;FTE;Home Street;Home City;Home ZIP;Home Country\n"
    roster = read(tmp_path, header + "7.0;Ann;0,8;1 A;Köln;50667;DE\n")
    assert roster.reps == (Rep("7", "Ann", 0.8),)
    assert roster.addresses == (Address("1 A", "Köln", "", "50667", "DE"),)


def test_columns_named_by_the_user(tmp_path: Path) -> None:
    roster = read(tmp_path, "who,load\nAnn,2\n", name="who", capacity="load")
    assert roster.reps == (Rep("Ann", "Ann", 2.0),)
    with pytest.raises(OptionError, match="potential"):
        read(tmp_path, "who\nAnn\n", potential="who")


def test_missing_capacities_count_one_and_are_told(tmp_path: Path) -> None:
    roster = read(tmp_path, "rep_id,name,capacity\nr1,Ann,\nr2,Bo,NaN\nr3,Cy,200%\n,,\nTotal,,4\n")
    assert [rep.capacity for rep in roster.reps] == [1.0, 1.0, 2.0]
    assert codes(roster) == [
        (2, "r1", "missing_capacity"), (3, "r2", "missing_capacity"),
        (5, "", "missing_id"), (6, "", "totals_row"),
    ]  # fmt: skip
    assert codes(read(tmp_path, "name\nAnn\nBo\n")) == [(0, "", "missing_capacity")]


@pytest.mark.parametrize("capacity", ["0", "-1", "inf", "full"])
def test_a_capacity_must_be_a_positive_number(tmp_path: Path, capacity: str) -> None:
    with pytest.raises(InputError, match="row 3") as caught:
        read(tmp_path, f"rep_id,capacity\nr1,1\nr2,{capacity}\n")
    assert f"“{capacity}”" in caught.value.message
    assert caught.value.hint


def test_rosters_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="“r1” stands in row 2 already"):
        read(tmp_path, "rep_id,name\nr1,Ann\nr1,Bo\n")
    with pytest.raises(MissingColumnError):
        read(tmp_path, "foo,capacity\nx,1\n")
    with pytest.raises(EmptyInputError):
        read(tmp_path, "rep_id,name\n,\n")


class Towns:
    """A geocoder that knows two places."""

    name = "towns"

    def geocode(self, address: Address) -> Geocode | None:
        if address.city == "Troy":
            return Geocode(42.7, -73.7, Precision.CITY, self.name, 1.0, "Troy")
        if address.state == "NY":
            return Geocode(43.0, -75.0, Precision.STATE, self.name, 1.0, "New York")
        return None


def test_homes_are_found_from_addresses(tmp_path: Path) -> None:
    text = (
        "rep_id,city,state,lat,lng,capacity\na,Troy,NY,,,1\nb,Troy,NY,1,2,1\nc,,NY,,,1\n"
        "d,Atlantis,,,,1\ne,,,,,1\n"
    )
    reps, issues = located_reps(read(tmp_path, text), Towns())
    assert [(rep.lat, rep.lng) for rep in reps] == [
        (42.7, -73.7), (1.0, 2.0), (None, None), (None, None), (None, None),
    ]  # fmt: skip
    assert [(i.row, i.account_id, i.code) for i in issues] == [
        (4, "c", "home_not_found"), (5, "d", "home_not_found"),
    ]  # fmt: skip
