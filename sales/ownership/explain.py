"""Why is this account whose it is, and what would it cost to make it another's?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo.errors import NotFoundError
from sales.edits.measures import tidy
from sales.ownership.claims import Claim
from sales.ownership.decide import Owner
from sales.ownership.delta import Weighed
from sales.ownership.facts import Account, Book
from sales.ownership.geography import Place, place_of
from sales.ownership.gifts import gift
from sales.ownership.party import party_of
from sales.ownership.sentences import sentences
from sales.ownership.timeline import Course, Courses, Span
from sales.rules.alignment import keys_of

_MOST = 12  # territories compared where none is named


@dataclass(frozen=True)
class Asking:
    """What is asked: an account on a day, and perhaps a rep or a territory that wants it.

    `exact`: what each account is worth is known, and not an even share of its cell.
    """

    account: str
    at: date
    rep: str = ""
    territory: str = ""
    exact: bool = True


def explain(weighed: Weighed, courses: Courses, asking: Asking) -> dict[str, Any]:
    """The explanation as JSON, its plain words under `sentences`.

    `courses.book.shown` limits it to territories that may be seen. Raises NotFoundError for an
    account, and OptionError for a rep or territory, that is not there.
    """
    book, board = courses.book, weighed.board
    (key,) = keys_of([asking.account])
    account = book.accounts.get(key)
    row = _rows(weighed).get(key)
    if account is None or (book.shown is not None and not _may_see(weighed, row, book)):
        raise NotFoundError(
            f"there is no account {asking.account!r}", hint="Give its id as the plan has it."
        )
    asked = _asked(weighed, book, asking)
    course, verdict = courses.of(key), courses.verdict(key, asking.at)
    span = course.at(asking.at)
    place = place_of(weighed, row, book.shown) if row is not None else None
    weight = float(board.worth[row, 0]) if row is not None else None
    document: dict[str, Any] = {
        "account": {
            "id": account.account_id, "name": account.name, "measure": board.measures[0],
            "weight": None if weight is None else tidy(weight),
            "weight_is": "exact" if asking.exact else "an even share of its cell",
        },
        "at": asking.at.isoformat(),
        "owners": [owner_document(owner, book) for owner in span.owners],
        "rule": span.rule,
        "why": span.why,
        "tie": span.tie,
        "trace": [
            {"rule": said.kind, "said": said.words, "decided": said.decided}
            for said in verdict.trace
        ],
        "timeline": [span_document(one, book) for one in course.spans],
        "outgrown": [
            {
                "segment": o.segment, "into": o.into, "on": _iso(o.on), "then": o.then,
                "measure": o.measure, "value": o.value, "moves": _iso(o.moves),
                "joint_until": _iso(o.joint_until), "note": o.note,
            }
            for o in course.outgrown
        ],
        "geography": None if place is None else _geography(place, weighed, book),
        "asked": None if asked is None else _party(weighed, asked),
        "counterfactuals": _counterfactuals(weighed, account, row, place, asked, book),
    }  # fmt: skip
    document["asked_claims"] = _claims(course, asking, weighed, asked)
    document["sentences"] = sentences(document, book)
    return document


def _rows(weighed: Weighed) -> Mapping[str, int]:
    ids = weighed.board.bundle.assignments["account_id"].tolist()
    return {key: row for row, key in reversed(list(enumerate(keys_of(ids))))}


def _may_see(weighed: Weighed, row: int | None, book: Book) -> bool:
    if row is None or book.shown is None:
        return False
    owner = weighed.owner_of(row)
    return owner >= 0 and weighed.board.territories[owner] in book.shown


def _asked(weighed: Weighed, book: Book, asking: Asking) -> int | None:
    """The territory that is asked about, by itself or by its rep."""
    if not asking.rep and not asking.territory:
        return None
    document = weighed.board.bundle.document
    return party_of(document, asking.rep, asking.territory, book.shown)


def _party(weighed: Weighed, k: int) -> dict[str, Any]:
    territory = weighed.board.bundle.document["territories"][k]
    return {
        "territory": str(territory["id"]),
        "territory_name": str(territory["name"]),
        "rep": str(territory.get("rep") or "") or None,
        "rep_name": str(territory.get("rep_name") or "") or None,
    }


def _claims(
    course: Course, asking: Asking, weighed: Weighed, asked: int | None
) -> list[dict[str, Any]]:
    """What the party that asks has to claim the account by."""
    if asked is None:
        return []
    party = _party(weighed, asked)
    own = [c for c in course.claims if _is(c, party)]
    return [
        {
            "rule": c.kind, "why": c.why, "from": _iso(c.start), "until": _iso(c.until),
            "in_force": c.holds(asking.at) and not c.void, "void": c.void,
        }
        for c in own
    ]  # fmt: skip


def _is(claim: Claim, party: Mapping[str, Any]) -> bool:
    if party["rep"]:
        return bool(claim.rep == party["rep"])
    return bool(not claim.rep and claim.territory == party["territory"])


def _geography(place: Place, weighed: Weighed, book: Book) -> dict[str, Any]:
    board = weighed.board
    around = {board.territories[k] for k in weighed.neighbours(board.territory_at[place.ground])}
    return {
        "cell": place.unit, "territory": place.territory, "cell_territory": place.ground,
        "lat": place.lat, "lng": place.lng, "precision": place.precision,
        "accounts_in_cell": place.in_cell,
        "border_km": tidy(place.nearest.km) if place.nearest else None,
        "neighbours": [
            {
                "territory": b.territory, "name": book.names.get(b.territory, b.territory),
                "km": tidy(b.km), "cells_beside": b.cells, "steps": b.steps,
            }
            for b in place.borders
            if b.territory in around
        ],
        "borders": {b.territory: (tidy(b.km), b.steps) for b in place.borders},
    }  # fmt: skip


def _counterfactuals(
    weighed: Weighed,
    account: Account,
    row: int | None,
    place: Place | None,
    asked: int | None,
    book: Book,
) -> list[dict[str, Any]]:
    """For each territory beside the account's, or the one asked about: alone, and with its cell.

    Nearest first.
    """
    board = weighed.board
    if row is None or board.unit_of_row[row] < 0:
        return []
    unit = int(board.unit_of_row[row])
    owner = weighed.owner_of(row)
    others: Sequence[int] = weighed.neighbours(int(weighed.state.labels[unit]))
    others = [k for k in dict.fromkeys([*others, int(weighed.state.labels[unit])]) if k != owner]
    if asked is not None:
        others = [asked] if asked != owner else []
    among = None
    if book.shown is not None:
        others = [k for k in others if board.territories[k] in book.shown]
        among = [k for k, name in enumerate(board.territories) if name in book.shown]
    found = []
    for k in others:
        ways = [gift(weighed, weighed.give_account(row, k), account, among)]
        if int(weighed.state.labels[unit]) not in (k,) and owner == weighed.state.labels[unit]:
            ways.append(gift(weighed, weighed.give_unit(unit, k), account, among))
        found.append(_party(weighed, k) | {"ways": ways})
    km = {b.territory: b.km for b in place.borders} if place is not None else {}
    found.sort(key=lambda other: (km.get(other["territory"], 0.0), other["territory"]))
    return found[:_MOST]


def owner_document(owner: Owner, book: Book) -> dict[str, Any]:
    """An owner as JSON; of one who may not be seen only the share."""
    if book.hides(owner.rep, owner.territory):
        return {"rep": None, "rep_name": None, "territory": None, "share": tidy(owner.share)}
    return {
        "rep": owner.rep or None, "rep_name": book.reps.get(owner.rep) or None,
        "territory": owner.territory or None, "share": tidy(owner.share),
    }  # fmt: skip


def span_document(span: Span, book: Book) -> dict[str, Any]:
    """A span of the timeline as JSON."""
    return {
        "from": _iso(span.start), "until": _iso(span.until),
        "owners": [owner_document(owner, book) for owner in span.owners],
        "rule": span.rule, "why": span.why, "tie": span.tie,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
