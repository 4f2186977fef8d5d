"""Made-up accounts to measure the market on.

    python -m benchmarks.accounts [ACCOUNTS:TERRITORIES …] [--tolerance 0.05]

Prints, for each size, the cells before and after heavy ones are replaced, the heaviest cell before
and after as a share of a target, beside the heaviest account, and what building the market takes;
then the plan: the largest deviation, territories within half a per cent, and what the solve takes.
"""

import argparse
import resource
import time
from dataclasses import dataclass

import numpy as np
import shapely

from geo.arrays import Float
from geo.cells.hierarchy import resolution_of
from geo.cells.land import USA, land_of
from geo.cells.market import Market, build_market
from geo.design.problem import DesignProblem, targets_by_share
from geo.design.solve import solve
from geo.measures.balance import deviations, loads

CITIES = 300
IN_CITIES = 0.8  # of the accounts
_KM_PER_DEGREE = 111.2
_BOX = (-125.0, 24.0, -66.0, 49.5)  # west, south, east, north of the contiguous states


@dataclass(frozen=True, eq=False)
class Accounts:
    """Positions in degrees and potential, each of shape (n)."""

    lat: Float
    lng: Float
    potential: Float


def us_accounts(count: int, seed: int) -> Accounts:
    """Accounts of the contiguous US: four in five around 300 cities of Zipf sizes, lognormal."""
    rng = np.random.default_rng(seed)
    mainland = max(shapely.get_parts(land_of(USA)), key=lambda part: part.area)
    shapely.prepare(mainland)
    cities = _scattered(mainland, CITIES, rng)
    size = 1.0 / np.arange(1, CITIES + 1)
    spread = rng.uniform(8, 40, CITIES) / _KM_PER_DEGREE
    city = rng.choice(CITIES, count, p=size / size.sum())
    offset = rng.normal(size=(count, 2)) * spread[city, None]
    offset[:, 1] /= np.cos(np.radians(cities[city, 0]))
    place = cities[city] + offset
    rural = rng.random(count) >= IN_CITIES
    place[rural] = _scattered(mainland, int(rural.sum()), rng)
    # Who would live at sea lives nearer to the city.
    while len(at_sea := np.flatnonzero(~shapely.contains_xy(mainland, place[:, 1], place[:, 0]))):
        place[at_sea] = (place[at_sea] + cities[city[at_sea]]) / 2
    potential = rng.lognormal(0.0, 1.2, count) * 1000
    return Accounts(place[:, 0].copy(), place[:, 1].copy(), potential)


def _scattered(land: shapely.Geometry, count: int, rng: np.random.Generator) -> Float:
    """Positions evenly over the land within the box, (count, 2) latitude and longitude."""
    west, south, east, north = _BOX
    low, high = np.sin(np.radians([south, north]))
    found = np.empty((0, 2))
    while len(found) < count:
        lng = rng.uniform(west, east, 2 * count)
        lat = np.degrees(np.arcsin(rng.uniform(low, high, 2 * count)))
        on_land = shapely.contains_xy(land, lng, lat)
        found = np.concatenate([found, np.column_stack([lat, lng])[on_land]])
    return found[:count]


def market_of(
    accounts: Accounts,
    territories: int,
    tolerance: float,
    resolution: int | None = None,
    smallest_share: float | None = None,
) -> Market:
    """Their market, balanced by potential."""
    return build_market(
        accounts.lat,
        accounts.lng,
        accounts.potential[:, None],
        ("potential",),
        territories=territories,
        tolerance=np.array([tolerance]),
        resolution=resolution,
        smallest_share=smallest_share,
    )


def plan_of(market: Market, territories: int, tolerance: float) -> Float:
    """Absolute deviations of the territories in a plan of the market, shape (p)."""
    table = market.table
    targets = targets_by_share(table.activity, np.ones(territories))
    problem = DesignProblem(
        table.lat, table.lng, table.activity, table.measures, market.graph, targets,
        np.array([tolerance]),
    )  # fmt: skip
    load = loads(problem.activity, solve(problem).labels, territories)
    return np.asarray(np.abs(deviations(load, targets))[:, 0])


def heaviest(market: Market, territories: int) -> float:
    """The heaviest cell as a share of a target."""
    potential = market.table.activity[:, 0]
    return float(potential.max() * territories / potential.sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", default=["40000:100", "200000:300"])
    parser.add_argument("--tolerance", type=float, default=0.05)
    asked = parser.parse_args()
    # Compiles, and reads the basemap.
    plan_of(market_of(us_accounts(500, 0), 3, 0.05), 3, 0.05)
    print(
        "| accounts | p | cells before | after | finest | heaviest before | after | account | s"
        " | max dev | within 0.5 % | solve s |"
    )
    print("|" + "---|" * 12)
    for size in asked.sizes:
        count, territories = (int(part) for part in size.split(":"))
        accounts = us_accounts(count, seed=1)
        begin = time.perf_counter()
        made = market_of(accounts, territories, asked.tolerance)
        seconds = time.perf_counter() - begin
        begin = time.perf_counter()
        off = plan_of(made, territories, asked.tolerance)
        solving = time.perf_counter() - begin
        level = resolution_of(made.table.cell)
        plain = market_of(accounts, territories, asked.tolerance, int(level.min()))
        single = accounts.potential.max() * territories / accounts.potential.sum()
        print(
            f"| {count:,} | {territories} | {len(plain.table):,} | {len(made.table):,}"
            f" | {level.max()} | {heaviest(plain, territories):.1%}"
            f" | {heaviest(made, territories):.1%} | {single:.1%} | {seconds:.1f}"
            f" | {off.max():.2%} | {(off <= 0.005).mean():.0%} | {solving:.1f} |",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory of the whole run: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
