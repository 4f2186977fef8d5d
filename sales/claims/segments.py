"""Claims of a plan with segments: no overlap, no orphan, and the whole is the sum of its parts."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import PlanFilesError
from sales.accounts.identity import canonical_id
from sales.claims.facts import same
from sales.claims.segment_rules import deciding_rows, read_segments, segments_of
from sales.plan import PlanBundle
from sales.segment_print import segment_fingerprint

_MEND: Final = "Restore the file, or design the plan again."


class Whole:
    """A segmented plan's files, well formed, row by row."""

    def __init__(self, bundle: PlanBundle) -> None:
        assert bundle.members is not None
        assert bundle.model is not None
        self.bundle, self.document, self.model = bundle, bundle.document, bundle.model
        self.table = bundle.assignments
        self.members = bundle.members
        self.rows: list[dict[str, str]] = [
            {str(k): v for k, v in row.items()} for row in bundle.members.to_dict("records")
        ]
        self.ids: list[str] = self.table["account_id"].tolist()
        self.segment: list[str] = self.table["segment"].tolist()
        self.territory: list[str] = self.table["territory_id"].tolist()
        self.territories: Sequence[Mapping[str, Any]] = bundle.document["territories"]
        self.geography = {s["id"]: s["geography"] for s in bundle.document["segments"]}

    def rows_of(self, geography: str) -> list[int]:
        """The rows whose segment uses a geography."""
        own = {name for name, used in self.geography.items() if used == geography}
        return [at for at, name in enumerate(self.segment) if name in own]


def _rows(plan: Whole) -> Iterator[str]:
    if plan.members["account_id"].tolist() != plan.ids:
        yield "assignments.csv and members.csv are not of the same accounts in the same order"


def _model(plan: Whole) -> Iterator[str]:
    found = hashlib.sha256(plan.model.encode()).hexdigest()
    if found != plan.document["provenance"]["model_sha256"]:
        yield "model.toml is not the model of this plan"
    segments, _ = read_segments(plan.model)
    if [s["id"] for s in segments] != [s["id"] for s in plan.document["segments"]]:
        yield "plan.json has not the segments of model.toml in their order"
    for segment, said in zip(segments, plan.document["segments"], strict=False):
        cover = segment.get("cover", "geography")
        uses = "" if cover == "list" else segment.get("shares", segment["id"])
        if (cover, uses) != (said["cover"], said["geography"]):
            yield f"segment {segment['id']}: plan.json has another geography than the model"
    if set(plan.bundle.parts) != {used for used in plan.geography.values() if used}:
        yield "segments/ has not one plan for each geography"


def _decided(plan: Whole) -> Iterator[str]:
    lists = {name: table["account_id"].tolist() for name, table in plan.bundle.lists.items()}
    for at, found in enumerate(segments_of(plan.model, lists, plan.rows)):
        for where, said in (("assignments.csv", plan.segment[at]),
                            ("members.csv", plan.rows[at]["segment"])):  # fmt: skip
            if said != found:
                yield (
                    f"account {plan.ids[at]} is in {said or 'no segment'} in {where}, by the rules "
                    f"in {found or 'none'}"
                )


def _families(plan: Whole) -> Iterator[str]:
    _, keep = read_segments(plan.model)
    if keep == "off":
        return
    for at, top in enumerate(deciding_rows(plan.rows, keep)):
        if plan.rows[at]["head"] != plan.ids[top]:
            yield f"account {plan.ids[at]} has not the head of its family in members.csv"
        if plan.segment[at] != plan.segment[top]:
            yield f"account {plan.ids[at]} is not in the segment of its family's head"
        listed = not plan.geography.get(plan.segment[at], "")
        if (keep == "together" or listed) and plan.territory[at] != plan.territory[top]:
            yield f"account {plan.ids[at]} is not in the territory of its family's head"


def _no_overlap(plan: Whole) -> Iterator[str]:
    """Every account is in the part that its segment uses, in that one alone."""
    usable = [i for i, row in zip(plan.ids, plan.rows, strict=True) if row["usable"] == "yes"]
    for account, count in Counter(canonical_id(i) for i in usable).items():
        if count > 1:
            yield f"account {account} stands in {count} rows"
    for name, part in plan.bundle.parts.items():
        expected = Counter(plan.ids[at] for at in plan.rows_of(name))
        found = Counter(part.assignments["account_id"].tolist())
        for account in found - expected:
            yield f"account {account} is also in the geography {name}, which is not its segment's"
    ids = Counter(t["id"] for t in plan.territories)
    yield from (f"two territories are called {i}" for i, n in ids.items() if n > 1)
    serves = {t["id"]: t["segments"] for t in plan.territories}
    for at, territory in enumerate(plan.territory):
        if territory and plan.segment[at] not in serves.get(territory, ()):
            yield (
                f"account {plan.ids[at]} of {plan.segment[at] or 'no segment'} is in {territory}, "
                "which does not serve that segment"
            )


