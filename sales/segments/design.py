"""`design --segments`: a plan for each geography, lists dealt out, and the whole of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo.arrays import Int
from geo.design.solve import never
from geo.errors import BailiwickError, InputError, OptionError
from geo.geocode.types import Geocoder
from geo.progress import Progress, silent
from sales.accounts.types import AccountTable
from sales.design import design
from sales.ground import account_measures
from sales.inputs import CellInput, UnitInput
from sales.locate import LocatedAccounts, locate
from sales.plan import PlanBundle
from sales.request import DesignRequest
from sales.roster import Rep
from sales.segments.dealt import deal
from sales.segments.members import Members, members_of
from sales.segments.model import LIST, Model, Segment
from sales.segments.staff import Staff
from sales.segments.tables import Part
from sales.segments.whole import whole_bundle

BY_FAMILY = "family"  # the rule: counted where the parent is


@dataclass(frozen=True, eq=False)
class _Sites:
    """Where each row counts, as a row position: its own, or that of its family's head."""

    site: Int
    located: LocatedAccounts


def design_segments(
    source: AccountTable | CellInput | UnitInput,
    model: Model,
    request: DesignRequest,
    staff: Staff,
    *,
    geocoder: Geocoder,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> PlanBundle:
    """Sort the accounts into segments, design each geography, and put the whole together.

    `request` has what holds for all: seed, effort, time limit, and balance, market, resolution and
    shape where a segment has none of its own. Raises InputError and OptionError.
    """
    if not isinstance(source, AccountTable):
        raise OptionError(
            "a territory model needs accounts, and the input has cells or units",
            hint="Give the file of accounts.",
        )
    _refuse_rules(request)
    doubts = staff.check(model)
    members = members_of(source, model)
    teams = {s.id: staff.of(model, s) for s in model.segments if not s.shares}
    worth = account_measures(source)["potential"]
    lists = [
        deal(model, at, members, teams[segment.id], worth)
        for at, segment in enumerate(model.segments)
        if segment.cover == LIST
    ]
    located = locate(source, geocoder, progress=progress)
    sites = _Sites(_sites(model, members, located), located)
    ends = time.monotonic() + (request.time_limit or np.inf)
    parts = []
    for segment in [s for s in model.segments if s.geography == s.id]:
        left = None if request.time_limit is None else max(ends - time.monotonic(), 0.001)
        asked = _request(segment, replace(request, time_limit=left), teams[segment.id], model)
        parts.append(_part(segment, model, members, sites, asked, geocoder, progress, should_stop))
    return whole_bundle(source, model, members, lists, parts, located, request, doubts)


def _refuse_rules(request: DesignRequest) -> None:
    for name, value in (
        ("--territories", request.territories), ("--incumbent", request.incumbent),
        ("--capacity", request.capacity), ("--lock", request.locks),
        ("--together", request.together), ("--apart", request.apart),
        ("--barriers", request.barriers), ("--limit", request.limits),
        ("--exact", request.exact), ("--max-disruption", request.max_disruption),
    ):  # fmt: skip
        if value not in (None, ()):
            raise OptionError(
                f"{name} says nothing of which segment it is for",
                hint="Leave it out beside --segments: territories, reps, balance and market stand "
                "in the model.",
            )


def _sites(model: Model, members: Members, located: LocatedAccounts) -> Int:
    """The row whose place counts for each row.

    Of a family that stays together: its head, or the first with a place where the head has none.
    """
    own = np.arange(len(members.segment))
    if model.families != "together":
        return own
    head = members.families.head
    site = head.copy()
    lost = ~located.placed[head]
    for row in np.flatnonzero(lost & located.placed).tolist():
        if site[head[row]] == head[row]:
            site[head == head[row]] = row
    usable = located.accounts.frame["usable"].to_numpy(dtype=bool)
    return np.where(usable, site, own)


def _request(
    segment: Segment, request: DesignRequest, reps: tuple[Rep, ...], model: Model
) -> DesignRequest:
    options: dict[str, Any] = {
        "model": model.name, "geography": segment.id, "territories": segment.territories,
        "reps": [rep.rep_id for rep in reps],
    }  # fmt: skip
    return replace(
        request,
        territories=segment.territories,
        reps=reps,
        balance=segment.balance or request.balance,
        resolution=request.resolution if segment.resolution is None else segment.resolution,
        shape=segment.shape if segment.shape != 1.0 else request.shape,
        market=segment.market if segment.market is not None else request.market,
        prefix=f"{segment.id}-",
        label=f"{segment.name}: ",
        roster_issues=(),
        options=options,
    )


def _part(
    segment: Segment,
    model: Model,
    members: Members,
    sites: _Sites,
    request: DesignRequest,
    geocoder: Geocoder,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> Part:
    """The plan of one geography: of its own segment and of those that share it."""
    serves = [at for at, other in enumerate(model.segments) if other.geography == segment.id]
    rows = members.rows(*serves)
    if not len(rows):
        raise InputError(
            f"{model.source}, segment {segment.id!r}: no account belongs to it",
            hint="Widen its rules, put it earlier in the order, or delete it.",
        )
    located = _located(sites, rows)

    def tell(stage: str, fraction: float, message: str = "") -> None:
        progress(stage, fraction, f"{segment.name} {message}".rstrip())

    try:
        bundle = design(
            located.accounts, request, geocoder=geocoder, located=located, progress=tell,
            should_stop=should_stop,
        )  # fmt: skip
    except BailiwickError as error:
        error.message = f"segment {segment.id!r}: {error.message}"
        error.args = (error.message,)
        raise
    table = bundle.assignments.copy()
    has = (table["territory_id"] != "").to_numpy()
    names = np.array([s.id for s in model.segments], dtype=object)[members.segment[rows]]
    away = sites.site[rows] != rows
    table["segment"] = np.where(has, names, "")
    table["rule"] = np.where(has & away, BY_FAMILY, table["rule"].to_numpy())
    serving = tuple(model.segments[at].id for at in serves)
    return Part(segment, serving, rows, replace(bundle, assignments=table))


def _located(sites: _Sites, rows: Int) -> LocatedAccounts:
    """The rows as a table of their own, each at the place where it counts."""
    all_, at = sites.located, sites.site[rows]
    frame = all_.accounts.frame.iloc[rows].reset_index(drop=True)
    own = set(frame["row"].tolist()) | {0}
    table = replace(
        all_.accounts,
        frame=frame,
        attributes=all_.accounts.attributes.iloc[rows].reset_index(drop=True),
        issues=tuple(i for i in all_.accounts.issues if i.row in own),
    )
    return LocatedAccounts(
        table, all_.lat[at], all_.lng[at], all_.precision[at], all_.source[at],
        all_.confidence[at], all_.matched[at], all_.placed[at],
        tuple(i for i in all_.issues if i.row in own),
    )  # fmt: skip
