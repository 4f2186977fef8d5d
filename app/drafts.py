"""Plans under edit: the state of each version in memory, and what an edit makes of it.

An edit is one row of the log. The state that it leads to is computed from the version before, which
is nearly always the one in memory; the files of a version are derived when somebody reads them.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.errors import PreconditionFailedError
from app.store import datasets, edits, plans
from app.store.database import Database
from app.store.tables import Plan
from geo.errors import ConflictError
from sales.edits import measures
from sales.edits.board import Board, State, after, open_board
from sales.edits.steps import Move, Step, as_json, from_json, steps_of
from sales.edits.written import edited_bundle, edited_document
from sales.plan import PlanBundle
from sales.planfiles import plan_files, read_bundle

_PLANS, _VERSIONS = 4, 8  # that are kept in memory
_TRIES = 50  # of an edit that may go on top of whatever there is (If-Match: *)


@dataclass(frozen=True)
class Edited:
    """What an edit did, or would do; `before` and `after` the touched territories, as measured."""

    plan: Plan
    version: int
    steps: tuple[Step, ...]
    summary: dict[str, Any]
    violations: list[dict[str, Any]]
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


@dataclass
class _Opened:
    board: Board
    states: OrderedDict[int, State]


class Drafts:
    """The plans of a database, laid out for edits as they are asked for."""

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database, self._lock = database, threading.RLock()
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._turns: dict[str, threading.Lock] = {}  # of the writers of each plan

    def state(self, plan_id: str, version: int) -> tuple[Board, State]:
        """The plan laid out, and its state in that version."""
        with self._lock:
            opened = self._opened.get(plan_id) or self._open(plan_id)
            self._opened[plan_id] = opened
            self._opened.move_to_end(plan_id)
            while len(self._opened) > _PLANS:
                self._opened.popitem(last=False)
            if version not in opened.states:
                start = max(v for v in opened.states if v <= version)
                state = opened.states[start]
                with self._database.read() as session:
                    log = edits.after(session, plan_id, start, to=version)
                for entry in log:
                    state = after(opened.board, state, from_json(entry.steps))
                self._remember(opened, version, state)
            return opened.board, opened.states[version]

    def move(
        self, plan_id: str, if_match: str, moves: Sequence[Move], *, actor: str, reason: str,
        also: Callable[[Session, Plan], None] | None = None,
    ) -> Edited:  # fmt: skip
        """Do the moves on top of the version that `if_match` names.

        `also` is done in the same transaction; what it raises leaves the plan as it was.
        """
        return self._edit(
            plan_id, if_match, "move", actor, reason,
            lambda board, state, _plan: steps_of(board, state, moves), also,
        )  # fmt: skip

    def preview(self, plan_id: str, moves: Sequence[Move]) -> Edited:
        """What the moves would do to the newest version; changes nothing."""
        with self._database.read() as session:
            plan = plans.get(session, plan_id)
        board, state = self.state(plan_id, plan.version)
        steps = steps_of(board, state, moves)
        return _edited(plan, plan.version, board, state, after(board, state, steps), steps)

    def undo(self, plan_id: str, if_match: str, *, actor: str, reason: str) -> Edited:
        """Take back the newest edit that is not taken back yet."""
        return self._edit(plan_id, if_match, "undo", actor, reason, self._reverse)

    def redo(self, plan_id: str, if_match: str, *, actor: str, reason: str) -> Edited:
        """Do again the edit that was taken back last."""
        return self._edit(plan_id, if_match, "redo", actor, reason, self._repeat)

    def bundle(self, plan_id: str, version: int) -> PlanBundle:
        """All files of a version, parsed; derived from the edits where they are not kept."""
        with self._database.read() as session:
            if plans.has_files(session, plan_id, version):
                return read_bundle(plans.files(session, plan_id, version))
        board, state = self.state(plan_id, version)
        return edited_bundle(board, state, self._geometry(plan_id, board))

    def document(self, plan_id: str, version: int) -> Mapping[str, Any]:
        """The plan.json of a version; of an edited one from the state in memory."""
        with self._database.read() as session:
            kept = plans.file(session, plan_id, version, "plan.json")
        if kept is not None:
            document: Mapping[str, Any] = json.loads(kept)
            return document
        return edited_document(*self.state(plan_id, version))

    def keep(self, plan_id: str, version: int) -> None:
        """Keep the files and rows of a version, as it is to be in force."""
        with self._database.read() as session:
            if plans.has_files(session, plan_id, version):
                return
        files = plan_files(self.bundle(plan_id, version))
        with self._database.write() as session:
            plans.keep_files(session, plan_id, version, files)

    def _edit(
        self,
        plan_id: str,
        if_match: str,
        kind: str,
        actor: str,
        reason: str,
        wanted: Callable[[Board, State, Plan], tuple[Step, ...]],
        also: Callable[[Session, Plan], None] | None = None,
    ) -> Edited:
        # Whoever is late is told so by the tag, before anything is computed for nothing.
        with self._turn(plan_id):
            for _ in range(_TRIES):
                edited = self._try(plan_id, if_match, kind, actor, reason, wanted, also)
                if edited is not None:
                    return edited
        raise PreconditionFailedError(
            "the plan changes faster than this edit can be made", hint="Send it again.",
            etag=self._present_tag(plan_id),
        )  # fmt: skip

    def _try(
        self,
        plan_id: str,
        if_match: str,
        kind: str,
        actor: str,
        reason: str,
        wanted: Callable[[Board, State, Plan], tuple[Step, ...]],
        also: Callable[[Session, Plan], None] | None,
    ) -> Edited | None:
        """The edit; None where another process was faster, and it may go on top of theirs."""
        with self._database.read() as session:
            plan = plans.get(session, plan_id)
        edits.check_tag(plan, if_match)
        board, state = self.state(plan_id, plan.version)
        steps = wanted(board, state, plan)
        done = after(board, state, steps)
        edited = _edited(plan, plan.version + 1, board, state, done, steps)
        with self._database.write() as session:
            held = edits.locked(session, plan_id, if_match)
            if held.version != plan.version:
                return None
            edits.append(
                session, held, kind=kind, steps=as_json(steps), summary=edited.summary,
                within_tolerance=not edited.violations, actor=actor, reason=reason,
            )  # fmt: skip
            if also is not None:
                also(session, held)
        with self._lock:
            if plan_id in self._opened:
                self._remember(self._opened[plan_id], held.version, done)
        return replace(edited, plan=held)

    def _turn(self, plan_id: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(plan_id, threading.Lock())

    def _present_tag(self, plan_id: str) -> str:
        with self._database.read() as session:
            return plans.etag(plans.get(session, plan_id))

    def _reverse(self, _board: Board, _state: State, plan: Plan) -> tuple[Step, ...]:
        return tuple(step.back() for step in reversed(self._steps_of(plan.id, 0, "undo")))

    def _repeat(self, _board: Board, _state: State, plan: Plan) -> tuple[Step, ...]:
        return self._steps_of(plan.id, 1, "redo")

    def _steps_of(self, plan_id: str, which: int, what: str) -> tuple[Step, ...]:
        """The steps that undo (0) or redo (1) is about: always those of the move itself."""
        with self._database.read() as session:
            version = edits.undoable(session, plan_id)[which]
            if version is None:
                raise ConflictError(
                    f"there is nothing to {what}", hint=f"See /v1/plans/{plan_id}/history."
                )
            (entry,) = edits.after(session, plan_id, version - 1, to=version)
        return from_json(entry.steps)

    def _open(self, plan_id: str) -> _Opened:
        with self._database.read() as session:
            plan = plans.get(session, plan_id)
            bundle = read_bundle(plans.files(session, plan_id, 1))
            dataset = datasets.get(session, plan.dataset_id, load="accounts")
        frame = datasets.frame_of(dataset.accounts) if dataset.kind == "accounts" else None
        board, state = open_board(bundle, frame)
        return _Opened(board, OrderedDict({1: state}))

    def _geometry(self, plan_id: str, board: Board) -> Any:
        """The polygons of a plan of polygon units, which its files do not hold; else None."""
        if board.bundle.document["units"] == "cells":
            return None
        from app.jobs.pipeline import geometry_of
        from app.jobs.uploads import fetched

        with self._database.read() as session:
            plan = plans.get(session, plan_id)
            dataset = datasets.get(session, plan.dataset_id)
        known = dataset.upload_id, dataset.file_name, dataset.overrides
        with fetched(self._database, *known) as upload:
            return geometry_of(upload, board.ids)

    @staticmethod
    def _remember(opened: _Opened, version: int, state: State) -> None:
        opened.states[version] = state
        while len(opened.states) > _VERSIONS:
            oldest = next(v for v in opened.states if v != 1)  # where all others can begin
            del opened.states[oldest]


def _edited(
    plan: Plan, version: int, board: Board, was: State, now: State, steps: tuple[Step, ...]
) -> Edited:
    before, found = measures.territories(board, was), measures.territories(board, now)
    totals = measures.summary(board, now, found, measures.centers(board, now))
    touched = {board.territory_at[name] for step in steps for name in (step.was, step.to)}
    shown = ("id", "name", "deviation", "deviations", "cells", "contiguous", *board.measures)
    short = [
        [{key: some[k][key] for key in shown} for k in sorted(touched)] for some in (before, found)
    ]
    return Edited(
        plan, version, steps, totals, measures.breaches(board, now, found, totals), *short
    )
