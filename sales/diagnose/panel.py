"""Accounts by period: who held each, where, with how many hours, and what it brought."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geo.arrays import Float
from geo.errors import InputError
from geo.sphere import distance_km
from sales.diagnose.periods import MONTHS, kind_of, length_in_years, period_of, relabelled
from sales.diagnose.tables import keys


@dataclass(frozen=True, eq=False)
class Histories:
    """The tables of `read_history`; those that are missing are None.

    `places` account key → position in degrees, `homes` rep → the same; `period` if it is chosen.
    """

    bookings: pd.DataFrame
    alignment: pd.DataFrame
    activities: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None
    quotas: pd.DataFrame | None = None
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    homes: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    period: str | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """One row per account and period, sorted by account and period.

    `rows`: key, account_id, period, territory, rep (who held it then; "" unknown), potential (a
    year), base (potential in that period), booked, deals, hours (NaN without activities), km.
    `today`: key → territory, rep of the alignment. `names`: territory → name. `notes`: what was
    left out, in words. `kind`, `periods`: the periods that bookings cover.
    """

    rows: pd.DataFrame
    today: pd.DataFrame
    names: Mapping[str, str]
    kind: str
    periods: tuple[str, ...]
    notes: tuple[str, ...]


def make_panel(accounts: pd.DataFrame, histories: Histories) -> Panel:
    """Lay accounts (the frame of an AccountTable), alignment and histories side by side.

    Raises InputError where no account has a potential, or none of the bookings is of an account.
    """
    known = _potentials(accounts)
    kind = _kind(histories)
    today, names, notes = _today(histories.alignment, known)
    booked = _booked(histories.bookings, kind)
    periods = _between(booked["period"].min(), booked["period"].max(), kind)
    lost = ~booked["key"].isin(known.index)
    if lost.all():
        raise InputError(
            "none of the bookings is of an account in the account file",
            hint="See that both files have the same account ids (--column account_id=HEADER).",
        )
    if lost.any():
        notes.append(f"{int(lost.sum()):,} bookings are of accounts that the account file has not")
    held = today.loc[today.index.isin(known.index) & (today["territory"] != "")]
    rows = _crossed(held, known, periods, length_in_years(kind))
    rows = _with_effort(rows, histories.activities, kind)
    sums = (
        booked[~lost]
        .groupby(["key", "period"], as_index=False)
        .agg(booked=("amount", "sum"), deals=("amount", "size"), booked_rep=("rep", "first"))
    )
    rows = rows.merge(sums, how="left", on=["key", "period"])
    rows[["booked", "deals"]] = rows[["booked", "deals"]].fillna(0.0)
    if outside := booked[~lost & ~booked["key"].isin(held.index)].shape[0]:
        notes.append(f"{outside:,} bookings are of accounts that are in no territory")
    rows["rep"] = _holders(rows, today, names, booked)
    rows["km"] = _km(rows, histories)
    kept = ["key", "account_id", "period", "territory", "rep", "potential", "base", "booked"]
    kept += ["deals", "hours", "km", *[t for t in ("pipeline", "workload") if t in rows]]
    rows = rows[kept].sort_values(["key", "period"], ignore_index=True)
    return Panel(rows, today, names, kind, tuple(periods), tuple(notes))


def _potentials(accounts: pd.DataFrame) -> pd.DataFrame:
    """Usable accounts with a potential above zero, by key."""
    if "potential" not in accounts:
        raise InputError(
            "the accounts have no potential, so nothing says what to expect of them",
            hint="Name the column with --column potential=HEADER, or score them first.",
        )
    frame = accounts[accounts["usable"] & (accounts["potential"] > 0)].copy()
    if frame.empty:
        raise InputError(
            "no account has a potential above zero", hint="Fill in the potential, or score first."
        )
    frame["key"] = keys(frame["account_id"])
    columns = ["account_id", "potential", *[c for c in ("pipeline", "workload") if c in frame]]
    return frame.drop_duplicates("key").set_index("key")[columns]


def _kind(histories: Histories) -> str:
    asked, activities = histories.period, histories.activities
    if activities is None:
        return asked or "quarter"
    found = kind_of(activities["period"], activities["row"], "activities")
    if asked and length_in_years(asked) < length_in_years(found):
        raise InputError(
            f"activities come by {found}, so nothing can be said by {asked}",
            hint=f"Leave out --period, or use --period {found}.",
        )
    return asked or (found if length_in_years(found) >= length_in_years("quarter") else "quarter")


def _today(
    alignment: pd.DataFrame, known: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """The first claim on each account, the names of territories, and what is wrong with it."""
    notes: list[str] = []
    if twice := int(alignment["key"].duplicated().sum()):
        notes.append(f"{twice:,} accounts are claimed twice in the alignment; the first row counts")
    first = alignment.drop_duplicates("key").set_index("key")
    first = first[["account_id", "territory", "territory_name", "rep"]]
    if orphans := int((first["territory"] == "").sum()):
        notes.append(f"{orphans:,} accounts have no territory in the alignment")
    if missing := int((~known.index.isin(first.index)).sum()):
        notes.append(f"{missing:,} accounts with potential are not in the alignment")
    named = first[(first["territory"] != "") & (first["territory_name"] != "")]
    names = dict(zip(named["territory"], named["territory_name"], strict=True))
    for territory in first["territory"].unique():
        if territory:
            names.setdefault(territory, territory)
    return first, names, notes


def _booked(bookings: pd.DataFrame, kind: str) -> pd.DataFrame:
    found = bookings.copy()
    found["period"] = period_of(found["date"], kind)
    return found


def _between(first: str, last: str, kind: str) -> list[str]:
    """All periods from the first to the last one that has bookings."""
    step = MONTHS[kind]

    def month(label: str) -> int:
        return 1 + step * (int(label[5:].lstrip("HQ") or 1) - 1)

    start, end = (pd.Timestamp(int(t[:4]), month(t), 1) for t in (first, last))
    days = pd.Series(pd.date_range(start, end, freq=f"{step}MS"))
    return list(period_of(days, kind))


def _crossed(
    held: pd.DataFrame, known: pd.DataFrame, periods: list[str], years: float
) -> pd.DataFrame:
    base = held[["territory"]].join(known, how="inner").reset_index(names="key")
    base["base"] = base["potential"] * years
    return base.merge(pd.DataFrame({"period": periods}), how="cross")


def _with_effort(rows: pd.DataFrame, activities: pd.DataFrame | None, kind: str) -> pd.DataFrame:
    if activities is None:
        return rows.assign(hours=np.nan, active_rep="")
    spent = activities.assign(period=relabelled(activities["period"], kind))
    # of several reps who worked an account in a period, the one with the most hours
    by_rep = spent.groupby(["key", "period", "rep"]).agg(hours=("hours", "sum")).reset_index()
    by_rep = by_rep.sort_values(["key", "period", "hours", "rep"])
    total = by_rep.groupby(["key", "period"], as_index=False).agg(
        hours=("hours", "sum"), active_rep=("rep", "last")
    )
    found = rows.merge(total, how="left", on=["key", "period"])
    return found.assign(hours=found["hours"].fillna(0.0), active_rep=found["active_rep"].fillna(""))


def _holders(
    rows: pd.DataFrame, today: pd.DataFrame, names: Mapping[str, str], booked: pd.DataFrame
) -> "pd.Series[str]":
    """Who held each account in each period: who worked it, else who booked there, else today's."""
    of_name = {name: territory for territory, name in names.items()}
    own = rows["active_rep"].where(rows["active_rep"] != "", rows["booked_rep"].fillna(""))
    seen = pd.DataFrame({"territory": rows["territory"], "period": rows["period"], "rep": own})
    deals = booked.assign(territory=booked["territory"].map(lambda t: of_name.get(t, t)))
    seen = pd.concat([seen, deals[["territory", "period", "rep"]]])
    seen = seen[(seen["rep"] != "") & (seen["territory"] != "")]
    count = seen.value_counts(["territory", "period", "rep"]).reset_index(name="n")
    count = count.sort_values(["territory", "period", "n", "rep"])
    holder = count.groupby(["territory", "period"])["rep"].last()
    there = holder.reindex(pd.MultiIndex.from_frame(rows[["territory", "period"]])).to_numpy()
    now = rows["key"].map(today["rep"]).fillna("")
    usual = pd.Series(there, index=rows.index, dtype="object").fillna(now)
    return own.where(own != "", usual).astype("str")


def _km(rows: pd.DataFrame, histories: Histories) -> Float:
    """From the home of who held the account to the account; NaN where either is unknown."""
    nowhere = (np.nan, np.nan)
    home = np.array([histories.homes.get(rep, nowhere) for rep in rows["rep"]])
    place = np.array([histories.places.get(key, nowhere) for key in rows["key"]])
    return distance_km(home[:, 0], home[:, 1], place[:, 0], place[:, 1])
