import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError, MissingColumnError, OptionError
from sales.export import export
from sales.packs.given import read_options
from sales.packs.pack import PackOptions, read_pack
from sales.packs.salesforce import salesforce_pack
from sales.packs.salesforce_names import developer_names, labels, long_id
from tests.packs.made_up import A, B, C, plan

USER = "0055e000001AbcDAAS"


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_files_are_as_a_loader_takes_them_and_in_order() -> None:
    pack = salesforce_pack(plan([(A[:15], "T01"), (B, "T02")]), PackOptions())
    assert list(pack) == [
        "README.md", "Territory2.csv", "UserTerritory2Association.csv",
        "ObjectTerritory2Association.csv", "not_exported.csv",
    ]  # fmt: skip
    assert pack["Territory2.csv"].startswith(b"Name,DeveloperName,Territory2ModelId,")
    assert rows(pack["ObjectTerritory2Association.csv"]) == [
        {"ObjectId": A, "Territory2Id": "T01", "AssociationCause": "Territory2Manual"},
        {"ObjectId": B, "Territory2Id": "T02", "AssociationCause": "Territory2Manual"},
    ]
    first = rows(pack["Territory2.csv"])[0]
    assert (first["Name"], first["DeveloperName"]) == ("West", "T01")
    assert first["Territory2ModelId"].encode() in pack["README.md"]
    assert first["Territory2TypeId"].encode() in pack["README.md"]


def test_every_row_is_in_a_file_or_among_those_not_exported() -> None:
    accounts = [(A, "T01"), (A[:15], "T02"), ("=1+1", "T01"), (C, ""), (A.lower(), "T02")]
    pack = salesforce_pack(plan(accounts), PackOptions())
    left = [r for r in rows(pack["not_exported.csv"]) if r["kind"] == "account"]
    assert len(left) + len(rows(pack["ObjectTerritory2Association.csv"])) == len(accounts)
    assert [r["id"] for r in left] == [A[:15], "'=1+1", C, A.lower()]
    assert all(r["reason"] for r in left)


def test_reps_become_users_and_those_without_one_are_listed() -> None:
    options = PackOptions(users={"Ann": USER[:15]})
    pack = salesforce_pack(plan([(A, "T01")]), options)
    (user,) = rows(pack["UserTerritory2Association.csv"])
    assert (user["UserId"][:15], user["Territory2Id"]) == (USER[:15], "T01")
    assert user["UserId"] == long_id(USER[:15])
    assert [r["id"] for r in rows(pack["not_exported.csv"]) if r["kind"] == "rep"] == ["Bo"]


def test_a_move_is_a_row_to_delete_and_a_row_to_insert() -> None:
    options = PackOptions(former=plan([(A, "T01"), (B, "T01")]))
    pack = salesforce_pack(plan([(A, "T02"), (B, "T01"), (C, "T02")]), options)
    assert rows(pack["ObjectTerritory2Association_delete.csv"]) == [
        {"ObjectId": A, "Territory2Id": "T01"}
    ]
    inserts = rows(pack["ObjectTerritory2Association_insert.csv"])
    assert [(r["ObjectId"], r["Territory2Id"]) for r in inserts] == [(A, "T02"), (C, "T02")]
    assert rows(pack["Territory2.csv"]) == []
    steps = re.findall(r"^\d\. `(\w+)", pack["README.md"].decode(), re.M)
    assert steps.index("ObjectTerritory2Association_delete") < steps.index(
        "ObjectTerritory2Association_insert"
    )


def test_with_an_export_of_associations_the_deletes_have_their_ids() -> None:
    ids = {"T01": "0MI000000000001", "T02": "0MI000000000002"}
    there = pd.DataFrame(
        [("0MH1", A[:15], ids["T01"]), ("0MH2", B, ids["T02"]), ("0MH3", C, ids["T02"])],
        columns=["Id", "ObjectId", "Territory2Id"],
    )
    options = PackOptions(
        former=plan([(A, "T01"), (B, "T01")]), associations=there, territory_ids=ids
    )
    pack = salesforce_pack(plan([(A, "T02"), (B, "T02"), (C, "T02")]), options)
    gone = rows(pack["ObjectTerritory2Association_delete.csv"])
    assert [(r["Id"], r["ObjectId"]) for r in gone] == [("0MH1", A)]
    # B's former association is not there, and what it shall have is there already, as is C's.
    assert [r["id"] for r in rows(pack["not_exported.csv"]) if r["kind"] == "association"] == [B]
    assert [r["ObjectId"] for r in rows(pack["ObjectTerritory2Association_insert.csv"])] == [A]


def test_an_export_of_associations_without_ids_is_refused() -> None:
    options = PackOptions(former=plan([(A, "T01")]), associations=pd.DataFrame({"ObjectId": [A]}))
    with pytest.raises(MissingColumnError, match="Id"):
        salesforce_pack(plan([(A, "T02")]), options)


@pytest.mark.parametrize("fmt", ["salesforce", "hubspot", "dynamics"])
def test_zip_and_directory_hold_the_same_and_never_change(fmt: str, tmp_path: Path) -> None:
    bundle = plan([(A, "T01"), ("12", "T02")])
    archive = export(bundle, fmt, tmp_path / "pack.zip").read_bytes()
    assert export(bundle, fmt, tmp_path / "again.zip").read_bytes() == archive
    folder = export(bundle, fmt, tmp_path / "pack")
    assert read_pack(folder) == read_pack(tmp_path / "pack.zip")
    with pytest.raises(OptionError):
        export(bundle, fmt, folder)


def test_tables_of_the_crm_are_read_by_their_headers(tmp_path: Path) -> None:
    users, ids = tmp_path / "users.csv", tmp_path / "ids.csv"
    users.write_text("\ufeffRep,User ID\nAnn,005x\n")
    ids.write_text("Id;DeveloperName\n0MI1;T01\n")
    options = read_options(users=users, territory_ids=ids)
    assert (options.users, options.territory_ids) == ({"Ann": "005x"}, {"T01": "0MI1"})
    users.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column 'rep'"):
        read_options(users=users)


@given(st.lists(st.text(max_size=100), max_size=20))
def test_developer_names_keep_salesforces_rules_whatever_the_text(texts: list[str]) -> None:
    made = developer_names(texts)
    assert len({name.lower() for name in made}) == len(texts)
    for name in made:
        assert re.fullmatch(r"[A-Za-z](?:_?[A-Za-z0-9])*", name)
        assert len(name) <= 80
    assert all(0 < len(name) <= 80 for name in labels(texts))


@given(st.from_regex(r"\A001[0-9A-Za-z]{12}\Z"))
def test_fifteen_and_eighteen_characters_are_one_id_and_lost_case_is_seen(short: str) -> None:
    whole = long_id(short)
    assert whole is not None
    assert (len(whole), whole[:15], long_id(whole)) == (18, short, whole)
    if short.upper() != short:
        assert long_id(short.upper() + whole[15:]) is None


def test_a_known_pair_of_ids() -> None:
    assert long_id("0015e00000ANAcO") == A
    assert long_id("nothing") is None