def _no_orphan(plan: Whole) -> Iterator[str]:
    """Every account is in the part of its segment, and has a territory or a line in the review."""
    for name, part in plan.bundle.parts.items():
        missing = Counter(plan.ids[at] for at in plan.rows_of(name)) - Counter(
            part.assignments["account_id"].tolist()
        )
        for account in missing:
            yield f"account {account} is missing from the geography {name}"
    lines = {(row, account) for row, account, hint in plan.bundle.review[
        ["row", "account_id", "hint"]].itertuples(index=False) if hint}  # fmt: skip
    by_account = Counter(account for _, account in lines)
    for account, count in Counter(
        i for i, territory in zip(plan.ids, plan.territory, strict=True) if not territory
    ).items():
        if by_account[account] < count:
            yield f"account {account} has no territory, and review.csv does not say what to do"
    for at, account in enumerate(plan.ids):
        listed = plan.geography.get(plan.segment[at]) == ""
        if listed and not plan.territory[at]:
            yield f"account {account} is on the list of {plan.segment[at]} and has no territory"
        if plan.territory[at] and not plan.segment[at]:
            yield f"account {account} has a territory and no segment"


def _parts_say_the_same(plan: Whole) -> Iterator[str]:
    columns = ("account_id", "territory_id", "rep", "cell", "lat", "lng", "precision", "rule")
    for name, part in plan.bundle.parts.items():
        own = plan.table.iloc[plan.rows_of(name)]
        if len(own) != len(part.assignments):
            yield f"the geography {name} has {len(part.assignments)} accounts, not {len(own)}"
            continue
        for column in columns:
            ours, theirs = own[column].to_numpy(), part.assignments[column].to_numpy()
            both = pd.isna(ours) & pd.isna(theirs)
            for at in np.flatnonzero((ours != theirs) & ~both)[:1].tolist():
                yield (
                    f"account {own['account_id'].iloc[at]} has {column} {ours[at]!r}, in segments/"
                    f"{name} {theirs[at]!r}"
                )
        stated = {t["id"]: t for t in plan.territories if t["geography"] == name}
        there = {t["id"]: t for t in part.document["territories"]}
        if list(stated) != list(there):
            yield f"plan.json has not the territories of segments/{name}"
        for id_ in stated.keys() & there.keys():
            wrong = [k for k, v in there[id_].items() if stated[id_].get(k) != v]
            if wrong:
                yield f"territory {id_}: {wrong[0]} is not that of segments/{name}"
        said = {s["fingerprint"] for s in plan.document["segments"] if s["geography"] == name}
        if said != {part.document["provenance"]["fingerprint"]}:
            yield f"segments/{name} is not the plan that plan.json was made of"
    yield from _joined(plan)


def _joined(plan: Whole) -> Iterator[str]:
    """Cells, bridges, reps and violations of the whole are those of the parts."""
    parts = [plan.bundle.parts[name] for name in dict.fromkeys(
        used for used in plan.geography.values() if used) if name in plan.bundle.parts]  # fmt: skip
    columns = ["cell", "territory_id", *plan.document["measures"]]
    # In the order of plan.json's segments, as their geographies are designed.
    for file, whole, theirs in (
        ("cells.csv", plan.bundle.units, [p.units for p in parts]),
        ("bridges.csv", plan.bundle.bridges, [p.bridges for p in parts]),
    ):
        wanted = columns if file == "cells.csv" else list(whole.columns)
        rows = Counter(whole[wanted].itertuples(index=False, name=None))
        for table in theirs:
            rows.subtract(table[wanted].itertuples(index=False, name=None))
        if any(rows.values()):
            yield f"{file} is not that of the geographies together"
    outlines = {str(f.get("id")): f["geometry"] for f in plan.bundle.outlines["features"]}
    theirs_too = {str(f.get("id")): f["geometry"] for p in parts for f in p.outlines["features"]}
    for territory in plan.territories:
        if outlines.get(territory["id"]) != theirs_too.get(territory["id"]):
            yield f"territories.geojson has another outline of {territory['id']}"
    broken = [v for p in parts for v in p.document["violations"]]
    if sorted(map(str, broken)) != sorted(map(str, plan.document["violations"])):
        yield "the violations in plan.json are not those of the geographies"
    for name, part in plan.bundle.parts.items():
        if plan.document["certificate"]["geographies"].get(name) != part.document["certificate"]:
            yield f"the certificate of {name} in plan.json is not that of segments/{name}"


def _lists(plan: Whole) -> Iterator[str]:
    """Who is named to a rep is that rep's."""
    rep_of = {t["id"]: (t["rep"], t["rep_name"]) for t in plan.territories}
    at = {canonical_id(i): k for k, i in reversed(list(enumerate(plan.ids)))
          if plan.rows[k]["usable"] == "yes"}  # fmt: skip
    for name, table in plan.bundle.lists.items():
        if plan.geography.get(name):
            continue
        wanted: dict[int, str] = {}
        for account, rep in table.itertuples(index=False):
            row = at.get(canonical_id(account))
            if rep and row is not None:
                wanted.setdefault(row, rep)
        for row, rep in wanted.items():
            mine = plan.segment[row] == name and plan.rows[row]["by"] == "list"
            if mine and rep not in rep_of.get(plan.territory[row], ()):
                yield f"account {plan.ids[row]} is named to {rep}, and is another's"
    for row, territory in enumerate(plan.territory):
        if territory in rep_of and plan.table["rep"].iloc[row] != rep_of[territory][0]:
            yield f"account {plan.ids[row]} has a rep that is not its territory's"


