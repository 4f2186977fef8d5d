from typing import Any

import pytest

from sales.violations import balance_violation, heaviest_part

TERRITORY = {"id": "T1", "name": "Hamburg", "deviations": {"potential": 0.42}}


def granularity(**changed: Any) -> dict[str, Any]:
    usual = {
        "measure": "potential",
        "heaviest_unit": "871f1a4adffffff",
        "share_of_target": 1.4,
        "least_max_deviation": 0.4,
        "accounts": 1,
        "positions": 1,
        "account": "A-17",
    }
    return usual | changed


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "account A-17 (unit 871f1a4adffffff)"),
        (
            {"accounts": 1200, "account": ""},
            "the pile of 1,200 accounts at one position (unit 871f1a4adffffff)",
        ),
        (
            {"accounts": 3, "positions": 2, "account": ""},
            "unit 871f1a4adffffff with 3 accounts",
        ),
        ({"accounts": 0, "positions": 0, "account": ""}, "unit 871f1a4adffffff"),
    ],
)
def test_the_heaviest_part_is_called_by_name(changed: dict[str, Any], says: str) -> None:
    assert heaviest_part(granularity(**changed)) == says


def test_what_forbids_the_tolerance_is_said_with_how_much_and_the_least_deviation() -> None:
    entry = balance_violation(TERRITORY, "potential", 0.05, [granularity()])
    assert entry is not None
    assert entry["message"] == (
        "Hamburg is +42.0% from its target of potential (allowed: 5.0%); account A-17 (unit"
        " 871f1a4adffffff) is 140% of a target, which alone makes 40.0% unavoidable"
    )


def test_nothing_is_said_of_what_does_not_forbid_it() -> None:
    for changed in ({"least_max_deviation": 0.0}, {"measure": "accounts"}):
        entry = balance_violation(TERRITORY, "potential", 0.05, [granularity(**changed)])
        assert entry is not None
        assert ";" not in entry["message"]
    assert balance_violation(TERRITORY, "potential", 0.5, [granularity()]) is None
