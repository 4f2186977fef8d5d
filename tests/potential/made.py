"""Small made-up companies."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sales.accounts.types import TEXT_FIELDS, AccountTable
from sales.potential.facts import Facts
from sales.potential.history import History


def table(columns: Mapping[str, Sequence[object]], **attributes: Sequence[str]) -> AccountTable:
    """An account table with those columns, everything else blank."""
    n = len(next(iter(columns.values())))
    data: dict[str, object] = {
        "row": np.arange(2, n + 2),
        "account_id": [f"A{i}" for i in range(n)],
        "usable": np.ones(n, dtype=bool),
    }
    data |= {field: [""] * n for field in TEXT_FIELDS}
    data |= {"latitude": np.full(n, np.nan), "longitude": np.full(n, np.nan)}
    data |= {
        k: np.array(v, dtype=np.float64) if not isinstance(v[0], str) else list(v)
        for k, v in columns.items()
    }
    extra = pd.DataFrame(attributes, index=range(n))
    return AccountTable(pd.DataFrame(data), extra, (), {c: c for c in columns}, "made.csv", "0")


def facts(columns: Mapping[str, Sequence[object]], **attributes: Sequence[str]) -> Facts:
    return Facts(table(columns, **attributes))


def company(n: int = 1200, seed: int = 5) -> tuple[Facts, History, "np.ndarray"]:
    """Accounts and a year of deals: the deal grows with employees^0.8, technology buys more often.

    The third value is the true expected amount of a year.
    """
    rng = np.random.default_rng(seed)
    employees = np.exp(rng.normal(4.0, 1.0, n)).round() + 1.0
    tech = rng.random(n) < 0.4
    odds = np.where(tech, 3.0, 0.6) * (employees / 50.0) ** 0.5
    chance = odds / (1.0 + odds)
    own = np.exp(rng.normal(0.0, 0.3, n) - 0.045)
    expected = 1000.0 * (employees / 50.0) ** 0.8 * own
    half = 1.0 - np.sqrt(1.0 - chance)  # in each half of the year, independently
    at = np.flatnonzero(rng.random(2 * n) < np.tile(half, 2))
    account = at % n
    amount = expected[account] / 2.0 * np.exp(rng.normal(0.0, 0.4, len(at)) - 0.08)
    day = np.datetime64("2024-01-01") + 184 * (at // n) + rng.integers(0, 180, len(at))
    day[0], day[-1] = np.datetime64("2024-01-01"), np.datetime64("2024-12-30")
    ids = np.array([f"A{i}" for i in account], dtype=object)
    made = facts(
        {
            "employees": employees.tolist(),
            "industry": np.where(tech, "Technology", "Retail").tolist(),
            "state": [f"S{i % 12}" for i in range(n)],
        }
    )
    return made, History(ids, day.astype("datetime64[D]"), amount, "deals.csv"), expected * half