def _sums(plan: Whole) -> Iterator[str]:
    """Accounts and measures by territory, by segment and in all, from members.csv."""
    measures = list(plan.document["measures"])
    worth = {name: plan.members[name].astype(float).to_numpy() for name in measures}
    for what, key, entries in (
        ("territory", np.array(plan.territory), plan.territories),
        ("segment", np.array(plan.segment), plan.document["segments"]),
    ):
        for entry in entries:
            mine = key == entry["id"]
            if int(mine.sum()) != entry["accounts"]:
                yield f"{what} {entry['id']} has {mine.sum()} accounts, not {entry['accounts']}"
            for name in measures:
                total = float(worth[name][mine].sum())
                # A cell's figure is rounded to six decimals.
                floor = 1e-6 * (1 + int(mine.sum()))
                if not same(total, entry[name], floor):
                    yield f"{what} {entry['id']} has {total:.6f} {name}, not {entry[name]}"
    has = np.array([bool(t) for t in plan.territory])
    for entry in plan.document["segments"]:
        count = int((has & (np.array(plan.segment) == entry["id"])).sum())
        if (entry["assigned"], entry["review"]) != (count, entry["accounts"] - count):
            yield f"segment {entry['id']} has {count} accounts assigned, not {entry['assigned']}"
    parts = [p.document["summary"] for p in plan.bundle.parts.values()]
    off = [abs(t["deviation"]) for t in plan.territories if t["geography"]]
    counts = {
        "territories": len(plan.territories), "accounts": len(plan.ids),
        "assigned": int(has.sum()), "review": int((~has).sum()),
        "max_deviation": max(off, default=0.0),
        "mean_deviation": sum(off) / len(off) if off else 0.0,
        **{k: sum(s[k] for s in parts) for k in ("noncontiguous", "bridges", "cut_edges")},
    }  # fmt: skip
    for name, found in counts.items():
        if not same(found, plan.document["summary"][name], 1e-8):
            yield f"{name} is {found}, not {plan.document['summary'][name]}"


def _fingerprint(plan: Whole) -> Iterator[str]:
    found = segment_fingerprint(plan.bundle)
    if found != plan.document["provenance"]["fingerprint"]:
        yield f"the files' fingerprint is {found[:12]}…, not the one in plan.json"


AUDIT: Final[Mapping[str, Callable[[Whole], Iterator[str]]]] = {
    "every row of the input stands in the assignments once": _rows,
    "the model is the one that the plan was made by": _model,
    "every account is in the segment that the model's rules give it": _decided,
    "families are kept together as the model says": _families,
    "no overlap: no account in two segments, geographies or territories": _no_overlap,
    "no orphan: every account has a territory, or a line that says what to do": _no_orphan,
    "accounts named to a rep are that rep's": _lists,
    "the whole says what its geographies say": _parts_say_the_same,
    "the sums by territory, by segment and in all": _sums,
    "the fingerprint of model, lists, accounts and geographies": _fingerprint,
}


def checked(plan: Whole, claim: Callable[[Whole], Iterator[str]]) -> str:
    """The first fault that a claim finds, "" for none; a file that cannot be read is one."""
    try:
        return next(claim(plan), "")
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return f"the files do not fit together: {error}"


def unplaced(bundle: PlanBundle) -> pd.DataFrame:
    """Each account without a territory: `row`, `account_id`, `segment`, why and what to do."""
    table, review = bundle.assignments, bundle.review
    left = table[table["territory_id"] == ""]
    said: dict[str, list[tuple[int, str, str]]] = {}
    for row, account, code, message, hint in review[
        ["row", "account_id", "code", "message", "hint"]
    ].itertuples(index=False):
        if row > 0 and hint:
            weight = 0 if code in _DECISIVE else 1
            said.setdefault(account, []).append((weight, row, message.rstrip("."), hint))  # type: ignore[arg-type]
    found = []
    for account, segment in left[["account_id", "segment"]].itertuples(index=False):
        lines = sorted(said.get(account, []))
        _, row, message, hint = lines[0] if lines else (0, 0, "no reason is given", _MEND)  # type: ignore[misc]
        found.append((row, account, segment, message, hint))
    columns = ["row", "account_id", "segment", "message", "hint"]
    return pd.DataFrame(found, columns=columns)


_DECISIVE: Final = ("no_segment", "duplicate_id", "outside_market", "unassigned")


def whole_of(bundle: PlanBundle) -> Whole:
    """The plan for its claims; raises PlanFilesError where it has no segments."""
    if bundle.members is None or bundle.model is None:
        raise PlanFilesError(
            "the plan has no segments", hint="Design it with --segments, or use verify."
        )
    return Whole(bundle)
