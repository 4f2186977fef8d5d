"""Whose each account is on a day, as one JSON document: what the command prints and writes."""

from collections import Counter
from datetime import date
from typing import Any

from sales.ownership.explain import owner_document
from sales.ownership.findings import disputes, findings, orphans, settled
from sales.ownership.timeline import Courses


def owners_document(courses: Courses, day: date, *, of_alignment: bool) -> dict[str, Any]:
    """Owners, disputes, orphans, findings and changes to come on `day`, as JSON.

    The findings are about the alignment in force: `of_alignment` says whether there is one.
    """
    book = courses.book
    spans = {key: course.at(day) for key, course in courses.all().items()}
    rules = Counter(span.rule for span in spans.values())
    return {
        "at": day.isoformat(),
        "effective": book.effective.isoformat() if book.effective else None,
        "accounts": len(spans),
        "one_owner": sum(len(span.owners) == 1 for span in spans.values()),
        "joint": sum(len(span.owners) > 1 for span in spans.values()),
        "orphans": [
            {"account_id": account.account_id, "name": account.name, "remedy": remedy}
            for account, remedy in orphans(courses, day)
        ],
        "rules": {kind: rules[kind] for kind in (*courses.rules.precedence, "orphan")},
        "disputes": [
            {
                "account_id": d.account_id, "name": d.name, "claimants": list(d.claimants),
                "winner": d.winner or None, "rule": d.span.rule, "tie": d.span.tie,
                "by_hand": d.span.arbitrary,
                "words": settled(d.span, book),
                "claims": [
                    {
                        "rule": c.kind, "rep": c.rep or None, "territory": c.territory or None,
                        "from": c.start.isoformat() if c.start else None,
                        "until": c.until.isoformat() if c.until else None,
                        "share": c.share, "why": c.why, "void": c.void,
                    }
                    for c in d.claims
                ],
            }
            for d in disputes(courses, day)
        ],
        "findings": [
            {
                "row": f.row, "account_id": f.account_id, "flaw": f.flaw, "words": f.words,
                "owners": [owner_document(owner, book) for owner in f.span.owners],
                "rule": f.span.rule,
            }
            for f in (findings(courses, day) if of_alignment else [])
        ],
        "outgrown": [
            {
                "account_id": o.account_id, "segment": o.segment, "into": o.into,
                "on": o.on.isoformat() if o.on else None, "measure": o.measure, "value": o.value,
                "then": o.then, "moves": o.moves.isoformat() if o.moves else None,
                "joint_until": o.joint_until.isoformat() if o.joint_until else None,
                "note": o.note,
            }
            for course in courses.all().values()
            for o in course.outgrown
        ],
        "changes": [
            {"on": on.isoformat(), "accounts": count}
            for on, count in sorted(_changes(courses, day).items())
        ],
    }  # fmt: skip


def _changes(courses: Courses, day: date) -> Counter[date]:
    """How many accounts change hands on each day to come."""
    found: Counter[date] = Counter()
    for course in courses.all().values():
        for was, span in zip(course.spans, course.spans[1:], strict=False):
            if span.start is not None and span.start > day and was.owners != span.owners:
                found[span.start] += 1
    return found
