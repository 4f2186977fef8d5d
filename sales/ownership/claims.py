"""Who claims an account, by which kind of claim, and from when until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sales.ownership.facts import Account, Book
from sales.ownership.growth import segments_of
from sales.ownership.rules import Kind, Named, Protected, Rules
from sales.rules.alignment import keys_of


@dataclass(frozen=True, slots=True)
class Claim:
    """`rep` (or where a territory has none, the territory) claims the account.

    In force from `start` until just before `until`; None is since ever, and for ever. `share` is
    less than 1 where the claim is to a part only. `void` says why it does not count, "" if it does.
    """

    kind: Kind
    rep: str
    territory: str
    start: date | None = None
    until: date | None = None
    why: str = ""
    share: float = 1.0
    void: str = ""
    row: int = 0

    @property
    def who(self) -> str:
        """What tells claimants apart."""
        return self.rep or f"territory {self.territory}"

    def holds(self, at: date | None) -> bool:
        """Whether it is in force on that day; None is the beginning of time."""
        begun = self.start is None or (at is not None and self.start <= at)
        return begun and (self.until is None or at is None or at < self.until)


@dataclass(frozen=True)
class ByName:
    """The entries of the rules that name accounts, by key."""

    named: dict[str, tuple[Named, ...]]
    protected: dict[str, tuple[Protected, ...]]


def by_name(rules: Rules) -> ByName:
    """Look the named entries up once for all accounts."""
    named: dict[str, tuple[Named, ...]] = {}
    for key, entry in zip(keys_of([n.account for n in rules.named]), rules.named, strict=True):
        named[key] = (*named.get(key, ()), entry)
    protected: dict[str, tuple[Protected, ...]] = {}
    for key, kept in zip(
        keys_of([n.account for n in rules.protected]), rules.protected, strict=True
    ):
        protected[key] = (*protected.get(key, ()), kept)
    return ByName(named, protected)


def claims_of(key: str, account: Account, book: Book, rules: Rules, names: ByName) -> list[Claim]:
    """All claims to an account but its parent's, kinds that do not count included."""
    found = [
        *_fixed(account, book),
        *_named(key, account, book, names),
        *_held_over(account, book, rules),
        *_worked(account, book, rules),
        *_of_segment(account, book, rules),
        *_of_plan(account, book),
        *_incumbents(account, book),
    ]
    return [claim for claim in found if claim.until is None or claim.start != claim.until]


def claim_of(
    book: Book, kind: Kind, rep: str, start: date | None, until: date | None, why: str,
    *, territory: str = "", share: float = 1.0, row: int = 0,
) -> Claim:  # fmt: skip
    """A claim, void where the rep is not on the roster."""
    void = "" if not rep or book.works_here(rep) else f"{book.called(rep)} is not on the roster"
    territory = territory or book.territory_of.get(rep, "")
    if book.hides(rep, territory):
        why = ""
    return Claim(kind, rep, territory, start, until, why, share, void, row)


def _fixed(account: Account, book: Book) -> Iterator[Claim]:
    for entry in account.fixed:
        kind: Kind = "named" if entry.kind == "named" else "override"
        words = "named account" if kind == "named" else "moved by hand"
        why = f"{words}: {entry.reason}" if entry.reason else words
        yield claim_of(
            book, kind, entry.rep, entry.start, entry.until, why, territory=entry.territory
        )
    if account.territory and account.plan_rule == "override":
        yield claim_of(
            book, "override", account.plan_rep, book.effective, None,
            "moved by hand in the plan, whatever its cell", territory=account.territory,
        )  # fmt: skip


def _named(key: str, account: Account, book: Book, names: ByName) -> Iterator[Claim]:
    for entry in names.named.get(key, ()):
        why = "named account" + (f": {entry.reason}" if entry.reason else "")
        yield claim_of(book, "named", entry.rep, entry.start, entry.until, why)
    for kept in names.protected.get(key, ()):
        why = "protected" + (f": {kept.reason}" if kept.reason else "")
        if kept.rep:
            yield claim_of(book, "protected", kept.rep, None, kept.until, why)
            continue
        for rep, row in _protected_of(account, book.effective):
            yield claim_of(book, "protected", rep, None, kept.until, why, row=row)


