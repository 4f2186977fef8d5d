"""Whose each account is, day by day: spans without gap or overlap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sales.ownership.claims import ByName, Claim, by_name, claim_of, claims_of
from sales.ownership.decide import Owner, Verdict, decide
from sales.ownership.facts import Account, Book
from sales.ownership.growth import Outgrown, segments_of
from sales.ownership.rules import Rules


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` (None: ever) until just before `until` (None: for ever) it is `owners`'."""

    start: date | None
    until: date | None
    owners: tuple[Owner, ...]
    rule: str
    why: str
    tie: str = ""
    arbitrary: bool = False

    def holds(self, at: date) -> bool:
        """Whether the day is within."""
        return (self.start is None or self.start <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Course:
    """An account's spans, all claims to it, and when it outgrew a segment."""

    spans: tuple[Span, ...]
    claims: tuple[Claim, ...]
    outgrown: tuple[Outgrown, ...] = ()

    def at(self, day: date) -> Span:
        """The span that the day is in."""
        return next(span for span in self.spans if span.holds(day))


class Courses:
    """The course of each account; a child waits for its parent's, and each is found once."""

    def __init__(self, book: Book, rules: Rules) -> None:
        """Nothing is found yet."""
        self.book, self.rules = book, rules
        self._names: ByName = by_name(rules)
        self._found: dict[str, Course] = {}

    def of(self, key: str) -> Course:
        """The course of an account of the book."""
        if key in self._found:
            return self._found[key]
        waiting = [key]
        while waiting:
            last = waiting[-1]
            parent = self._parent(last)
            if parent and parent not in self._found:
                waiting.append(parent)
                continue
            self._found[last] = self._course(last, self._found.get(parent) if parent else None)
            waiting.pop()
        return self._found[key]

    def all(self) -> Mapping[str, Course]:
        """The courses of all accounts, in the order of the book."""
        return {key: self.of(key) for key in self.book.accounts}

    def verdict(self, key: str, at: date) -> Verdict:
        """The decision of a day with its whole trace."""
        account = self.book.accounts[key]
        return decide(account, self.of(key).claims, self.book, self.rules, at)

    def _parent(self, key: str) -> str:
        """The parent whose owner counts: none where parents lead back to the account itself."""
        if "parent" not in self.rules.precedence:
            return ""
        accounts = self.book.accounts
        above, seen = accounts[key].parent, {key}
        while above in accounts:
            if above == key:
                return ""
            if above in seen:
                break  # a loop further up
            seen.add(above)
            above = accounts[above].parent
        return accounts[key].parent if accounts[key].parent in accounts else ""

    def _course(self, key: str, parent: Course | None) -> Course:
        account = self.book.accounts[key]
        claims = claims_of(key, account, self.book, self.rules, self._names)
        if parent is not None:
            claims += self._of_parent(account, parent)
        spans = spans_of(account, claims, self.book, self.rules)
        outgrown = segments_of(account, self.rules, self.book.effective)[1]
        return Course(tuple(spans), tuple(claims), tuple(outgrown))

    def _of_parent(self, account: Account, parent: Course) -> list[Claim]:
        head = self.book.accounts[account.parent]
        known = self.book.shown is None or head.territory in self.book.shown
        why = "goes with its parent" + (f" {head.name or head.account_id}" if known else "")
        return [
            claim_of(
                self.book, "parent", span.owners[0].rep, span.start, span.until, why,
                territory=span.owners[0].territory,
            )
            for span in parent.spans
            if span.owners
        ]  # fmt: skip


def spans_of(account: Account, claims: Sequence[Claim], book: Book, rules: Rules) -> list[Span]:
    """The spans of an account: decided anew on each day on which a claim begins or ends.

    Neighbours that say the same are one.
    """
    days = {day for claim in claims for day in (claim.start, claim.until) if day is not None}
    spans: list[Span] = []
    last: Verdict | None = None
    for day in [None, *sorted(days)]:
        found = decide(account, claims, book, rules, day)
        if last is not None and found.outcome == last.outcome:
            continue
        if spans:
            was = spans[-1]
            spans[-1] = Span(was.start, day, was.owners, was.rule, was.why, was.tie, was.arbitrary)
        spans.append(
            Span(day, None, found.owners, found.rule, found.why, found.tie, found.arbitrary)
        )
        last = found
    return spans
