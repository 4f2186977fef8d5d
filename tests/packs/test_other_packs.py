import csv
import io
import json
from pathlib import Path

import pytest

from sales.export import export
from sales.packs.dynamics import dynamics_pack
from sales.packs.hubspot import hubspot_pack
from sales.packs.pack import PackOptions
from sales.packs.postal import shares
from sales.planfiles import plan_files, read_bundle
from tests.packs.made_up import plan

GUIDS = [f"{i:08x}-0000-4000-8000-00000000000A" for i in range(3)]


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_hubspot_calls_have_a_hundred_companies_each() -> None:
    accounts = [(str(i), "T01" if i % 2 else "T02") for i in range(250)]
    pack = hubspot_pack(plan(accounts), PackOptions(users={"Ann": "77"}))
    calls = [json.loads(line) for line in pack["companies.jsonl"].splitlines()]
    assert [len(call["inputs"]) for call in calls] == [100, 100, 50]
    first, second = calls[0]["inputs"][:2]
    assert first["properties"] == {"territory": "East"}
    assert second == {
        "idProperty": "hs_object_id", "id": "1",
        "properties": {"territory": "West", "hubspot_owner_id": "77"},
    }  # fmt: skip
    assert [r["id"] for r in rows(pack["not_exported.csv"])] == ["Bo"]


def test_hubspot_takes_ids_of_a_property_of_ones_own_and_writes_changes_only() -> None:
    before = plan([("A-1", "T01"), ("A-2", "T01")])
    options = PackOptions(id_property="erp_id", former=before)
    pack = hubspot_pack(plan([("A-1", "T01"), ("A-2", "T02")]), options)
    (call,) = [json.loads(line) for line in pack["companies.jsonl"].splitlines()]
    assert [(r["id"], r["idProperty"]) for r in call["inputs"]] == [("A-2", "erp_id")]
    assert b"batch/upsert" in pack["README.md"]


def test_dynamics_accounts_point_at_the_territories_of_the_same_pack() -> None:
    accounts = [(GUIDS[0], "T01"), (f"{{{GUIDS[1]}}}", "T02"), ("A-3", "T02"), (GUIDS[2], "")]
    bundle = plan(accounts, territories=(("T01", "Same", "Ann"), ("T02", "same", "Bo")))
    pack = dynamics_pack(bundle, PackOptions(users={"Ann": GUIDS[2]}))
    territories = {r["name"]: r for r in rows(pack["territory.csv"])}
    assert list(territories) == ["Same", "same 2"]
    assert territories["Same"]["managerid"] == GUIDS[2].lower()
    assert [(r["accountid"], r["territoryid"]) for r in rows(pack["account.csv"])] == [
        (GUIDS[0].lower(), territories["Same"]["territoryid"]),
        (GUIDS[1].lower(), territories["same 2"]["territoryid"]),
    ]
    assert [r["id"] for r in rows(pack["not_exported.csv"])] == ["Bo", "A-3", GUIDS[2]]


def test_a_split_postal_code_is_listed_with_each_share() -> None:
    bundle = plan(
        [("1", "T01"), ("2", "T01"), ("3", "T02"), ("4", "T02"), ("5", "")],
        postcodes=[
            ("US", "90822", 10.0), ("US", "90822", 20.0), ("US", "90822", 90.0),
            ("DE", "04109", 0.0), ("US", "90822", 5.0),
        ],
    )  # fmt: skip
    assert plan_files(read_bundle(plan_files(bundle))) == plan_files(bundle)
    found = [s for s in shares(bundle) if s.basis == "accounts"]
    assert [(s.country, s.code, s.territory, s.accounts, s.purity, s.rank) for s in found] == [
        ("DE", "04109", "T02", 1, 1.0, 1),
        ("US", "90822", "T02", 1, 0.75, 1),
        ("US", "90822", "T01", 2, 0.25, 2),
    ]
    assert [s.split for s in found] == [False, True, True]
    assert found[1].purity_accounts == pytest.approx(1 / 3, abs=1e-6)


def test_zip_codes_without_accounts_go_by_their_middle(tmp_path: Path) -> None:
    bundle = plan([("1", "T01")], territories=(("T01", "=West", "@Ann"),))
    table = rows(export(bundle, "postal", tmp_path / "postal.csv").read_bytes())
    assert {r["basis"] for r in table} == {"centroid"}
    assert "90012" in {r["postal_code"] for r in table}  # downtown Los Angeles
    assert table[0]["territory"] == "'=West"
    assert (table[0]["rep"], table[0]["rep_name"]) == ("@Ann", "'@Ann Doe")
    assert (table[0]["accounts"], table[0]["purity"]) == ("0", "")
