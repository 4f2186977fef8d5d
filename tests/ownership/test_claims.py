"""Who has an account when several rules claim it: known answers by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from geo.errors import OptionError
from sales.ownership.facts import Account, Deal, Fixed, Grown, Win
from sales.ownership.findings import disputes, findings, orphans
from sales.ownership.growth import next_renewal
from sales.ownership.rules import Rules
from sales.ownership.timeline import Courses
from tests.ownership.books import account, courses, held_by, lines, rules


def course(found: Rules, one: Account) -> list[tuple[str, str, str]]:
    return lines(courses(found, one).of(one.account_id).spans)


def test_before_the_plan_the_holder_has_it_and_then_the_map() -> None:
    assert course(rules(), account(holdings=held_by("b"))) == [
        ("", "b", "incumbent"), ("2026-01-01", "a", "geography"),
    ]  # fmt: skip


def test_an_open_pipeline_is_held_over_for_so_many_days() -> None:
    kept = rules(holdover={"days": 90, "pipeline": 1000.0})
    assert course(kept, account(holdings=held_by("b"), pipeline=1000.0)) == [
        ("", "b", "incumbent"), ("2026-01-01", "b", "holdover"), ("2026-04-01", "a", "geography"),
    ]  # fmt: skip
    assert course(kept, account(holdings=held_by("b"), pipeline=999.0))[1:] == [
        ("2026-01-01", "a", "geography")
    ]


def test_a_win_is_held_over_for_who_won_it_and_only_if_it_is_recent() -> None:
    kept = rules(holdover={"until": "2026-03-01", "won_within_days": 30})
    won = account(holdings=held_by("b"), wins=(Win("b", date(2025, 12, 2), 10.0),))
    assert course(kept, won)[1:] == [
        ("2026-01-01", "b", "holdover"), ("2026-03-01", "a", "geography"),
    ]  # fmt: skip
    for other in (Win("b", date(2025, 12, 1), 10.0), Win("c", date(2025, 12, 2), 10.0)):
        assert course(kept, replace(won, wins=(other,)))[1:] == [("2026-01-01", "a", "geography")]


def test_a_named_account_comes_before_a_holdover_and_only_in_its_time() -> None:
    named = rules(
        holdover={"days": 90, "pipeline": 1.0},
        named=[{"account": "A1", "rep": "c", "from": "2026-02-01", "until": "2026-03-01"}],
    )
    assert course(named, account(holdings=held_by("b"), pipeline=5.0)) == [
        ("", "b", "incumbent"), ("2026-01-01", "b", "holdover"), ("2026-02-01", "c", "named"),
        ("2026-03-01", "b", "holdover"), ("2026-04-01", "a", "geography"),
    ]  # fmt: skip


def test_the_order_of_precedence_is_the_planners() -> None:
    last = rules(
        precedence=["geography", "named"], named=[{"account": "A1", "rep": "c"}]
    )  # fmt: skip
    assert course(last, account()) == [("", "c", "named"), ("2026-01-01", "a", "geography")]


def test_a_protected_account_stays_with_its_holder_until_the_day() -> None:
    kept = rules(protected=[{"account": "A1", "until": "2026-07-01"}])
    assert course(kept, account(holdings=held_by("b"))) == [
        ("", "b", "protected"), ("2026-07-01", "a", "geography"),
    ]  # fmt: skip


def test_an_open_deal_is_a_claim_until_a_while_after_its_close() -> None:
    working = rules(opportunity={"least": 100.0, "grace_days": 10})
    deal = Deal("c", date(2026, 2, 1), date(2026, 3, 1), 100.0)
    assert course(working, account(deals=(deal,)))[1:] == [
        ("2026-01-01", "a", "geography"), ("2026-02-01", "c", "opportunity"),
        ("2026-03-11", "a", "geography"),
    ]  # fmt: skip
    assert len(course(working, account(deals=(replace(deal, amount=99.0),)))) == 2


def test_a_child_goes_with_its_parent_day_by_day() -> None:
    head = account("P", fixed=(Fixed("named", "c", start=date(2026, 5, 1)),))
    child = account("A1", parent="P", territory="T2", plan_rep="b")
    found = courses(rules(), child, head)
    assert lines(found.of("A1").spans) == [
        ("", "", "orphan"), ("2026-01-01", "a", "parent"), ("2026-05-01", "c", "parent"),
    ]  # fmt: skip


def test_parents_in_a_circle_have_no_say_whoever_is_asked_first() -> None:
    one, two = account("A", parent="B"), account("B", parent="A", territory="T2", plan_rep="b")
    below = account("C", parent="A", territory="T3", plan_rep="c")
    for order in ("ABC", "CBA"):
        found = courses(rules(), one, two, below)
        spans = {key: lines(found.of(key).spans)[-1] for key in order}
        assert spans["A"] == ("2026-01-01", "a", "geography")
        assert spans["B"] == ("2026-01-01", "b", "geography")
        assert spans["C"] == ("2026-01-01", "a", "parent")


WON = Win("b", date(2025, 3, 1), 9.0)


@pytest.mark.parametrize(
    ("facts", "tie", "winner"),
    [
        ({"wins": (WON, Win("c", date(2025, 4, 1), 1.0))}, "last_win", "c"),
        ({"wins": (WON, Win("c", date(2025, 3, 1), 1.0))}, "won", "b"),
        ({"crm_owner": "c"}, "crm_owner", "c"),
        ({"plan_rep": "c"}, "plan", "c"),
        ({}, "first_listed", "b"),
    ],
)  # fmt: skip
def test_a_dispute_is_settled_by_the_first_tie_breaker_that_can(
    facts: dict[str, Any], tie: str, winner: str
) -> None:
    found = courses(rules(), account(holdings=held_by("b", "c"), **facts))
    (dispute,) = disputes(found, date(2025, 12, 1))
    assert dispute.claimants == ("b", "c")
    assert (dispute.winner, dispute.span.rule, dispute.span.tie) == (winner, "incumbent", tie)
    assert {claim.rep for claim in dispute.claims} == {"b", "c"}
    assert not dispute.span.arbitrary


def test_what_nothing_tells_apart_is_said_to_be_for_a_human() -> None:
    found = courses(rules(ties=["last_win"]), account(holdings=held_by("c", "b")))
    (dispute,) = disputes(found, date(2025, 12, 1))
    assert (dispute.winner, dispute.span.tie, dispute.span.arbitrary) == ("b", "name", True)


def test_claims_of_those_who_left_are_void() -> None:
    one = account(holdings=held_by("gone"), fixed=(Fixed("named", "gone"),))
    found = courses(rules(), one)
    assert lines(found.of("A1").spans) == [("", "", "orphan"), ("2026-01-01", "a", "geography")]
    verdict = found.verdict("A1", date(2026, 2, 1))
    assert ("named", "gone: void, gone is not on the roster") in [
        (said.kind, said.words) for said in verdict.trace
    ]


def test_each_flaw_of_an_alignment_is_found_at_its_row_and_settled() -> None:
    found = courses(
        rules(), account("A", holdings=held_by("b", "c")), account("B", listed=False),
        account("C", holdings=held_by("gone")), account("D", holdings=held_by("")),
        account("E", holdings=held_by("a", "a")),
    )  # fmt: skip
    flaws = [(f.row, f.account_id, f.flaw) for f in findings(found, date(2026, 2, 1))]
    assert flaws == [
        (0, "B", "not_listed"), (2, "C", "rep_left"), (2, "D", "orphan"), (3, "A", "overlap"),
    ]  # fmt: skip
    assert orphans(found, date(2026, 2, 1)) == []
    assert [a.account_id for a, _ in orphans(found, date(2025, 2, 1))] == ["B", "C", "D"]


SIZES = {
    "segments": [
        {"name": "small", "measure": "employees", "below": 100.0},
        {"name": "large", "measure": "employees", "least": 100.0, "rep": "c"},
    ],
}


def growing(**rule: object) -> Rules:
    base = {"segment": "small", "into": "large", "measure": "employees", "at": 100.0}
    return rules(**SIZES, growth=[base | rule])


GROWS = account(
    sizes=(
        Grown(None, employees=50.0),
        Grown(date(2026, 3, 1), employees=120.0, renewal=date(2025, 8, 31)),
    )
)


def test_an_account_that_outgrows_its_segment_stays() -> None:
    found = courses(growing(then="stay"), GROWS)
    assert lines(found.of("A1").spans)[1:] == [("2026-01-01", "a", "geography")]
    (event,) = found.of("A1").outgrown
    assert (event.on, event.value, event.moves) == (date(2026, 3, 1), 120.0, None)


def test_or_moves_at_its_next_renewal() -> None:
    assert course(growing(then="renewal"), GROWS)[1:] == [
        ("2026-01-01", "a", "geography"), ("2026-08-31", "c", "segment"),
    ]  # fmt: skip


def test_or_is_covered_jointly_for_a_while_and_moves_then() -> None:
    assert course(growing(then="joint", days=60, share=0.25), GROWS)[1:] == [
        ("2026-01-01", "a", "geography"), ("2026-03-01", "c:0.25 a:0.75", "segment"),
        ("2026-04-30", "c", "segment"),
    ]  # fmt: skip


def test_a_trigger_date_looks_at_that_day_only() -> None:
    before, after = (growing(then="joint", days=30, on=f"2026-0{m}-01") for m in (2, 6))
    assert len(course(before, GROWS)) == 2
    assert course(after, GROWS)[2:] == [
        ("2026-06-01", "c:0.5 a:0.5", "segment"), ("2026-07-01", "c", "segment"),
    ]  # fmt: skip


def test_without_a_renewal_date_it_stays_and_says_so() -> None:
    sizes = (Grown(None, employees=50.0), Grown(date(2026, 3, 1), employees=120.0))
    found = courses(growing(then="renewal"), account(sizes=sizes))
    assert lines(found.of("A1").spans)[1:] == [("2026-01-01", "a", "geography")]
    assert "no renewal date" in found.of("A1").outgrown[0].note


def test_a_named_account_does_not_move_because_it_grew() -> None:
    one = replace(GROWS, fixed=(Fixed("named", "b"),))
    assert course(growing(then="joint", days=60), one) == [("", "b", "named")]


def test_renewals_come_term_by_term() -> None:
    assert next_renewal(date(2024, 2, 29), date(2025, 1, 1), 12) == date(2025, 2, 28)
    assert next_renewal(date(2024, 2, 29), date(2027, 3, 1), 12) == date(2028, 2, 29)
    assert next_renewal(date(2024, 1, 31), date(2024, 2, 1), 1) == date(2024, 2, 29)
    assert next_renewal(date(2026, 5, 1), date(2026, 1, 1), 12) == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"holdover": {"days": 90, "pipelin": 1.0}}, "holdover.pipelin: there is no such key"),
        ({"precedence": ["named", "luck"]}, r"precedence\[2\]: Input should be 'override'"),
        ({"named": [{"account": "A"}]}, r"named\[1\].rep: Field required"),
        ({"holdover": {"days": 90}}, "holdover: give pipeline, won_within_days or both"),
        ({"holdover": {"days": "90", "pipeline": 1.0}}, "holdover.days: Input should be"),
        ({"protected": [{"account": "A", "until": 20260101}]}, "write a day as 2026-03-31"),
        ({"precedence": ["named", "named"]}, "precedence has 'named' twice"),
        ({"precedence": ["named"], "opportunity": {}}, "rules for opportunity, but precedence"),
        ({**SIZES, "growth": [{"segment": "small", "into": "huge", "on": "2026-01-01",
                               "then": "stay"}]}, "'huge', which is not declared"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rules_is_named_by_file_and_key(
    document: dict[str, object], said: str
) -> None:
    with pytest.raises(OptionError, match=said) as error:
        rules(**document)
    assert error.value.message.startswith("engagement.toml: ")
    assert error.value.hint


def test_courses_are_named_in_the_order_of_the_book() -> None:
    found: Courses = courses(rules(), account("B"), account("A"))
    assert list(found.all()) == ["B", "A"]
