"""Which segment each account is in: the first that claims the head of its family."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Bool, Int
from sales.accounts.codes import WHOLE_FILE
from sales.accounts.identity import canonical_id
from sales.accounts.types import AccountTable, RowIssue, Severity
from sales.segments.families import Families, families_of, no_families
from sales.segments.matching import Facts, claims_of, facts_of
from sales.segments.model import Model

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Members:
    """`segment` of each row (n), an index into the model's, −1 for none.

    `by` (n) says how it came there: list, top, rule, family, "" for none. `claimed` says of each
    segment how many accounts it would have had without the others; `facts` as asked of the file.
    """

    segment: Int
    by: tuple[str, ...]
    claimed: Mapping[str, int]
    families: Families
    facts: Facts
    issues: tuple[RowIssue, ...]

    def rows(self, *segments: int) -> Int:
        """The rows of these segments, in the order of the file."""
        return np.flatnonzero(np.isin(self.segment, segments))


def members_of(table: AccountTable, model: Model) -> Members:
    """Ask the segments in order, head of family by head of family. Raises MissingColumnError.

    Every usable row is in one segment at most; who is in none has an ERROR issue.
    """
    facts = facts_of(table, model)
    usable = table.frame["usable"].to_numpy(dtype=bool)
    families = no_families(len(table)) if model.families == "off" else families_of(table)
    heads = usable & (families.head == np.arange(len(table)))
    segment = np.full(len(table), NOBODY, dtype=np.int64)
    by = np.full(len(table), "", dtype=object)
    claimed: dict[str, int] = {}
    own = np.full(len(table), NOBODY, dtype=np.int64)  # by lists alone, whoever heads the family
    for at, model_segment in enumerate(model.segments):
        claims = claims_of(model_segment, facts, heads)
        any_way = np.zeros(len(table), dtype=bool)
        for way, rows in claims.items():
            new = heads & rows & (segment == NOBODY)
            segment[new], by[new] = at, way
            any_way |= rows
        claimed[model_segment.id] = int((usable & any_way[families.head]).sum())
        own[usable & claims["list"] & (own == NOBODY)] = at
    follow = usable & ~heads
    segment[follow] = segment[families.head[follow]]
    by[follow & (segment != NOBODY)] = "family"
    made = Members(segment, tuple(by.tolist()), claimed, families, facts, ())
    issues = (
        *families.issues, *_orphans(table, model, made, usable),
        *_against_list(table, model, made, own), *_lists(table, model, facts, usable),
        *_unsized(model, facts, usable),
    )  # fmt: skip
    return replace(made, issues=issues)


def _orphans(table: AccountTable, model: Model, made: Members, usable: Bool) -> Iterator[RowIssue]:
    columns = ", ".join(model.columns)
    for at in np.flatnonzero(usable & (made.segment == NOBODY)).tolist():
        top = int(made.families.head[at])
        of = "" if top == at else f", nor does its parent {table.frame['account_id'].iloc[top]}"
        about = f"Look at its {columns}, or a" if columns else "A"
        yield _issue(
            table, at, "no_segment", f"No segment of {model.source} takes the account{of}",
            f"{about}dd a last segment with rest = true to the model.", Severity.ERROR,
        )  # fmt: skip


def _against_list(table: AccountTable, model: Model, made: Members, own: Int) -> Iterator[RowIssue]:
    for at in np.flatnonzero((own != NOBODY) & (own != made.segment)).tolist():
        if made.by[at] != "family":
            continue  # an earlier segment claimed it, as the order says
        top = table.frame["account_id"].iloc[int(made.families.head[at])]
        yield _issue(
            table, at, "family_over_list",
            f"It stands on the list of {model.segments[int(own[at])].id}, but goes with its parent "
            f"{top}",
            f"Put {top} on the list, or set families = \"off\".",
        )  # fmt: skip


def _lists(table: AccountTable, model: Model, facts: Facts, usable: Bool) -> Iterator[RowIssue]:
    """Ids on lists that the file does not have, and those on several lists."""
    there = {key for key, good in zip(facts.keys, usable.tolist(), strict=True) if good}
    several: Counter[str] = Counter()
    for segment in model.segments:
        ids = {canonical_id(entry.account_id): entry.account_id for entry in segment.listed}
        several.update(ids.keys())
        for key, written in ids.items():
            if key not in there:
                yield RowIssue(
                    WHOLE_FILE, written, "segment", "listed_unknown",
                    f"It is on the list of {segment.id}, and {table.source} has no such account",
                    "Correct the id, or take it off the list.",
                )  # fmt: skip
    for key, count in several.items():
        if count > 1:
            yield RowIssue(
                WHOLE_FILE, key, "segment", "listed_twice",
                f"It stands on the lists of {count} segments; the first in the order counts",
                "Take it off the other lists.",
            )  # fmt: skip


def _unsized(model: Model, facts: Facts, usable: Bool) -> Iterator[RowIssue]:
    """A size that is not given counts 0, which may decide: said once for each column."""
    sizes = {c.column for s in model.segments for some in s.where for c in some if c.of_numbers}
    for column in [name for name in model.columns if name in sizes]:
        blank = int((usable & (facts.numbers[column] == 0)).sum())
        if blank:
            yield RowIssue(
                WHOLE_FILE, "", column, "size_unknown",
                f"{blank} account{'' if blank == 1 else 's'} have no {column}, or 0: they count as "
                "the smallest",
                f"Fill in {column}, or ask for {column} = {{ blank = true }} in a segment before.",
            )  # fmt: skip


def _issue(
    table: AccountTable, at: int, code: str, message: str, hint: str,
    severity: Severity = Severity.WARNING,
) -> RowIssue:  # fmt: skip
    row, account = int(table.frame["row"].iloc[at]), str(table.frame["account_id"].iloc[at])
    return RowIssue(row, account, "segment", code, message, hint, severity)
