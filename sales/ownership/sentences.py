"""An explanation in plain sentences, as one would say them to the rep who asks."""

from collections.abc import Iterator, Mapping
from typing import Any

from sales.ownership.facts import HIDDEN, Book
from sales.ownership.findings import TIE_WORDS

_RULES: Mapping[str, str] = {
    "override": "because it was moved by hand",
    "named": "as a named account",
    "protected": "because it is protected",
    "holdover": "as a holdover",
    "opportunity": "because of an open deal",
    "parent": "with its parent account",
    "segment": "by its segment",
    "geography": "by where it lies",
    "incumbent": "because that rep had it before",
}


def sentences(document: Mapping[str, Any], book: Book) -> list[str]:
    """What `explain` found, in words."""
    return [*_owner(document), *_place(document, book), *_asked(document), *_gifts(document)]


def _owner(document: Mapping[str, Any]) -> Iterator[str]:
    account = document["account"]
    name = account["name"] or account["id"]
    who = " and ".join(_who(owner) for owner in document["owners"])
    if not who:
        yield f"On {document['at']} nobody has {name}: {document['why']}."
    else:
        tie = f", {TIE_WORDS[document['tie']]}" if document["tie"] else ""
        why = f": {document['why']}" if document["why"] else ""
        has = f"is covered by {who}" if len(document["owners"]) > 1 else f"is {who}'s"
        yield f"On {document['at']} {name} {has}, {_RULES[document['rule']]}{why}{tie}."
    for span in document["timeline"]:
        if span["from"] is not None and span["from"] > document["at"]:
            to = " and ".join(_who(owner) for owner in span["owners"]) or "nobody"
            rule = _RULES.get(span["rule"], "for want of a claim")
            has = f"is covered by {to}" if len(span["owners"]) > 1 else f"is {to}'s"
            yield f"From {span['from']} on it {has}, {rule}."
    kinds = [said["rule"] for said in document["trace"]]
    earlier = kinds[: kinds.index("segment")] if "segment" in kinds else kinds
    for grown in document["outgrown"]:
        what = f" with {grown['value']:,.0f} {grown['measure']}" if grown["value"] else ""
        on = f"on {grown['on']}" if grown["on"] else "from the start"
        ends = {
            "stay": "it stays where it is",
            "renewal": f"it moves at its renewal on {grown['moves']}",
            "joint": f"it is covered jointly until {grown['joint_until']}, and moves then",
        }[grown["then"]]
        then = grown["note"] or ends
        if not grown["note"] and document["rule"] in earlier:
            then += f", as far as {document['rule']} does not come first"
        yield f"It outgrew {grown['segment']} for {grown['into']} {on}{what}: {then}."


def _who(owner: Mapping[str, Any]) -> str:
    if not owner["rep"] and not owner["territory"]:
        return HIDDEN
    name = owner["rep_name"] or owner["rep"] or f"territory {owner['territory']}"
    share = f" ({owner['share']:.0%})" if owner["share"] < 1 else ""
    rep = f" ({owner['rep']})" if owner["rep"] and owner["rep"] != name else ""
    return f"{name}{rep}{share}"


def _place(document: Mapping[str, Any], book: Book) -> Iterator[str]:
    place = document["geography"]
    if place is None:
        yield "It has no place on the map of this plan, so no border speaks for anybody."
        return
    where = f"It lies in {book.place(place['cell_territory'])}"
    if place["cell_territory"] != place["territory"]:
        where += f", but was moved by hand into {book.place(place['territory'])}"
    near = place["neighbours"]
    if near:
        beside = [f"{book.place(n['territory'])} {_km(n['km'])}" for n in near[:3]]
        where += f"; the nearest others begin at {', '.join(beside)}"
    yield where + "."


def _km(km: float) -> str:
    return f"{km:,.0f} km" if km >= 10 else f"{km:.1f} km"


