"""One account on one day: of all claims in force, whose is it, and by which rule?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sales.ownership.claims import Claim
from sales.ownership.facts import Account, Book
from sales.ownership.rules import Rules, Tie

ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Owner:
    """A rep (or where it has none, a territory) with a share of an account."""

    rep: str
    territory: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """What one kind of claim had to say; `decided` where it gave an owner."""

    kind: str
    words: str
    decided: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whose an account is: the shares add up to 1, or nobody has it and `rule` is orphan.

    `rule` is the kind of the claim that won, `tie` what decided among several of that kind, "" if
    there was one; `arbitrary` where nothing told them apart. `trace` has every kind asked.
    """

    owners: tuple[Owner, ...]
    rule: str
    why: str
    tie: str = ""
    arbitrary: bool = False
    trace: tuple[Said, ...] = ()

    @property
    def outcome(self) -> tuple[tuple[Owner, ...], str, str, str]:
        """What tells two verdicts apart."""
        return self.owners, self.rule, self.why, self.tie


def decide(
    account: Account, claims: Sequence[Claim], book: Book, rules: Rules, at: date | None
) -> Verdict:
    """Ask the kinds in the order of precedence; the first that somebody claims by decides.

    A claim to a share leaves the rest to the next claim, of the same kind or a later one.
    """
    trace: list[Said] = []
    owners: list[Owner] = []
    left, rule, why, tie, arbitrary = 1.0, ORPHAN, "nobody claims it", "", False
    for kind in rules.precedence:
        mine = [c for c in claims if c.kind == kind]
        alive = [c for c in mine if c.holds(at) and not c.void]
        taken: list[Claim] = []
        while alive and left > 1e-12:
            rivals = _next_in_line(alive)
            best, by, chance = _settle(rivals, account, rules.ties)
            alive = [c for c in alive if c.who != best.who]
            share = min(best.share, left)
            left -= share
            _give(owners, best, share)
            if rule == ORPHAN:
                rule, why, tie, arbitrary = kind, best.why, by, chance
            taken.append(best)
        trace.append(Said(kind, _words(mine, taken, at, book), bool(taken)))
    if owners and left > 1e-12:  # nobody claims the rest: who has a share has all
        owners[0] = Owner(owners[0].rep, owners[0].territory, owners[0].share + left)
    return Verdict(tuple(owners), rule, why, tie, arbitrary, tuple(trace))


def _give(owners: list[Owner], claim: Claim, share: float) -> None:
    """Add the share to what the claimant has already, if anything."""
    for at, owner in enumerate(owners):
        if (owner.rep or f"territory {owner.territory}") == claim.who:
            owners[at] = Owner(owner.rep, owner.territory, owner.share + share)
            return
    owners.append(Owner(claim.rep, claim.territory, share))


def _next_in_line(alive: Sequence[Claim]) -> list[Claim]:
    """Claims to a share come before claims to the whole, or there would be nothing to share."""
    parts = [c for c in alive if c.share < 1.0]
    return parts or list(alive)


def _settle(
    rivals: Sequence[Claim], account: Account, ties: Sequence[Tie]
) -> tuple[Claim, str, bool]:
    """The claim that wins among some of one kind, what decided, and whether nothing did."""
    once = {claim.who: claim for claim in reversed(rivals)}
    left = [claim for claim in rivals if once[claim.who] is claim]
    for tie in ties:
        if len(left) == 1:
            break
        scores = [_score(tie, claim, account) for claim in left]
        best = max(scores)
        kept = [claim for claim, score in zip(left, scores, strict=True) if score == best]
        if len(kept) == 1:
            return kept[0], tie, False
        left = kept
    if len(left) == 1:
        return left[0], "", False
    return min(left, key=lambda claim: claim.who), "name", True


def _score(tie: Tie, claim: Claim, account: Account) -> float:
    """How well a claim does by a tie-breaker: more is better."""
    if tie == "last_win":
        return max((w.on.toordinal() for w in account.wins if w.rep == claim.rep), default=0)
    if tie == "won":
        return sum(w.amount for w in account.wins if w.rep == claim.rep)
    if tie == "crm_owner":
        return float(claim.rep != "" and claim.rep == account.crm_owner)
    if tie == "plan":
        return float(claim.rep != "" and claim.rep == account.plan_rep)
    if tie == "longest_held":
        return -(claim.start.toordinal() if claim.start else 0)
    return -float(claim.row)


def _words(mine: Sequence[Claim], taken: Sequence[Claim], at: date | None, book: Book) -> str:
    if not mine:
        return "nobody claims it so"
    said = []
    for claim in mine:
        who = book.who(claim.rep, claim.territory)
        if claim.void:
            said.append(f"{who}: void, {claim.void}")
        elif not claim.holds(at):
            begun = claim.start is None or (at is not None and claim.start <= at)
            said.append(f"{who}: over since {claim.until}" if begun else
                        f"{who}: not before {claim.start}")  # fmt: skip
        else:
            until = f", until {claim.until}" if claim.until else ""
            lost = "" if claim in taken else " (comes after)"
            said.append(f"{who}: {claim.why or 'claims it so'}{until}{lost}")
    return "; ".join(said)
