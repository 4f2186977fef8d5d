"""Up to the solver's door: ground, rules and problem of a request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Float, Int32
from geo.design.problem import DesignProblem, targets_by_share
from geo.errors import OptionError
from geo.geocode.types import Geocoder
from geo.measures.balance import loads
from geo.progress import Progress
from sales.accounts.types import AccountTable
from sales.goals import choose_goals
from sales.ground import Ground, account_measures, prepare_ground
from sales.inputs import CellInput, UnitInput
from sales.locate import LocatedAccounts
from sales.request import BalanceGoal, DesignRequest
from sales.rules.apply import Drawn, Ruled, apply_rules, with_barriers
from sales.rules.limits import least_territories

Source = AccountTable | CellInput | UnitInput
_MANY_MORE = 2  # times as many territories: then cells of a size that fits them
_MORE = 5  # territories at most beyond the least number, to come within the capacity


@dataclass(frozen=True, eq=False)
class Prepared:
    """A `request` on its `ground`: the `ruled` rules and the `problem` to be solved.

    `barriers` as drawn, None without any.
    """

    request: DesignRequest
    ground: Ground
    ruled: Ruled
    problem: DesignProblem
    barriers: Drawn | None

    def short(self, labels: Int32) -> bool:
        """Whether a territory exceeds the capacity, and one more may yet be tried."""
        least, p = self.ruled.least, self.problem.territories
        if least is None or self.request.capacity is None or p >= least + _MORE:
            return False
        load = loads(self.problem.activity[:, :1], labels, p)
        return p < len(self.problem) and bool(load.max() > self.request.capacity)

    def with_one_more(self) -> "Prepared":
        """The same with one territory more."""
        ruled = apply_rules(
            self.ground, self.request, self.problem.measures, self.problem.activity,
            self.problem.territories + 1, self.ruled.least,
        )  # fmt: skip
        problem = _problem(
            self.ground, self.request, ruled, self.problem.measures, self.problem.activity
        )
        return replace(self, ruled=ruled, problem=problem)


def prepare(
    source: Source,
    request: DesignRequest,
    geocoder: Geocoder,
    progress: Progress,
    located: LocatedAccounts | None = None,
) -> Prepared:
    """Locate, fill, find what the rules mean. Raises InputError or OptionError."""
    request = _by_field(source, request)
    wanted = _territory_count(source, request)
    size = wanted if wanted is not None else len(_incumbent(request))
    ground = prepare_ground(source, _as_before(request, size), size, geocoder, progress, located)
    ground, barriers = with_barriers(ground, request.barriers)
    names, activity = _measured(ground, request)
    least = None
    if _automatic(request):
        assert request.capacity is not None
        wanted = least = least_territories(float(activity[:, 0].sum()), request.capacity)
    ruled = apply_rules(ground, request, names, activity, wanted, least)
    problem = _problem(ground, request, ruled, names, activity)
    return Prepared(request, ground, ruled, problem, barriers)


def _by_field(source: Source, request: DesignRequest) -> DesignRequest:
    """The request with measures by their field: “Annual Revenue” is kept as `revenue`."""
    if isinstance(source, AccountTable):
        field = {header: name for name, header in source.columns.items()}
        goals = [replace(g, measure=field.get(g.measure, g.measure)) for g in request.balance]
        limits = [replace(m, measure=field.get(m.measure, m.measure)) for m in request.limits]
        chosen = choose_goals(goals, list(account_measures(source)))
        return replace(request, balance=chosen, limits=tuple(limits))
    measures = source.table.measures if isinstance(source, CellInput) else source.measures
    return replace(request, balance=choose_goals(request.balance, measures))


def _as_before(request: DesignRequest, territories: int) -> DesignRequest:
    """With the incumbent's cells, unless asked otherwise or for many more territories."""
    incumbent = request.incumbent
    if request.resolution is not None or incumbent is None:
        return request
    if territories > _MANY_MORE * len(incumbent.territories):
        return request
    return replace(request, resolution=incumbent.resolution)


def _automatic(request: DesignRequest) -> bool:
    """Whether the number of territories is to follow from the capacity."""
    counted = request.territories is not None or request.reps or request.incumbent is not None
    return request.capacity is not None and not counted


def _incumbent(request: DesignRequest) -> Sequence[object]:
    return request.incumbent.territories if request.incumbent is not None else ()


def _territory_count(source: Source, request: DesignRequest) -> int | None:
    """How many territories are asked for, None: as many as the incumbent has."""
    if request.territories is not None and request.reps:
        raise OptionError(
            "both a number of territories and a roster are given",
            hint="Give --territories or --reps, not both.",
        )
    if request.max_disruption is not None and request.incumbent is None:
        raise OptionError(
            "--max-disruption is given without a plan to compare with",
            hint="Give --incumbent, a plan's directory or a table of accounts with their reps.",
        )
    if _automatic(request):
        assert request.capacity is not None
        return least_territories(max(_total(source, request.balance[0]), 1e-300), request.capacity)
    if request.territories is None and not request.reps and request.incumbent is not None:
        return None
    count = len(request.reps) if request.reps else request.territories
    if count is None or count < 1:
        raise OptionError(
            "the number of territories is missing, or below 1",
            hint="Give --territories N, or --reps FILE for one territory per rep.",
        )
    return count


def _total(source: Source, goal: BalanceGoal) -> float:
    if isinstance(source, AccountTable):
        return float(account_measures(source)[goal.measure].sum())
    if isinstance(source, CellInput):
        return float(source.table.measure(goal.measure).sum())
    return float(source.activity[:, source.measures.index(goal.measure)].sum())


def _measured(ground: Ground, request: DesignRequest) -> tuple[tuple[str, ...], Float]:
    """The measures, the balanced ones first, and their activity (n, q) in that order."""
    goal = [g.measure for g in request.balance]
    order = [ground.measures.index(name) for name in goal]
    order += [j for j in range(len(ground.measures)) if j not in order]
    return tuple(ground.measures[j] for j in order), np.ascontiguousarray(ground.activity[:, order])


def _problem(
    ground: Ground, request: DesignRequest, ruled: Ruled, names: tuple[str, ...], activity: Float
) -> DesignProblem:
    goal = {g.measure: g.tolerance for g in request.balance}
    reps, p = ruled.identity.reps, len(ruled.identity.ids)
    share = np.array([rep.capacity for rep in reps]) if reps else np.ones(p)
    locks = ruled.locks
    return DesignProblem(
        ground.lat,
        ground.lng,
        activity,
        names,
        ground.graph,
        targets_by_share(activity, share),
        np.array([goal.get(name, np.nan) for name in names]),
        ruled.homes,
        incumbent=ruled.incumbent,
        locked=locks.locked if locks.asked else None,
        closed=locks.closed if locks.closed.any() else None,
        together=ruled.groups.together if ruled.groups else None,
        apart=ruled.pairs.apart if ruled.pairs else None,
        low=ruled.low,
        high=ruled.high,
    )
