"""Accounts that outgrow their segment: when they do, and what the rules then say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sales.ownership.facts import Account, Grown
from sales.ownership.rules import Growth, Rules, Segment, Size

_FIRST = date.min


@dataclass(frozen=True, slots=True)
class Stay:
    """The account is in `segment` from `start` until just before `until`, None being open.

    `into`: the segment whose rep has `share` of it meanwhile, "" where nobody shares.
    """

    segment: str
    start: date | None
    until: date | None = None
    into: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Outgrown:
    """An account outgrew `segment` on `on`; it moves to `into` on `moves` (None: it does not).

    `measure` and `value`: what grew and to how much, "" and None where a trigger date decided.
    `joint_until`: covered jointly from `on` until just before. `note`: what keeps it from moving.
    """

    account_id: str
    segment: str
    into: str
    on: date | None
    then: str
    measure: str = ""
    value: float | None = None
    moves: date | None = None
    joint_until: date | None = None
    note: str = ""


def segments_of(
    account: Account, rules: Rules, effective: date | None = None
) -> tuple[list[Stay], list[Outgrown]]:
    """The segments of an account one after the other, without a gap; none where it is in none.

    One that was too large from the start outgrows its segment when the plan takes effect.
    """
    name = _first_segment(account, rules.segments)
    if not name:
        return [], []
    stays: list[Stay] = []
    told: list[Outgrown] = []
    since: date | None = None
    # Each rule acts once, so that two that point at each other come to an end.
    left = list(rules.growth)
    while True:
        found = [
            (on or _FIRST, at, rule, size)
            for at, rule in enumerate(left)
            if rule.segment == name
            for on, size in [_outgrows(account, rule, since)]
            if size is not None
        ]
        if not found:
            return [*stays, Stay(name, since)], told
        day, at, rule, size = min(found, key=lambda entry: entry[:2])
        del left[at]
        event = _outcome(account, rule, effective if day == _FIRST else day, size)
        told.append(event)
        if event.joint_until is not None:
            if event.on != since:
                stays.append(Stay(name, since, event.on))
            stays.append(Stay(name, event.on, event.joint_until, rule.into, rule.share or 0.5))
        elif event.moves is not None and event.moves != since:
            stays.append(Stay(name, since, event.moves))
        if event.moves is not None:
            name, since = rule.into, event.moves


def _first_segment(account: Account, segments: Sequence[Segment]) -> str:
    """The plan's word where the rules know that segment, else the first that the size fits."""
    if account.segment in {segment.name for segment in segments}:
        return account.segment
    for segment in segments:
        if segment.measure is None:
            continue
        value = _value(account.sizes, segment.measure, first=True)
        if value is None:
            continue
        if (segment.least is None or value >= segment.least) and (
            segment.below is None or value < segment.below
        ):
            return segment.name
    return account.segment


def _value(sizes: Sequence[Grown], measure: Size, *, first: bool) -> float | None:
    values = [v for size in sizes if (v := getattr(size, measure)) is not None]
    return float(values[0 if first else -1]) if values else None


def _outgrows(
    account: Account, rule: Growth, since: date | None
) -> tuple[date | None, Grown | None]:
    """The first day, not before `since`, that meets the rule's condition, and the size then."""
    if rule.on is not None:
        if since is not None and rule.on <= since:
            return None, None
        known = [s for s in account.sizes if s.as_of is None or s.as_of <= rule.on]
        if rule.measure is None:
            return rule.on, known[-1] if known else Grown()
        value = _value(known, rule.measure, first=False)
        met = value is not None and rule.at is not None and value >= rule.at
        return (rule.on, known[-1]) if met else (None, None)
    assert rule.measure is not None
    assert rule.at is not None
    for day, size in _in_turn(account.sizes, since):
        value = getattr(size, rule.measure)
        if value is not None and value >= rule.at:
            return day, size
    return None, None


def _in_turn(sizes: Sequence[Grown], since: date | None) -> list[tuple[date | None, Grown]]:
    """The sizes from `since` on, each with its day; the first is what was known then."""
    if since is None:
        return [(size.as_of, size) for size in sizes]
    known = [s for s in sizes if s.as_of is None or s.as_of <= since]
    later = [(s.as_of, s) for s in sizes if s.as_of is not None and s.as_of > since]
    return [(since, known[-1]), *later] if known else [*later]


def _outcome(account: Account, rule: Growth, on: date | None, size: Grown) -> Outgrown:
    measure = rule.measure or ""
    value = getattr(size, rule.measure) if rule.measure else None
    base = (account.account_id, rule.segment, rule.into, on, rule.then, measure, value)
    if rule.then == "stay":
        return Outgrown(*base)
    if rule.then == "joint":
        if on is None:
            note = "it was too large from the start: when joint coverage begins is not known"
            return Outgrown(*base, note=note)
        end = on + timedelta(days=rule.days or 0)
        return Outgrown(*base, moves=end, joint_until=end)
    renewals = [s.renewal for s in account.sizes if s.renewal is not None and _known(s, on)]
    renewals = renewals or [s.renewal for s in account.sizes if s.renewal is not None]
    if not renewals:
        return Outgrown(*base, note="no renewal date is known, so it stays until one is")
    return Outgrown(*base, moves=next_renewal(renewals[-1], on, rule.term_months))


def _known(size: Grown, on: date | None) -> bool:
    return size.as_of is None or (on is not None and size.as_of <= on)


def next_renewal(renewal: date, on: date | None, months: int) -> date:
    """The first renewal not before `on`, a term of `months` after the other from `renewal` on."""
    terms = 0
    day = renewal
    while on is not None and day < on:
        terms += 1
        total = renewal.year * 12 + renewal.month - 1 + terms * months
        year, month = divmod(total, 12)
        day = _clipped(year, month + 1, renewal.day)
    return day


def _clipped(year: int, month: int, day: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day - 1), following - timedelta(days=1))