def _protected_of(account: Account, effective: date | None) -> list[tuple[str, int]]:
    """Whose a protected account is: its holders' when the plan took effect, else the plan's."""
    if effective is not None:
        holders = [(claim.rep, claim.row) for claim in _holders(account, effective)]
    else:
        holders = [(h.rep, h.row) for h in account.holdings if h.rep and h.until is None]
    return holders or ([(account.plan_rep, 0)] if account.plan_rep else [])


def _held_over(account: Account, book: Book, rules: Rules) -> Iterator[Claim]:
    rule, begins = rules.holdover, book.effective
    if rule is None or begins is None:
        return
    until = rule.until or begins + timedelta(days=rule.days or 0)
    if until <= begins:
        return
    for holding in _holders(account, begins):
        reasons = []
        if rule.pipeline is not None and account.pipeline > 0 and account.pipeline >= rule.pipeline:
            reasons.append(f"open pipeline of {account.pipeline:,.0f}")
        if rule.won_within_days is not None:
            since = begins - timedelta(days=rule.won_within_days)
            won = [w for w in account.wins if w.rep == holding.rep and since <= w.on < begins]
            if won:
                reasons.append(f"won {won[-1].amount:,.0f} on {won[-1].on}")
        if reasons:
            yield claim_of(
                book, "holdover", holding.rep, begins, until,
                f"held it before, {' and '.join(reasons)}", row=holding.row,
            )  # fmt: skip


def _holders(account: Account, begins: date) -> list[Claim]:
    """Who held the account when the plan took effect, each once, by row."""
    before = begins - timedelta(days=1)
    held = [
        Claim("incumbent", h.rep, h.territory, h.start, h.until, row=h.row)
        for h in account.holdings
        if h.rep
    ]
    return list({c.rep: c for c in reversed(held) if c.holds(before)}.values())[::-1]


def _worked(account: Account, book: Book, rules: Rules) -> Iterator[Claim]:
    rule = rules.opportunity
    if rule is None:
        return
    for deal in account.deals:
        if not deal.rep or deal.amount < rule.least:
            continue
        until = deal.closes + timedelta(days=rule.grace_days) if deal.closes else None
        if until is not None and deal.opened is not None and until <= deal.opened:
            continue
        closing = f", expected to close on {deal.closes}" if deal.closes else ""
        why = f"works an open deal of {deal.amount:,.0f}{closing}"
        yield claim_of(book, "opportunity", deal.rep, deal.opened, until, why)


def _of_segment(account: Account, book: Book, rules: Rules) -> Iterator[Claim]:
    served = {segment.name: segment for segment in rules.segments}

    def rep_of(name: str) -> str:
        segment = served.get(name)
        if segment is None:
            return ""
        return segment.rep or segment.reps.get(account.territory, "")

    for stay in segments_of(account, rules, book.effective)[0]:
        start = _later(stay.start, book.effective)
        if stay.until is not None and start is not None and stay.until <= start:
            continue
        if stay.into and (rep := rep_of(stay.into)):
            yield claim_of(
                book, "segment", rep, start, stay.until, share=stay.share,
                why=f"joint coverage while it moves from {stay.segment} to {stay.into}",
            )  # fmt: skip
        if rep := rep_of(stay.segment):
            why = f"is in the segment {stay.segment}"
            yield claim_of(book, "segment", rep, start, stay.until, why)


def _of_plan(account: Account, book: Book) -> Iterator[Claim]:
    if account.territory and account.plan_rule != "override":
        yield claim_of(
            book, "geography", account.plan_rep, book.effective, None,
            f"the plan has it in {book.place(account.territory)}", territory=account.territory,
        )  # fmt: skip


def _incumbents(account: Account, book: Book) -> Iterator[Claim]:
    for held in account.holdings:
        if held.rep or held.territory:
            why = f"the alignment gives it so (row {held.row})" if held.row else "held it before"
            yield claim_of(
                book, "incumbent", held.rep, held.start, held.until, why,
                territory=held.territory, row=held.row,
            )  # fmt: skip


def _later(a: date | None, b: date | None) -> date | None:
    return max((day for day in (a, b) if day is not None), default=None)
