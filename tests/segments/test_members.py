"""Who is in which segment: order, families, and a partition whatever the model says."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import MissingColumnError
from sales.accounts.types import AccountTable
from sales.claims.segment_rules import segments_of
from sales.segments.members import Members, members_of
from sales.segments.model import Model
from sales.segments.read import model_of
from sales.segments.tables import member_table
from tests.segments.made_up import rows, table

REST = '[[segments]]\nid = "rest"\nrest = true\n'


def company(tmp_path: Path, *some: tuple[str, str, int, str]) -> AccountTable:
    """Accounts by id, parent, employees and industry."""
    columns = ("Account ID", "Parent Account ID", "Employees", "Industry")
    place = {"Latitude": 50, "Longitude": 10}
    return table(tmp_path, [dict(zip(columns, row, strict=True)) | place for row in some])


def sorted_by(source: AccountTable, text: str) -> tuple[dict[str, str], Members]:
    model = model_of(text, "model.toml")
    found = members_of(source, model)
    names = [*(s.id for s in model.segments), ""]
    ids = source.frame["account_id"]
    return {i: names[k] for i, k in zip(ids, found.segment, strict=True)}, found


def test_the_first_segment_that_claims_an_account_has_it(tmp_path: Path) -> None:
    source = company(
        tmp_path, ("a", "", 2000, "Health"), ("b", "", 2000, "Retail"), ("c", "", 5, "HEALTH "),
        ("d", "", 5, ""),
    )  # fmt: skip
    big = '[[segments]]\nid = "big"\nwhere = { employees = { min = 2000 } }\n'
    health = '[[segments]]\nid = "health"\nwhere = { Industry = "health" }\n'
    found, members = sorted_by(source, big + health + REST)
    assert found == {"a": "big", "b": "big", "c": "health", "d": "rest"}
    assert members.claimed == {"big": 2, "health": 2, "rest": 4}
    assert sorted_by(source, health + big + REST)[0]["a"] == "health"


def test_who_is_in_no_segment_is_told_what_to_do(tmp_path: Path) -> None:
    source = company(tmp_path, ("a", "", 2000, "x"), ("b", "", 5, "x"), ("c", "b", 9000, "x"))
    found, members = sorted_by(
        source, '[[segments]]\nid = "big"\nwhere = { employees = { above = 5 } }\n'
    )
    assert found == {"a": "big", "b": "", "c": ""}
    issues = {i.account_id: i for i in members.issues if i.code == "no_segment"}
    assert set(issues) == {"b", "c"}
    assert "parent b" in issues["c"].message
    assert "employees" in issues["b"].hint


def test_a_family_goes_where_its_ultimate_parent_belongs(tmp_path: Path) -> None:
    source = company(
        tmp_path, ("a", "", 2000, ""), ("b", "a", 5, ""), ("c", "b", 5, ""), ("d", "nobody", 5, ""),
        ("e", "f", 3000, ""), ("f", "g", 5, ""), ("g", "e", 5, ""), ("h", "f", 5, ""),
        ("i", "i", 5, ""),
    )  # fmt: skip
    big = '[[segments]]\nid = "big"\nwhere = { employees = { min = 100 } }\n'
    found, members = sorted_by(source, big + REST)
    # e, f and g go in a circle; the first of them in the file heads it.
    assert [i for i, s in found.items() if s == "big"] == ["a", "b", "c", "e", "f", "g", "h"]
    codes = {(i.account_id, i.code) for i in members.issues if i.code.startswith("parent")}
    assert codes == {
        ("d", "parent_unknown"), ("e", "parent_circle"), ("f", "parent_circle"),
        ("g", "parent_circle"), ("i", "parent_circle"),
    }  # fmt: skip
    alone, _ = sorted_by(source, 'families = "off"\n' + big + REST)
    assert [i for i, s in alone.items() if s == "big"] == ["a", "e"]


def test_a_list_yields_to_the_family_and_says_so(tmp_path: Path) -> None:
    source = company(tmp_path, ("a", "", 1, ""), ("b", "a", 1, ""), ("c", "", 1, ""))
    listed = '[[segments]]\nid = "vip"\naccounts = ["b", "c", "zz"]\n'
    found, members = sorted_by(source, listed + REST)
    assert found == {"a": "rest", "b": "rest", "c": "vip"}
    codes = {(i.account_id, i.code) for i in members.issues}
    assert {("b", "family_over_list"), ("zz", "listed_unknown")} <= codes


def test_the_largest_are_counted_by_families(tmp_path: Path) -> None:
    source = company(
        tmp_path, ("a", "", 10, ""), ("b", "a", 90, ""), ("c", "", 50, ""), ("d", "", 50, ""),
        ("e", "", 0, ""),
    )  # fmt: skip
    top = '[[segments]]\nid = "top"\ntop = { count = 2, by = "employees" }\n'
    assert [i for i, s in sorted_by(source, top + REST)[0].items() if s == "top"] == ["c", "d"]
    off = sorted_by(source, 'families = "off"\n' + top + REST)[0]
    assert [i for i, s in off.items() if s == "top"] == ["b", "c"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("{ Size = 'x' }", "no column 'Size'"),
        ("{ industry = { min = 5 } }", "holds texts"),
        ("{ employees = 'x' }", "holds numbers"),
    ],
)
def test_a_column_must_be_there_and_of_the_kind(tmp_path: Path, where: str, said: str) -> None:
    source = company(tmp_path, ("a", "", 1, "x"))
    with pytest.raises(MissingColumnError, match=said):
        sorted_by(source, f'[[segments]]\nid = "x"\nwhere = {where}\n')


CONDITIONS = st.sampled_from(
    [
        "employees = { min = 300 }", "employees = { above = 100, max = 500 }",
        "employees = { blank = true }", "Employees = { below = 450 }", "industry = 'healthcare'",
        "Industry = { not = ['Retail', 'Pharma'] }", "Tier = ['a', 'B']",
        "industry = { blank = true }",
        "Tier = { in = ['C'], not = ['A'] }",
    ]
)  # fmt: skip
RULES = st.one_of(
    st.lists(CONDITIONS, min_size=1, max_size=3, unique_by=lambda c: c.split()[0]).map(
        lambda some: f"where = {{ {', '.join(some)} }}"
    ),
    st.lists(CONDITIONS, min_size=2, max_size=3).map(
        lambda some: f"where = [{', '.join(f'{{ {c} }}' for c in some)}]"
    ),
    st.integers(1, 30).map(lambda n: f"top = {{ count = {n}, by = 'potential' }}"),
    st.lists(st.integers(0, 99), min_size=1, max_size=8).map(
        lambda some: f"accounts = {[f'A{i:03d}' for i in some]}"
    ),
)
MODELS = st.tuples(
    st.sampled_from(["together", "segment", "off"]), st.lists(RULES, min_size=1, max_size=5),
    st.booleans(), st.dictionaries(st.integers(0, 89), st.integers(0, 89), max_size=30),
)  # fmt: skip


@pytest.fixture(scope="module")
def company_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("law")


@given(MODELS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_model_parts_the_accounts_and_the_audit_decides_the_same(
    company_file: Path, drawn: tuple[str, list[str], bool, dict[int, int]]
) -> None:
    keep, rules, rest, parents = drawn
    text = f'families = "{keep}"\n' + "".join(
        f'[[segments]]\nid = "s{k}"\n{rule}\n' for k, rule in enumerate(rules)
    )
    some: list[dict[str, Any]] = rows()
    for child, parent in parents.items():
        some[child]["Parent Account ID"] = f"A{parent:03d}"
    some.append(dict(some[0]))  # the same id again: not usable
    source = table(company_file, some)
    model: Model = model_of(text + (REST if rest else ""), "model.toml")
    found = members_of(source, model)
    usable = source.frame["usable"].to_numpy()
    # Each usable account in exactly one segment, or in none and told so; nobody else in any.
    assert (found.segment[~usable] == -1).all()
    told = {i.row for i in found.issues if i.code == "no_segment"}
    assert told == set(source.frame["row"][usable & (found.segment == -1)])
    assert not (rest and told)
    assert sum(len(found.rows(k)) for k in range(len(model.segments))) + len(told) == usable.sum()
    # Families are whole, and the head is its own.
    head = found.families.head
    assert (head[head] == head).all()
    assert (found.segment[usable] == found.segment[head[usable]]).all()
    # Who never saw that code decides the same from the written table.
    written = member_table(source, model, found, {})
    lists = {s.id: [e.account_id for e in s.listed] for s in model.segments if s.listed}
    table_rows = [{str(k): str(v) for k, v in row.items()} for row in written.to_dict("records")]
    again = list(segments_of(model.text, lists, table_rows))
    assert pd.Series(again).tolist() == written["segment"].tolist()
