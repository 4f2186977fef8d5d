"""The market of a plan: its accounts as given, or as its files know them; and of two teams."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.arrays import Float
from geo.cells.index import cell_centers, hex_to_cell
from geo.cells.table import CellTable
from geo.errors import OptionError
from sales.accounts.types import TEXT_FIELDS, AccountTable
from sales.input_types import CellInput
from sales.plan import PlanBundle
from sales.prepare import Source
from sales.rules.alignment import keys_of

_OURS = ("row", "account_id", "usable", *TEXT_FIELDS, "latitude", "longitude")


def market_of(bundle: PlanBundle, source: str) -> Source:
    """What a plan's own files say of its accounts (or cells): where they are and what they hold.

    An account is worth what incumbent.csv says, else an even share of its unit. Raises OptionError
    for polygon units, whose outlines the files do not have.
    """
    sha256 = str(bundle.document["provenance"]["input_sha256"])
    measures = [str(name) for name in bundle.document["measures"]]
    if bundle.document["units"] == "units":
        raise OptionError(
            "the plan is of polygons, which its files do not hold",
            hint="Give the file that it was designed from with --input.",
        )
    if not len(bundle.assignments):
        return _cells(bundle, measures, source, sha256)
    rows = bundle.assignments
    frame = pd.DataFrame(
        {
            "row": np.arange(2, len(rows) + 2, dtype=np.int64),
            "account_id": rows["account_id"],
            "usable": ~rows["account_id"].duplicated(),
        }
        | dict.fromkeys(TEXT_FIELDS, "")
        | {"latitude": rows["lat"], "longitude": rows["lng"]}
        | {name: worth for name, worth in _worth(bundle, measures).items() if name != "accounts"}
    )
    if bundle.names is not None:
        frame["name"] = list(bundle.names)
    return AccountTable(frame, pd.DataFrame(index=frame.index), (), {}, source, sha256)


def is_exact(bundle: PlanBundle) -> bool:
    """Whether the plan's files say what each account is worth, and not only what its unit is."""
    return not len(bundle.assignments) or _stated(bundle) == "potential"


def _stated(bundle: PlanBundle) -> str:
    if bundle.incumbent is None:
        return ""
    return str(bundle.document["summary"]["disruption"]["measure"])


def _worth(bundle: PlanBundle, measures: list[str]) -> dict[str, Float]:
    rows, units = bundle.assignments, bundle.units.set_index("cell")
    count = rows["cell"].map(rows["cell"].value_counts())
    found: dict[str, Float] = {}
    for name in measures:
        share = (rows["cell"].map(units[name]) / count).fillna(0.0)
        found[name] = share.to_numpy(dtype=np.float64)
        if name == _stated(bundle) and bundle.incumbent is not None:
            found[name] = bundle.incumbent["weight"].to_numpy(dtype=np.float64)
    return found


def _cells(bundle: PlanBundle, measures: list[str], source: str, sha256: str) -> CellInput:
    cell = hex_to_cell(bundle.units["cell"].tolist())
    order = np.argsort(cell)
    lat, lng = cell_centers(cell[order])
    activity = bundle.units[measures].to_numpy(dtype=np.float64)[order]
    some = (activity.sum(axis=1) > 0).astype(np.int64)
    table = CellTable(cell[order], activity, tuple(measures), lat, lng, some)
    return CellInput(table, (), source, sha256)


def of_both(own: Source, other: AccountTable | None) -> Source:
    """The accounts of two teams in one table: one that both have counts once, as the first has it.

    Raises OptionError where the market is not of accounts.
    """
    if other is None:
        return own
    if not isinstance(own, AccountTable):
        raise OptionError(
            "teams can be merged where the plan is of accounts, and this one is of cells or units",
            hint="Design the plan from a file of accounts.",
        )
    known = set(keys_of(own.frame["account_id"].astype(str).tolist()))
    keys = keys_of(other.frame["account_id"].astype(str).tolist())
    new = np.array([key not in known for key in keys], dtype=bool)
    frame = pd.concat([own.frame, other.frame[new]], ignore_index=True)
    for name in frame.columns:
        if name not in _OURS:
            frame[name] = frame[name].fillna(0.0)
    attributes = pd.concat([own.attributes, other.attributes[new]], ignore_index=True).fillna("")
    return replace(
        own,
        frame=frame,
        attributes=attributes,
        issues=(*own.issues, *other.issues),
        source=f"{own.source} and {other.source}",
        sha256=hashlib.sha256(f"{own.sha256} {other.sha256}".encode()).hexdigest(),
    )
