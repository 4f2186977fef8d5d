"""`solve`: from a problem to a complete, contiguous, balanced plan."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Int32, frozen
from geo.design.balance import tighten
from geo.design.border import smooth_borders
from geo.design.effort import EFFORTS, Effort, Name
from geo.design.identity import renamed
from geo.design.market import Market, make_market
from geo.design.part import part_foes
from geo.design.problem import DesignProblem, Plan
from geo.design.realign import incumbent_start, loyal_pull, priced, tolerances_off
from geo.design.score import weigh
from geo.design.search import Search
from geo.design.start import rounded_start
from geo.progress import Progress, silent

_FAR = 2.0  # tolerances off, beyond which evenness is worth any move
_MORE = 1.1  # times what moves anyway
_NO_MAP = 0.1  # of the weight, that changes hands already when territories are made whole


def never() -> bool:
    """Do not stop early."""
    return False


def unwatched(labels: Int32) -> None:
    """Nobody looks on."""


def solve(
    problem: DesignProblem,
    *,
    seed: int = 0,
    effort: Name = "default",
    shape: float = 1.0,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
    watch: Callable[[Int32], None] = unwatched,
) -> Plan:
    """Design a plan. Deterministic by `seed`; stopped at any moment it returns the best so far.

    `watch` is handed the plan as it stands, complete and contiguous, whenever `progress` is told
    of the search: labels (n), read-only.

    A balanced centroidal power diagram gives the shape; rounding and repair make it a plan;
    annealing of flips smooths the borders and restores the balance; flows, chains of flips and
    recombination free what is boxed in; pairs apart that are left together are parted. With an
    incumbent the search starts from it, and keeps its disruption within the budget if it can;
    without a budget it begins anew where what is in force is no map and stays uneven. `shape` above
    1 trades balance for compactness and short borders, below 1 the other way; the tolerance stays
    the limit that the search aims below. `effort` "quick" makes a plan in a fraction of the time,
    less even and less round; "none", for an incumbent, only makes that one whole: what it leaves
    open goes to the nearest neighbours.
    """
    if problem.territories == 1:
        return Plan(np.zeros(len(problem), np.int32), "converged", seed)
    if effort == "none" and problem.incumbent is not None:
        return Plan(incumbent_start(problem), "kept", seed)
    run = _Run(EFFORTS[effort], progress, should_stop, watch)
    progress("shape", 0.0)
    if problem.incumbent is None:
        search = _drawn(problem, run, seed, shape)
        labels = search.labels
    else:
        search, labels = _from_incumbent(problem, run, seed, shape)
    if run.stopped:
        return Plan(labels, "stopped", seed)
    progress("balance", 1.0, f"largest deviation {search.worst():.2%}")
    labels = part_foes(problem, labels, seed, shape)
    return Plan(labels, "converged" if search.settled() else "rounds", seed)


def _drawn(problem: DesignProblem, run: "_Run", seed: int, shape: float) -> Search:
    """The search from a balanced diagram, whatever is in force."""
    rounded = rounded_start(problem, np.random.default_rng(seed), run.effort.lloyd)
    market = make_market(problem, rounded.start.diagram.prices, shape)
    return run.search(market, rounded.labels, seed)


def _from_incumbent(
    problem: DesignProblem, run: "_Run", seed: int, shape: float
) -> tuple[Search, Int32]:
    """The search from the incumbent and its labels; where that is no map, maybe drawn anew."""
    start = incumbent_start(problem)
    search = _realigned(problem, run, seed, shape, start)
    labels = search.labels
    if run.stopped or not is_no_map(problem, start):
        return search, labels
    labels = renamed(problem, labels)
    if not stuck(problem, labels, start):
        return search, labels
    drawn = _drawn(problem, run, seed, shape)
    anew = renamed(problem, drawn.labels)
    if drawn.beyond().max() < search.beyond().max() and _worth_it(problem, labels, anew):
        return drawn, anew
    return search, labels


def stuck(problem: DesignProblem, labels: Int32, start: Int32) -> bool:
    """Whether the incumbent is no map, nothing need be kept, and `labels` are not even.

    `start` is the incumbent with its territories made whole.
    """
    return tolerances_off(problem, labels) > 1.0 and is_no_map(problem, start)


def is_no_map(problem: DesignProblem, start: Int32) -> bool:
    """Whether much of the incumbent moves once its territories are whole, and no budget forbids."""
    incumbent = problem.incumbent
    if incumbent is None or np.isfinite(incumbent.max_disruption):
        return False
    return incumbent.disruption(start) > _NO_MAP


def _worth_it(problem: DesignProblem, labels: Int32, anew: Int32) -> bool:
    """Whether `labels` are far from even, or `anew` hardly moves more than they do."""
    incumbent = problem.incumbent
    assert incumbent is not None
    most = _MORE * incumbent.disruption(labels)
    return tolerances_off(problem, labels) > _FAR or incumbent.disruption(anew) <= most


def _realigned(
    problem: DesignProblem, run: "_Run", seed: int, shape: float, start: Int32
) -> Search:
    """The search from `start`, with what leaves a territory priced as the budget asks."""
    market = make_market(problem, np.zeros(problem.territories), shape)

    def at(price: float) -> Search:
        return run.search(replace(market, pull=loyal_pull(problem, price)), start, seed)

    return priced(problem, at, lambda: run.stopped)


@dataclass
class _Run:
    """How long to search, who is told, and whether it was stopped."""

    effort: Effort
    progress: Progress
    should_stop: Callable[[], bool]
    watch: Callable[[Int32], None]
    stopped: bool = False

    def search(self, market: Market, labels: Int32, seed: int) -> Search:
        """Smooth and balance the whole plan `labels` (n)."""
        search = Search(market, weigh(market, labels), labels.copy(), seed)
        rng = np.random.default_rng((seed, 1))
        for stage, fraction in self._stages(search, rng):
            self.progress(stage, fraction, f"largest deviation {search.worst():.2%}")
            self.watch(frozen(search.labels.copy()))
            if self.should_stop():
                self.stopped = True
                break
        return search

    def _stages(self, search: Search, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
        yield "shape", 1.0
        for fraction in smooth_borders(search, self.effort, rng):
            yield "border", fraction
        for fraction in tighten(search, self.effort, rng):
            yield "balance", fraction
