"""What a sizing needs to know of each account, from a file and, where there is one, a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import Float, Int
from geo.errors import InputError, MissingColumnError
from sales.accounts.fields import listed
from sales.accounts.types import AccountTable
from sales.plan import PlanBundle
from sales.potential.facts import Facts
from sales.sizing.market import Texts, class_of
from sales.sizing.model import SizingModel
from sales.sizing.travel import center_of

_FULL_TIME = 3.0  # capacities up to this are full-time equivalents


@dataclass(frozen=True, eq=False)
class Market:
    """Usable accounts (n): `lat`, `lng` NaN where unknown, `potential`, index of the `call_class`
    (−1: none, no calls), text of the `segment`; and `territory` index, −1 for none."""

    lat: Float
    lng: Float
    potential: Float
    call_class: Int
    segment: Texts
    territory: Int


@dataclass(frozen=True, eq=False)
class Seats:
    """The territories of a plan: `base` (p, 2) the rep's home, NaN where unknown; `full_time` (p)
    reps' capacity as full-time equivalents."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    reps: tuple[str, ...]
    base: Float
    full_time: Float


def market_of(
    table: AccountTable, lat: Float, lng: Float, model: SizingModel, bundle: PlanBundle | None
) -> tuple[Market, Seats | None]:
    """The market with the positions `lat`, `lng` of all rows of `table`.

    Raises MissingColumnError where there is no potential, or a column of the model is not there,
    and InputError where the plan has other accounts.
    """
    facts = Facts(table)
    if "potential" not in table.frame.columns:
        raise MissingColumnError(
            f"{table.source} has no potential, and without it nothing can be sized",
            hint="Score the accounts first (bailiwick score), or name a column with --column "
            f"potential=HEADER. There are {listed(facts.names())}.",
        )
    usable = np.flatnonzero(table.frame["usable"].to_numpy())
    given = facts.text(model.classes.column)[usable] if model.classes.column else None
    measured = facts.number(model.classes.measure)[usable]
    segment = model.segment or ("industry" if "industry" in table.columns else None)
    texts = (
        np.asarray([facts.shown(segment, int(at)) for at in usable], dtype=object)
        if segment
        else np.full(len(usable), "all", dtype=object)
    )
    territory = np.full(len(usable), -1, dtype=np.int64)
    seats = None
    if bundle is not None:
        seats = _seats(bundle)
        territory = _territories(table, usable, bundle, seats.ids)
    return (
        Market(
            lat[usable], lng[usable], facts.number("potential")[usable],
            class_of(measured, given, model.classes), texts, territory,
        ),
        seats,
    )  # fmt: skip


def _territories(table: AccountTable, usable: Int, bundle: PlanBundle, ids: Sequence[str]) -> Int:
    known = pd.Series(
        bundle.assignments["territory_id"].to_numpy(), index=bundle.assignments["account_id"]
    )
    known = known[~known.index.duplicated()]
    found = known.reindex(table.frame["account_id"].to_numpy()[usable])
    if found.isna().mean() > 0.5:
        raise InputError(
            f"{found.isna().mean():.0%} of the accounts of {table.source} are not in the plan",
            hint="Give the file that the plan was designed with.",
        )
    place = {territory: at for at, territory in enumerate(ids)}
    return np.array([place.get(str(t), -1) for t in found.fillna("")], dtype=np.int64)


def _seats(bundle: PlanBundle) -> Seats:
    document: Mapping[str, Any] = bundle.document
    territories = document["territories"]
    rep_of = {rep["territory"]: rep for rep in document.get("reps") or ()}
    reps = [rep_of.get(t["id"], {}) for t in territories]
    base = np.array(
        [[_number(rep.get("lat")), _number(rep.get("lng"))] for rep in reps], dtype=np.float64
    ).reshape(-1, 2)
    capacity = np.array([float(rep.get("capacity") or 1.0) for rep in reps])
    full_time = capacity if capacity.max() <= _FULL_TIME else capacity / capacity.mean()
    return Seats(
        tuple(t["id"] for t in territories), tuple(t["name"] or "" for t in territories),
        tuple(t["rep"] or "" for t in territories), base, full_time,
    )  # fmt: skip


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def bases(market: Market, seats: Seats) -> Float:
    """From where each territory is worked: the rep's home, else the middle of its potential."""
    base = seats.base.copy()
    for at in np.flatnonzero(np.isnan(base).any(axis=1)):
        mine = (market.territory == at) & np.isfinite(market.lat)
        if mine.any():
            base[at] = center_of(market.lat[mine], market.lng[mine], market.potential[mine])
    return np.nan_to_num(base)
