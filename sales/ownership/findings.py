"""What is wrong with an alignment, and how the rules settle it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sales.ownership.claims import Claim
from sales.ownership.decide import ORPHAN
from sales.ownership.facts import Account, Book
from sales.ownership.timeline import Course, Courses, Span

Flaw = Literal["orphan", "not_listed", "rep_left", "overlap"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw of the alignment, at `row` as a spreadsheet shows it (0: the account is not listed).

    `span` is whose the rules say it is, `words` says both.
    """

    row: int
    account_id: str
    flaw: Flaw
    words: str
    span: Span


@dataclass(frozen=True)
class Dispute:
    """Several reps claim one account: all claims in force, who wins, and by which rule."""

    account_id: str
    name: str
    claimants: tuple[str, ...]
    claims: tuple[Claim, ...]
    span: Span

    @property
    def winner(self) -> str:
        """The rep, or the territory, that has it; "" if nobody."""
        return self.span.owners[0].rep or self.span.owners[0].territory if self.span.owners else ""


def findings(courses: Courses, at: date) -> list[Finding]:
    """The flaws of the alignment, by row, each with what the rules make of it."""
    book = courses.book
    found: list[Finding] = []
    for key, account in book.accounts.items():
        span = courses.of(key).at(at)
        found += [
            Finding(row, account.account_id, flaw, f"{words}; {settled(span, book)}", span)
            for row, flaw, words in _flaws(account, book)
        ]
    return sorted(found, key=lambda finding: (finding.row, finding.account_id))


def _flaws(account: Account, book: Book) -> Iterator[tuple[int, Flaw, str]]:
    if not account.listed:
        yield 0, "not_listed", "the alignment does not list it"
        return
    alive: dict[str, int] = {}
    for held in account.holdings:
        if held.row and not held.rep and not held.territory:
            yield held.row, "orphan", "the alignment gives it to nobody"
        elif held.rep and not book.works_here(held.rep):
            yield held.row, "rep_left", f"{held.rep} is not on the roster"
        else:
            who = held.rep or held.territory
            if alive and who not in alive:
                others = " and ".join(book.called(rep) for rep in alive)
                yield held.row, "overlap", f"{book.called(who)} claims it, and so does {others}"
            alive.setdefault(who, held.row)


def settled(span: Span, book: Book) -> str:
    """Whose it is, and by which rule, in words."""
    if not span.owners:
        return "no rule gives it to anybody"
    who = " and ".join(
        book.who(o.rep, o.territory) + (f" ({o.share:.0%})" if o.share < 1 else "")
        for o in span.owners
    )
    by = f", {TIE_WORDS[span.tie]}" if span.tie else ""
    return f"{who} has it by {span.rule}{by}: {span.why}"


TIE_WORDS: Mapping[str, str] = {
    "last_win": "for the latest win",
    "won": "for the larger sum won",
    "crm_owner": "as the owner in the CRM",
    "plan": "as the plan has it",
    "longest_held": "for holding it longest",
    "first_listed": "for being listed first",
    "name": "by the order of the names, as nothing tells them apart: decide it by hand",
}


def disputes(courses: Courses, at: date) -> list[Dispute]:
    """The accounts that several reps on the roster claim as theirs in the alignment, or that a
    rule had to give to one of several with claims of the same kind."""
    found = []
    for key, account in courses.book.accounts.items():
        course = courses.of(key)
        span = course.at(at)
        claimants = tuple(dict.fromkeys(_claimants(account, course, courses.book, span, at)))
        if len(claimants) > 1:
            alive = tuple(c for c in course.claims if c.holds(at))
            found.append(Dispute(account.account_id, account.name, claimants, alive, span))
    return found


def _claimants(account: Account, course: Course, book: Book, span: Span, at: date) -> Iterator[str]:
    for held in account.holdings:
        open_now = (held.start is None or held.start <= at) and (
            held.until is None or at < held.until
        )
        if held.rep and book.works_here(held.rep) and open_now:
            yield held.rep
    if span.tie:
        yield from (
            c.who for c in course.claims if c.kind == span.rule and c.holds(at) and not c.void
        )


def orphans(courses: Courses, at: date) -> list[tuple[Account, str]]:
    """The accounts that nobody has on that day, each with the remedy."""
    found = []
    for key, account in courses.book.accounts.items():
        course = courses.of(key)
        if course.at(at).rule != ORPHAN:
            continue
        void = [c.void for c in course.claims if c.void and c.holds(at)]
        later = [s.start for s in course.spans if s.owners and s.start and s.start > at]
        if later:
            remedy = f"It has an owner from {later[0]} on; until then, name one under [[named]]."
        elif not account.in_plan:
            remedy = "The plan does not have it: design again, or name its rep under [[named]]."
        elif not account.territory:
            remedy = (
                "It has no place on the map: mend its address, or name its rep under [[named]]."
            )
        elif void:
            remedy = f"Its claims are void ({void[0]}): give it a rep who is there."
        else:
            remedy = "Put geography into the precedence, or name its rep under [[named]]."
        found.append((account, remedy))
    return found
