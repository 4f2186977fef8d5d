"""A small company: 90 accounts in two cities, families among them, and a model for them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sales.accounts.types import AccountTable
from sales.inputs import read_input

MODEL = """
name = "Small company"

[[segments]]
id = "named"
name = "Named"
cover = "list"
accounts = { Ann = ["A003"], Bo = ["A010", "A020"] }
top = { count = 4, by = "potential" }

[[segments]]
id = "large"
name = "Large"
where = { employees = { min = 500 } }
territories = 2
balance = "potential:0.4"

[[segments]]
id = "health"
name = "Health"
where = { industry = ["Healthcare", "pharma"], Tier = { not = ["C"] } }
shares = "rest"

[[segments]]
id = "rest"
name = "Rest"
rest = true
territories = 3
balance = "potential:0.2"
"""


def rows(count: int = 90, seed: int = 3) -> list[dict[str, Any]]:
    """Accounts about Munich; every ninth is a child of the one before."""
    rng = np.random.default_rng(seed)
    return [
        {
            "Account ID": f"A{i:03d}",
            "Account Name": f"Firm {i}",
            "City": ("München", "Dachau")[i % 2],
            "Latitude": round(48.15 + rng.normal(0, 0.2), 6),
            "Longitude": round(11.6 + rng.normal(0, 0.3), 6),
            "Annual Potential": int(rng.integers(5, 60)),
            "Employees": int(rng.integers(1, 900)),
            "Industry": ("Healthcare", "Retail", "Pharma ", "")[int(rng.integers(4))],
            "Tier": "ABC"[int(rng.integers(3))],
            "Parent Account ID": f"A{i - 1:03d}" if i % 9 == 8 else "",
        }
        for i in range(count)
    ]


def write(path: Path, some: list[dict[str, Any]]) -> Path:
    pd.DataFrame(some).to_csv(path, index=False)
    return path


def table(tmp_path: Path, some: list[dict[str, Any]] | None = None) -> AccountTable:
    found = read_input(write(tmp_path / "accounts.csv", rows() if some is None else some))
    assert isinstance(found, AccountTable)
    return found
