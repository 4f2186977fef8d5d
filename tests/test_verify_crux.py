"""`verify` derives anew that a few heavy units forbid a better balance."""

from collections.abc import Callable
from typing import Any

import h3
import pytest

from tests.test_verify import Files, _made, document, false_claims, with_document

CLAIM = "what the heaviest neighbourhoods make unavoidable"


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """19 cells of 0.4 targets amid light ones: two are too little, three too much."""
    middle = h3.latlng_to_cell(48.2, 16.4, 6)
    heavy = set(h3.grid_disk(middle, 2))
    lines = ["cell,potential"]
    lines += [f"{c},{400 if c in heavy else 10}" for c in sorted(h3.grid_disk(middle, 4))]
    path = tmp_path_factory.mktemp("core") / "cells.csv"
    return _made(path, "\n".join(lines), territories=8)


def test_a_tolerance_that_the_core_forbids_is_said_to_be_unreachable(core: Files) -> None:
    plan = document(core)
    (crux,) = plan["certificate"]["cruxes"]
    assert 0.05 < crux["least_max_deviation"] <= plan["summary"]["max_deviation"] + 1e-9
    assert false_claims(core) == set()
    assert plan["violations"]
    assert all("so heavy" in entry["message"] for entry in plan["violations"])


@pytest.mark.parametrize(
    "change",
    [
        lambda crux: crux.update(least_max_deviation=crux["least_max_deviation"] + 0.01),
        lambda crux: crux.update(prices=[-price for price in crux["prices"]]),
        lambda crux: crux.update(prices=[0.0 for _ in crux["prices"]]),
        lambda crux: crux["units"].__setitem__(0, "8600000000fffff"),
    ],
)
def test_a_bound_that_does_not_follow_is_caught(
    core: Files, change: Callable[[Any], object]
) -> None:
    changed = with_document(core, lambda plan: change(plan["certificate"]["cruxes"][0]))
    assert CLAIM in false_claims(changed)
