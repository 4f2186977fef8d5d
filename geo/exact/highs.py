"""HiGHS with the settings that make its answer repeatable, and a hand on its brake.

One thread and a fixed seed: the same model gives the same answer, but where time runs out.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np
from scipy.sparse import csc_matrix

from geo.arrays import Float, Int

INF: Final = float(highspy.kHighsInf)


class _Quiet(highspy.Highs):
    """Says nothing from the first: results go to the same stdout."""

    def enableCallbacks(self) -> None:  # noqa: N802
        self.silent()
        super().enableCallbacks()


@dataclass(frozen=True)
class Clock:
    """How long the whole proof may still take, and whether somebody wants it to end."""

    deadline: float
    should_stop: Callable[[], bool]

    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.deadline - time.monotonic())

    def over(self) -> bool:
        """Whether to end."""
        return self.left() <= 0.0 or self.should_stop()


@dataclass(frozen=True, eq=False)
class Answer:
    """`status`: optimal, infeasible, or stopped (then `values` may be empty); `bound` proven."""

    status: str
    value: float
    bound: float
    values: Float


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a model: `low` ≤ A·x ≤ `high`, A as triples."""

    row: Int
    column: Int
    value: Float
    low: Float
    high: Float


def stack(parts: Sequence[Rows]) -> Rows:
    """Several blocks of rows, one below the other."""
    first = np.cumsum([0, *(len(part.low) for part in parts)])
    return Rows(
        np.concatenate([part.row + at for part, at in zip(parts, first, strict=False)]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
    )


def make_model(cost: Float, upper: Float, rows: Rows, *, seed: int) -> highspy.Highs:
    """A linear program: minimise cost·x, 0 ≤ x ≤ `upper`, under `rows`."""
    shape = len(rows.low), len(cost)
    matrix = csc_matrix((rows.value, (rows.row, rows.column)), shape=shape)
    matrix.sum_duplicates()
    matrix.sort_indices()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = shape
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = np.zeros(len(cost)), upper
    lp.row_lower_, lp.row_upper_ = rows.low, rows.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    model = _Quiet()
    for option, value in (
        ("threads", 1), ("random_seed", seed % 2**31),
        ("mip_rel_gap", 1e-9), ("mip_abs_gap", 1e-9),
    ):  # fmt: skip
        model.setOptionValue(option, value)
    model.passModel(lp)
    return model


def make_integer(model: highspy.Highs, columns: Int) -> None:
    """Columns may take whole values only."""
    kinds = np.full(len(columns), highspy.HighsVarType.kInteger)
    model.changeColsIntegrality(len(columns), columns.astype(np.int32), kinds)


def add_row(model: highspy.Highs, low: float, high: float, columns: Int, values: Float) -> None:
    """One more row."""
    model.addRow(low, high, len(columns), columns.astype(np.int32), values)


def solve_lp(model: highspy.Highs, clock: Clock) -> Answer:
    """Solve a linear program; `bound` equals `value` where it is optimal, else is -inf."""
    model.setOptionValue("time_limit", clock.left())
    model.run()
    status = model.getModelStatus()
    value = float(model.getInfo().objective_function_value)
    values = np.array(model.getSolution().col_value, dtype=np.float64)
    if status == highspy.HighsModelStatus.kOptimal:
        return Answer("optimal", value, value, values)
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer("infeasible", np.inf, np.inf, values[:0])
    return Answer("stopped", np.inf, -np.inf, values[:0])


def solve_mip(
    base: highspy.Highs,
    clock: Clock,
    *,
    enough: float = np.inf,
    reject: Callable[[Float, float], bool] | None = None,
) -> Answer:
    """Solve a mixed integer program.

    It also ends when its bound reaches `enough`, or when `reject` (values, objective) says of a
    new best solution that it is of no use.
    """
    # A model that was interrupted once may end at once the next time: each run has its own. None
    # is given a solution to begin with: HiGHS 1.16 then misstated objectives that presolve had
    # settled (by the offset), which could have cut off better solutions.
    model = _Quiet()
    model.passOptions(base.getOptions())
    model.passModel(base.getModel())
    cost = np.array(base.getLp().col_cost_, dtype=np.float64)
    ended = False

    def look(event: highspy.HighsCallbackEvent) -> None:
        # An infinite bound means infeasible, which the run itself shall say.
        event.interrupt(clock.over() or ended or enough <= event.data_out.mip_dual_bound < INF)

    def found(event: highspy.HighsCallbackEvent) -> None:
        nonlocal ended
        if reject is not None:
            values = np.array(event.data_out.mip_solution, dtype=np.float64)
            ended |= reject(values, float(cost @ values))

    model.cbMipInterrupt.subscribe(look)
    model.cbMipImprovingSolution.subscribe(found)
    model.setOptionValue("time_limit", clock.left())
    model.run()
    if model.getModelStatus() == highspy.HighsModelStatus.kSolveError:
        # HiGHS 1.16 fails so on a few models that have no solution; its presolve is at fault.
        model.clearSolver()
        model.setOptionValue("presolve", "off")
        model.run()
    status, info = model.getModelStatus(), model.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer("infeasible", np.inf, np.inf, np.empty(0))
    done = status == highspy.HighsModelStatus.kOptimal
    bound = float(info.mip_dual_bound)
    bound = bound if abs(bound) < INF else -np.inf
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer("stopped", np.inf, bound, np.empty(0))
    values = np.array(model.getSolution().col_value, dtype=np.float64)
    value = float(cost @ values)
    if abs(value - float(info.objective_function_value)) > 1e-6 * max(1.0, abs(value)):
        return Answer("stopped", value, -np.inf, values)  # then its bound is not to be trusted
    return Answer("optimal" if done else "stopped", value, bound, values)
