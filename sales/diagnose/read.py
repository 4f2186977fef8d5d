"""A diagnosis from files: accounts, histories, and the roster if there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geo.geocode.types import Geocoder
from sales.accounts import read_accounts
from sales.accounts.types import AccountTable
from sales.diagnose.diagnosis import Diagnosis, diagnose
from sales.diagnose.panel import Histories
from sales.diagnose.tables import (
    ACTIVITIES,
    ALIGNMENT,
    BOOKINGS,
    OPPORTUNITIES,
    QUOTAS,
    keys,
    read_history,
)
from sales.diagnose.verdicts import Rules
from sales.locate import locate
from sales.roster import located_reps, read_roster

_OF_HISTORIES = ("date", "amount", "rep", "territory", "hours", "period", "won", "reason", "quota")


@dataclass(frozen=True)
class Files:
    """The files of a diagnosis; the last four may be missing."""

    accounts: Path
    bookings: Path
    alignment: Path
    activities: Path | None = None
    opportunities: Path | None = None
    reps: Path | None = None
    quotas: Path | None = None


def diagnose_files(
    files: Files,
    geocoder: Geocoder | None,
    rules: Rules,
    *,
    columns: Mapping[str, str] | None = None,
    period: str | None = None,
) -> Diagnosis:
    """Read and diagnose; without a `geocoder` (or roster) travel is left out. Raises as these."""
    chosen = dict(columns or {})
    mine = {f: h for f, h in chosen.items() if f not in _OF_HISTORIES}
    table = read_accounts(files.accounts, columns=mine)
    theirs = {f: h for f, h in chosen.items() if f in _OF_HISTORIES}
    roster = read_roster(files.reps) if files.reps else None
    places: dict[str, tuple[float, float]] = {}
    homes: dict[str, tuple[float, float]] = {}
    if roster is not None and geocoder is not None:
        reps, _ = located_reps(roster, geocoder)
        homes = {r.rep_id: (r.lat, r.lng) for r in reps if r.lat is not None and r.lng is not None}
        places = _places(table, geocoder)

    histories = Histories(
        read_history(files.bookings, BOOKINGS, theirs),
        read_history(files.alignment, ALIGNMENT, theirs),
        read_history(files.activities, ACTIVITIES, theirs) if files.activities else None,
        read_history(files.opportunities, OPPORTUNITIES, theirs) if files.opportunities else None,
        read_history(files.quotas, QUOTAS, theirs) if files.quotas else None,
        places, homes, period,
    )  # fmt: skip
    names = {r.rep_id: r.name for r in roster.reps} if roster else {}
    return diagnose(table.frame, histories, rules, rep_names=names)


def _places(table: AccountTable, geocoder: Geocoder) -> dict[str, tuple[float, float]]:
    found = locate(table, geocoder)
    frame = table.frame
    rows = zip(keys(frame["account_id"]), found.lat, found.lng, found.placed, strict=True)
    return {key: (float(lat), float(lng)) for key, lat, lng, placed in rows if placed}
