"""`route`: points on standard input, territories on standard output."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from sales.planfiles import read_bundle, write_files
from sales.route import route
from tests.cli.made_up import Ran, Run
from tests.service.made_up import EAST, OUTSIDE, WEST, plan_files

Ask = Callable[..., Ran]
COLUMNS = "id,territory_id,territory_name,rep,reason,precision"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("plans") / "plan"
    write_files(directory, plan_files())
    return directory


@pytest.fixture
def ask(run: Run, plan: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run `route` with a text on standard input."""

    def asked(text: str, *options: object, at: Path = plan) -> Ran:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return run("route", at, *options)

    return asked


def rows(ran: Ran) -> list[dict[str, str]]:
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == COLUMNS
    return list(csv.DictReader(io.StringIO(ran.out)))


def points(*where: tuple[float, float]) -> str:
    lines = [f"P{i},{lat},{lng}" for i, (lat, lng) in enumerate(where)]
    return "\n".join(["id,latitude,longitude", *lines, ""])


def test_positions_are_answered_in_their_order(ask: Ask) -> None:
    east, outside, west = rows(ask(points(EAST, OUTSIDE, WEST)))
    assert east == {
        "id": "P0", "territory_id": "T02", "territory_name": "Territory T02", "rep": "Bo",
        "reason": "the position given is in Territory T02", "precision": "given",
    }  # fmt: skip
    assert (west["id"], west["territory_id"], west["rep"]) == ("P2", "T01", "Ann")
    assert (outside["territory_id"], outside["rep"]) == ("", "")
    assert "outside the market" in outside["reason"]


def test_addresses_are_answered_and_each_row_says_why_not(ask: Ask) -> None:
    text = (
        "id,street,city,state,postal_code,country,latitude,longitude\n"
        'ny,"5 Any St, Floor 2",New York,NY,10115,US,,\n'
        "state,,,NY,,US,,\n"
        "nowhere,,Qqqqzzzz,,,US,,\n"
        "empty,,,,,,,\n"
        "bad,,,,,,91,200\n"
        "half,,,,,,50,\n"
        "fulda,,Fulda,,,Germany,,\n"
        "both,,New York,NY,10115,US,50.0,10.1\n"
    )
    answers = ask(text, "--json").document()["results"]
    assert {a["id"]: a["code"] for a in answers} == {
        "ny": "outside_market", "state": "imprecise", "nowhere": "imprecise",
        "empty": "nothing_given", "bad": "bad_position", "half": "bad_position",
        "fulda": "outside_market", "both": "in_territory",
    }  # fmt: skip
    assert all(a["reason"] for a in answers)
    by_id = {a["id"]: a for a in answers}
    assert by_id["ny"]["precision"] == "postcode"
    assert by_id["both"]["trace"][-1] == "cell: in_territory"
    assert by_id["both"] | {"cell": "", "trace": []} == {
        "id": "both", "code": "in_territory", "reason": "the position given is in Territory T02",
        "territory": "T02", "territory_name": "Territory T02", "rep": "Bo", "precision": "given",
        "cell": "", "lat": 50.0, "lng": 10.1, "rule": "cell", "trace": [],
    }  # fmt: skip


def test_rows_of_one_id_and_rows_without_are_answered_too(ask: Ask) -> None:
    lat, lng = WEST
    found = rows(ask(f"id,latitude,longitude\nA,{lat},{lng}\nA,{lat},{lng}\n,{lat},{lng}\n"))
    assert [row["territory_id"] for row in found] == ["T01"] * 3
    assert [row["id"] for row in found[:2]] == ["A", "A"]


def test_columns_can_be_named(ask: Ask) -> None:
    options = ("--column", "latitude=north", "--column", "longitude=east")
    (row,) = rows(ask("north,east\n50.0,10.1\n", *options))
    assert row["territory_id"] == "T02"


def test_the_accounts_of_a_plan_are_where_the_plan_has_them(
    run: Run, ask: Ask, accounts: Path, tmp_path: Path
) -> None:
    options = ("--territories", 3, "--resolution", "auto", "--balance", "potential:0.3")
    assert run("design", accounts, *options, "--out", tmp_path / "plan").code in (0, 3)
    with (tmp_path / "plan" / "assignments.csv").open(encoding="utf-8") as file:
        owners = {row["account_id"]: row["territory_id"] for row in csv.DictReader(file)}
    found = rows(ask(accounts.read_text(), at=tmp_path / "plan"))
    assert {row["id"]: row["territory_id"] for row in found} == owners


@pytest.mark.parametrize("text", ["", "\n", "id,colour\n1,red\n"])
def test_what_holds_no_points_is_unusable(ask: Ask, text: str) -> None:
    ran = ask(text)
    assert (ran.code, ran.out) == (2, "")
    assert "stdin" in ran.err


def test_what_is_no_plan_is_unusable(ask: Ask, tmp_path: Path) -> None:
    ran = ask(points(EAST), at=tmp_path)
    assert (ran.code, ran.out) == (2, "")


def test_no_points_are_no_answers() -> None:
    from geo.geocode import default_geocoder
    from sales.lookup import make_lookup

    assert route(make_lookup(read_bundle(plan_files())), default_geocoder().geocode, []) == []
