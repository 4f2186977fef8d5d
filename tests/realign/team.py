"""A small team to try changes on: five reps over 150 accounts around Denver."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from geo.geocode import default_geocoder
from geo.geocode.types import Geocoder
from sales.accounts.types import AccountTable
from sales.design import design
from sales.inputs import read_input
from sales.plan import PlanBundle
from sales.realign.compare import Comparison, compare
from sales.realign.run import Base
from sales.realign.scenario import SalesBasis, Scenario
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep

REPS = tuple(
    Rep(name.lower(), name, 1.0, lat, lng)
    for name, lat, lng in (
        ("Ann", 40.5, -105.0), ("Bo", 39.0, -104.8), ("Cy", 39.7, -106.3), ("Di", 39.8, -103.6),
        ("Ed", 40.3, -104.2),
    )
)  # fmt: skip
ACCOUNTS = 150


def accounts_csv(count: int = ACCOUNTS, seed: int = 3, prefix: str = "A") -> str:
    """Accounts with an industry and employees; the last one has no place."""
    rng = np.random.default_rng(seed)
    lines = ["Account ID,Industry,Employees,Latitude,Longitude,Potential,ARR,Note"]
    for i in range(count):
        lat, lng = 39.7 + rng.normal(0, 0.5), -104.9 + rng.normal(0, 0.7)
        place = f"{lat:.6f},{lng:.6f}" if i < count - 1 else ","
        kind = ("Retail", "Health", "Energy")[i % 3]
        worth, arr = rng.integers(10, 100), rng.integers(0, 20)
        lines.append(f"{prefix}{i:03d},{kind},{rng.integers(1, 500)},{place},{worth},{arr},n{i}")
    return "\n".join(lines) + "\n"


def table(text: str) -> AccountTable:
    """The accounts of a CSV."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "accounts.csv"
        path.write_text(text)
        found = read_input(path)
    assert isinstance(found, AccountTable)
    return found


@cache
def geocoder() -> Geocoder:
    return default_geocoder()


@cache
def team(reps: tuple[Rep, ...] = REPS, text: str = "") -> Base:
    """The plan in force of the team."""
    source = table(text or accounts_csv())
    bundle = plan(source, reps)
    return Base(bundle, source, "team", geocoder())


def plan(source: AccountTable, reps: tuple[Rep, ...]) -> PlanBundle:
    request = DesignRequest(
        reps=reps, balance=(BalanceGoal("potential", 0.15),), resolution=5, effort="quick"
    )
    return design(source, request, geocoder=geocoder())


def tried(
    *scenarios: Scenario, basis: SalesBasis | None = None, base: Base | None = None
) -> Comparison:
    """The scenarios made and compared."""
    return compare(base or team(), scenarios, basis or SalesBasis())
