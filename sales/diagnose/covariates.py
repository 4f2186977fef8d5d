"""What is known of an account in a period, for the expectation: size, attention, travel, time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import Bool, Float

_GROUPS: Final = 5  # of attention, of equally many accounts each
_FEW: Final = 50  # rows below which no group is made


@dataclass(frozen=True, eq=False)
class Covariates:
    """`x` (N, k) with `names` (k); `attention` (k): which of them say how much it was worked."""

    x: Float
    names: tuple[str, ...]
    attention: Bool


def covariates(rows: pd.DataFrame) -> Covariates:
    """The columns for the rows of a panel; what is unknown or the same everywhere is left out."""
    columns: dict[str, Float] = {}
    size = np.log(rows["potential"].to_numpy(dtype=np.float64))
    columns["size (log)"] = size - size.mean()
    for name, column in _attention(rows).items():
        columns[name] = column
    km = rows["km"].to_numpy(dtype=np.float64)
    if (known := np.isfinite(km)).mean() > 0.5:
        travel = np.log1p(np.where(known, km, np.median(km[known])))
        columns["travel (log km)"] = travel - travel.mean()
    for period in sorted(rows["period"].unique())[1:]:
        columns[f"period {period}"] = (rows["period"] == period).to_numpy(dtype=np.float64)
    kept = {name: c for name, c in columns.items() if c.std() > 1e-9}
    x = np.column_stack(list(kept.values())) if kept else np.zeros((len(rows), 0))
    attention = np.array([name.startswith("attention") for name in kept], dtype=bool)
    return Covariates(x, tuple(kept), attention)


def relative_hours(rows: pd.DataFrame) -> Float:
    """Hours spent on each account against what it needs (its workload; else by √potential)."""
    if "workload" in rows and (rows["workload"] > 0).any():
        need = rows["workload"].to_numpy(dtype=np.float64) * rows["base"] / rows["potential"]
        need = np.where(need > 0, need, np.nanmedian(need[need > 0]))
    else:
        need = np.sqrt(rows["potential"].to_numpy(dtype=np.float64))
    ratio: Float = rows["hours"].to_numpy(dtype=np.float64) / need
    return ratio


def _attention(rows: pd.DataFrame) -> dict[str, Float]:
    """Dummies of fifths of the relative hours, against the least worked fifth; and of none."""
    if rows["hours"].isna().any():
        return {}
    ratio = relative_hours(rows)
    worked = ratio > 0
    if worked.sum() < _FEW:
        return {}
    edges = np.quantile(ratio[worked], np.linspace(0, 1, _GROUPS + 1)[1:-1])
    group = np.where(worked, 1 + np.searchsorted(edges, ratio), 0)
    found = {"attention: none": (group == 0).astype(np.float64)} if not worked.all() else {}
    for k in range(2, _GROUPS + 1):
        found[f"attention: fifth {k}"] = (group == k).astype(np.float64)
    return found
