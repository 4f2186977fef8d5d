"""A small plan with reps, made by the solver once."""

import numpy as np
import pytest

from geo.geocode import default_geocoder
from sales.design import design
from sales.inputs import read_input
from sales.plan import PlanBundle
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep
from tests.cli.conftest import run

__all__ = ["plan", "run"]


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> PlanBundle:
    """150 accounts around Hamburg, four reps of whom one works half."""
    rng = np.random.default_rng(7)
    lines = ["Id,Name,City,latitude,longitude,potential"]
    for i in range(150):
        place = f"{53.55 + rng.normal(0, 0.15):.6f},{10.0 + rng.normal(0, 0.2):.6f}"
        lines.append(f"A{i},Firm {i},Hamburg,{place},{rng.integers(10, 90)}")
    path = tmp_path_factory.mktemp("plan") / "accounts.csv"
    path.write_text("\n".join(lines))
    homes = ((53.65, 9.85), (53.65, 10.2), (53.45, 9.85), (53.45, 10.2))
    reps = tuple(
        Rep(f"R{k}", f"Rep {k}", 0.5 if k == 3 else 1.0, lat, lng)
        for k, (lat, lng) in enumerate(homes)
    )
    request = DesignRequest(
        reps=reps, balance=(BalanceGoal("potential", 0.2),), resolution=7, effort="quick"
    )
    return design(read_input(path), request, geocoder=default_geocoder())
