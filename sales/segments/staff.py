"""The reps of each segment: from the model, from the roster's column `segment`, from its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geo.errors import InputError
from sales.accounts.codes import WHOLE_FILE
from sales.accounts.types import RowIssue
from sales.roster import Rep
from sales.segments.model import LIST, Model, Segment

_HOW: Final = (
    'Give it territories = N or reps = ["…"] in the model, or put its id into the column segment '
    "of the roster given with --reps."
)


@dataclass(frozen=True)
class Staff:
    """All reps with homes as positions; `segments` what the roster says of each, or empty."""

    reps: tuple[Rep, ...] = ()
    segments: tuple[str, ...] = ()
    issues: tuple[RowIssue, ...] = ()

    def of(self, model: Model, segment: Segment) -> tuple[Rep, ...]:
        """The reps of a segment; empty where it has a number of territories instead.

        Raises InputError where it has neither, or both.
        """
        place = f"{model.source}, segment {segment.id!r}"
        by_id = {rep.rep_id: rep for rep in self.reps}
        found = [by_id.get(name) or self._unknown(name, place) for name in segment.reps]
        found += [
            rep
            for rep, said in zip(self.reps, self.segments, strict=False)
            if said in (segment.id, segment.name) and rep not in found
        ]
        if found and segment.territories is not None:
            raise InputError(
                f"{place}: it has {segment.territories} territories and the roster gives it "
                f"{len(found)} reps",
                hint="Leave out territories, or the reps.",
            )
        if segment.cover == LIST:
            listed = dict.fromkeys(entry.rep for entry in segment.listed if entry.rep)
            there = {rep.rep_id for rep in found} | {rep.name for rep in found}
            by_name = {rep.name: rep for rep in self.reps}
            for name in listed:
                if name not in there:
                    found.append(by_id.get(name) or by_name.get(name) or Rep(name, name, 1.0))
        if not found and segment.territories is None:
            raise InputError(f"{place}: it has neither territories nor reps", hint=_HOW)
        return tuple(found)

    def _unknown(self, name: str, place: str) -> Rep:
        if self.reps:
            raise InputError(
                f"{place}: the roster has no rep {name!r}",
                hint="Write the id as the roster does.",
            )
        return Rep(name, name, 1.0)

    def check(self, model: Model) -> tuple[RowIssue, ...]:
        """Doubts about the roster; raises InputError where it names what the model has not."""
        shared = {segment.id: segment.shares for segment in model.segments if segment.shares}
        known = {s.id for s in model.segments} | {s.name for s in model.segments}
        named = {name for segment in model.segments for name in segment.reps}
        issues = list(self.issues)
        for rep, said in zip(self.reps, _padded(self.segments, len(self.reps)), strict=True):
            if said in shared:
                raise InputError(
                    f"the rep “{rep.rep_id}” is of the segment {said!r}, which uses the geography "
                    f"of {shared[said]!r}",
                    hint=f"Write {shared[said]} in the rep's column segment.",
                )
            if said and said not in known:
                raise InputError(
                    f"the rep “{rep.rep_id}” is of the segment {said!r}, which {model.source} does "
                    "not have",
                    hint=f"Segments are {', '.join(segment.id for segment in model.segments)}.",
                )
            if not said and rep.rep_id not in named:
                issues.append(
                    RowIssue(
                        WHOLE_FILE, rep.rep_id, "segment", "rep_without_segment",
                        f"The rep “{rep.rep_id}” is in no segment and gets no territory",
                        "Fill in the column segment of the roster.",
                    )
                )  # fmt: skip
        return tuple(issues)


def _padded(texts: Sequence[str], count: int) -> Sequence[str]:
    return texts or [""] * count
