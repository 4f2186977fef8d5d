"""Laws of ownership, whatever the facts and rules: one owner or a listed orphan, no gap."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from sales.ownership.decide import ORPHAN
from sales.ownership.facts import Account, Deal, Fixed, Grown, Holding, Win
from sales.ownership.findings import orphans
from sales.ownership.rules import KINDS, TIES, Outcome, Rules
from tests.ownership.books import courses, rules

FIRST = date(2025, 6, 1)
LAW = settings(max_examples=50, deadline=None, derandomize=True)
days = st.integers(0, 700).map(lambda n: FIRST + timedelta(days=n))
maybe = st.none() | days
reps = st.sampled_from(["a", "b", "c", "gone"])


@st.composite
def accounts(draw: st.DrawFn, name: str, parents: tuple[str, ...]) -> Account:
    rep = draw(st.sampled_from(["a", "b", "c", ""]))
    sizes = [Grown(None, employees=draw(st.sampled_from([10.0, 200.0])))]
    for day in sorted(draw(st.lists(days, max_size=3, unique=True))):
        sizes.append(
            Grown(day, employees=draw(st.sampled_from([10.0, 200.0])), renewal=draw(maybe))
        )
    fixed = st.builds(Fixed, st.sampled_from(["named", "override"]), reps, start=maybe, until=maybe)
    holding = st.builds(
        Holding, reps | st.just(""), row=st.integers(0, 9), start=maybe, until=maybe
    )
    return Account(
        name, name, parent=draw(st.sampled_from(("", *parents))), crm_owner=draw(reps),
        pipeline=draw(st.sampled_from([0.0, 50.0])),
        territory={"a": "T1", "b": "T2", "c": "T3", "": ""}[rep], plan_rep=rep,
        plan_rule=draw(st.sampled_from(["cell", "override"])) if rep else "",
        holdings=tuple(draw(st.lists(holding, max_size=3))),
        wins=tuple(draw(st.lists(st.builds(Win, reps, days, st.just(5.0)), max_size=2))),
        deals=tuple(draw(st.lists(st.builds(Deal, reps, maybe, maybe, st.just(9.0)), max_size=2))),
        sizes=tuple(sizes), fixed=tuple(draw(st.lists(fixed, max_size=2))),
    )  # fmt: skip


@st.composite
def some_rules(draw: st.DrawFn) -> Rules:
    return rules(
        precedence=draw(st.permutations(KINDS)),
        ties=draw(st.lists(st.sampled_from(TIES), unique=True)),
        holdover={"days": draw(st.integers(1, 200)), "pipeline": 10.0, "won_within_days": 60},
        opportunity={"grace_days": draw(st.integers(0, 40))},
        protected=[{"account": "A", "until": draw(days).isoformat()}],
        segments=[
            {"name": "small", "measure": "employees", "below": 100.0, "reps": {"T1": "b"}},
            {"name": "large", "measure": "employees", "least": 100.0, "rep": "c"},
        ],
        growth=[
            {"segment": "small", "into": "large", "measure": "employees", "at": 100.0, "then": then}
            | ({"days": 90, "share": 0.4} if then == "joint" else {})
            for then in [draw(st.sampled_from(get_args(Outcome)))]
        ],
    )  # fmt: skip


three = st.tuples(accounts("A", ("B", "C")), accounts("B", ("A", "C")), accounts("C", ("A",)))


@LAW
@given(three, some_rules(), maybe)
def test_every_day_has_exactly_one_span_with_one_owner_or_a_listed_orphan(
    found: tuple[Account, ...], by: Rules, effective: date | None
) -> None:
    book = courses(by, *found, effective=effective)
    for key, course in book.all().items():
        spans = course.spans
        assert spans[0].start is None
        assert spans[-1].until is None
        for one, following in pairwise(spans):
            assert one.until == following.start is not None
            assert one.start is None or one.start < following.start
            assert replace(one, start=None, until=None) != replace(
                following, start=None, until=None
            )
        for span in spans:
            assert (not span.owners) == (span.rule == ORPHAN)
            if span.owners:
                assert abs(sum(owner.share for owner in span.owners) - 1) < 1e-9
                assert min(owner.share for owner in span.owners) > 0
                assert len({owner.rep for owner in span.owners}) == len(span.owners)
                assert "gone" not in {owner.rep for owner in span.owners}
        day = FIRST + timedelta(days=300)
        listed = key in {account.account_id for account, _ in orphans(book, day)}
        assert listed == (not course.at(day).owners)


@LAW
@given(three, some_rules(), days, days)
def test_the_timeline_says_on_any_day_what_a_decision_of_that_day_says(
    found: tuple[Account, ...], by: Rules, effective: date, day: date
) -> None:
    book = courses(by, *found, effective=effective)
    for key in book.book.accounts:
        span, verdict = book.of(key).at(day), book.verdict(key, day)
        assert (span.owners, span.rule, span.why) == (verdict.owners, verdict.rule, verdict.why)


@LAW
@given(three, some_rules(), days, days)
def test_no_kind_that_comes_earlier_has_a_claim_in_force(
    found: tuple[Account, ...], by: Rules, effective: date, day: date
) -> None:
    book = courses(by, *found, effective=effective)
    for course in book.all().values():
        alive = {claim.kind for claim in course.claims if claim.holds(day) and not claim.void}
        first = next((kind for kind in by.precedence if kind in alive), ORPHAN)
        assert course.at(day).rule == first


@LAW
@given(three, some_rules(), days)
def test_the_order_in_which_accounts_are_asked_changes_nothing(
    found: tuple[Account, ...], by: Rules, effective: date
) -> None:
    one = courses(by, *found, effective=effective).all()
    other = courses(by, *reversed(found), effective=effective).all()
    assert {key: course.spans for key, course in one.items()} == {
        key: course.spans for key, course in other.items()
    }