def _asked(document: Mapping[str, Any]) -> Iterator[str]:
    party = document["asked"]
    if party is None:
        return
    who = party["rep_name"] or party["rep"] or party["territory"]
    own = [owner for owner in document["owners"] if _same(owner, party)]
    if own and len(document["owners"]) == 1:
        yield f"{who} has it already."
        return
    alive = [c for c in document["asked_claims"] if c["in_force"]]
    if not document["asked_claims"]:
        yield f"{who} has no claim to it by any rule."
    elif not alive:
        kinds = ", ".join(f"{c['rule']} ({_when(c)})" for c in document["asked_claims"])
        yield f"{who} has no claim in force on {document['at']}: {kinds}."
    elif not own:
        kinds = ", ".join(dict.fromkeys(c["rule"] for c in alive))
        yield f"{who} claims it by {kinds}; the rule that decided, {document['rule']}, " + (
            "comes first." if document["rule"] not in kinds.split(", ")
            else f"was settled between them {TIE_WORDS.get(document['tie'], 'by share')}."
        )  # fmt: skip
    place = document["geography"]
    if place and party["territory"] in place["borders"]:
        km, steps = place["borders"][party["territory"]]
        if party["territory"] != place["cell_territory"]:
            cells = f", {steps} cell{'s' if steps != 1 else ''} away" if steps > 0 else ""
            yield f"{party['territory']} begins {_km(km)} from it{cells}."


def _same(owner: Mapping[str, Any], party: Mapping[str, Any]) -> bool:
    if party["rep"]:
        return bool(owner["rep"] == party["rep"])
    return bool(owner["territory"] == party["territory"])


def _when(claim: Mapping[str, Any]) -> str:
    if claim["void"]:
        return str(claim["void"])
    if claim["until"]:
        return f"until {claim['until']}"
    return f"not before {claim['from']}"


def _gifts(document: Mapping[str, Any]) -> Iterator[str]:
    found = document["counterfactuals"]
    if not found:
        return
    if document["asked"] is None:
        place = found[0]["territory"]
        yield f"The nearest who could have it is {_party(found[0])} in {place}:"
    for way in found[0]["ways"]:
        yield _cost(way, found[0])


def _party(found: Mapping[str, Any]) -> str:
    return str(found["rep_name"] or found["rep"] or found["territory"])


def _cost(way: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    gone, shape, balance = way["disruption"], way["shape"], way["balance"]
    if way["way"] == "account":
        words = f"Alone to {_party(found)}"
        words += (
            ", where it would be an exclave" if shape["exclave"] else ", back to its own ground"
        )
    else:
        count = gone["accounts"]
        words = f"With its whole cell, {count:,} account{'s' if count != 1 else ''}"
    words += f", {_amount(gone['weight'])} of {gone['measure']}: "
    sides = []
    for side in (balance["giving"], balance["taking"]):
        changes = [
            _from_to(pair) + (f" in {measure}" if len(side["deviation"]) > 1 else "")
            for measure, pair in side["deviation"].items()
        ]
        sides.append(f"{side['territory']} would go from {' and '.join(changes)}")
    most = balance["max_deviation"]
    words += ", ".join(sides)
    if most["before"] != most["after"]:
        words += f"; the largest deviation from {_from_to(most, '')}"
    else:
        words += f"; the largest deviation stays {most['before']:.1%}"
    words += "" if balance["within_tolerance"] else ", out of tolerance"
    return words + f"; {_shape(way)}."


def _shape(way: Mapping[str, Any]) -> str:
    shape = way["shape"]
    said = []
    if way["way"] == "cell":
        broken = [
            way["balance"][side]["territory"]
            for side in ("giving", "taking")
            if shape["pieces"][side]["after"] > max(shape["pieces"][side]["before"], 1)
        ]
        said.append(
            f"{' and '.join(broken)} would fall into pieces" if broken else "both stay in one piece"
        )
        more = shape["more_cut_edges"]
        longer = f"{abs(more)} edge{'s' if abs(more) != 1 else ''}"
        said.append(f"the border {'longer' if more > 0 else 'shorter'} by {longer}" if more
                    else "the border as long as before")  # fmt: skip
    km = shape["rms_km"]["taking"]
    said.append(f"the typical distance in {way['balance']['taking']['territory']}"
                f" from {km['before']:,.1f} to {km['after']:,.1f} km")  # fmt: skip
    return ", ".join(said)


def _from_to(pair: Mapping[str, float], sign: str = "+") -> str:
    """Two fractions in %, with as many digits as tell them apart, three at most."""
    for digits in (1, 2, 3):
        before, now = (f"{pair[key]:{sign}.{digits}%}" for key in ("before", "after"))
        if before != now:
            break
    return f"{before} to {now}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"
