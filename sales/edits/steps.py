"""Steps: what an edit does, one unit or account at a time, and how to undo it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geo.errors import OptionError

if TYPE_CHECKING:
    from sales.edits.board import Board, State


@dataclass(frozen=True, slots=True)
class Move:
    """What is asked for: a unit, or an account by itself, goes to a territory."""

    territory: str
    unit: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A unit or an account went from the territory `was` to the territory `to`.

    `before`, `after`: the account's override, None where it goes with its unit.
    """

    was: str
    to: str
    unit: str = ""
    account: str = ""
    before: str | None = None
    after: str | None = None

    def back(self) -> "Step":
        """The step that undoes this one."""
        return Step(self.to, self.was, self.unit, self.account, self.after, self.before)


def steps_of(board: "Board", state: "State", moves: Iterable[Move]) -> tuple[Step, ...]:
    """The steps that do the moves, without those that change nothing.

    Raises OptionError naming every unit, account or territory that is not there, and where a
    territory would lose its last unit.
    """
    from sales.edits.board import after

    steps: list[Step] = []
    wrong: list[str] = []
    now = state
    for number, move in enumerate(moves, 1):
        problem = _problem(board, move)
        if problem:
            wrong.append(f"move {number}: {problem}")
            continue
        step = _step(board, now, move)
        if step.was != step.to or step.before != step.after:
            steps.append(step)
            now = after(board, now, [step])
    if wrong:
        raise OptionError(
            "; ".join(wrong[:10]) + (f"; and {len(wrong) - 10} more" if len(wrong) > 10 else ""),
            hint="Name units and accounts of this plan, and the id of one of its territories.",
        )
    if empty := [board.territories[k] for k, count in enumerate(now.pieces) if count == 0]:
        raise OptionError(
            f"territory {empty[0]} would have no units left",
            hint="Leave each territory one unit, or design a plan with fewer territories.",
        )
    return tuple(steps)


def _problem(board: "Board", move: Move) -> str:
    if bool(move.unit) == bool(move.account):
        return "name either a cell or an account"
    if move.territory not in board.territory_at:
        return f"there is no territory {move.territory!r}"
    if move.unit and move.unit not in board.unit_at:
        return f"there is no cell {move.unit!r}"
    if move.account and move.account not in board.row_at:
        return f"there is no account {move.account!r}"
    if move.account and board.unit_of_row[board.row_at[move.account]] < 0:
        return f"account {move.account!r} has no place on the map: see the review"
    return ""


def _step(board: "Board", state: "State", move: Move) -> Step:
    names = board.territories
    if move.unit:
        return Step(names[state.labels[board.unit_at[move.unit]]], move.territory, unit=move.unit)
    was = names[state.owner(board, move.account)]
    before = state.overrides.get(move.account)
    home = names[state.labels[board.unit_of_row[board.row_at[move.account]]]]
    return Step(
        was,
        move.territory,
        account=move.account,
        before=None if before is None else names[before],
        after=None if move.territory == home else move.territory,
    )


def as_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The steps as the edit log keeps them."""
    return [
        {key: value for key, value in asdict(step).items() if value not in ("", None)}
        for step in steps
    ]


def from_json(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of an entry of the edit log."""
    return tuple(Step(**step) for step in steps)
