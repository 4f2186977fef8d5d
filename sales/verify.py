"""`verify`: every claim in a plan's directory, re-derived from its files by `geo.check`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo import check
from geo.arrays import Float, Int
from sales.fingerprint import fingerprint_of
from sales.plan import PlanBundle

_CLOSE = 1e-6  # relative; the files carry six decimals and more


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim: what it says, whether it is true, and if not, where."""

    claim: str
    true: bool
    detail: str = ""


def verify(bundle: PlanBundle) -> Iterator[Finding]:
    """Check claim after claim, in the order of a reader's trust: partition first, proof last."""
    plan = _Plan(bundle)
    for claim, problems in _CLAIMS.items():
        wrong = next(iter(problems(plan)), "")
        yield Finding(claim, not wrong, wrong)
        if wrong and claim == _FIRST:
            return  # nothing else can be derived from units that are not there


class _Plan:
    """What the claims have in common, derived once."""

    def __init__(self, bundle: PlanBundle) -> None:
        self.bundle = bundle
        self.document = bundle.document
        self.territories: list[dict[str, Any]] = list(bundle.document["territories"])
        self.index = {str(t["id"]): k for k, t in enumerate(self.territories)}
        self.polygons = bundle.document["units"] == "units"
        self.key = "unit_id" if self.polygons else "cell"
        self.ids: list[str] = bundle.units[self.key].tolist()
        self.owner: list[str] = bundle.units["territory_id"].tolist()
        self.measures: list[str] = list(bundle.document["measures"])

    @cached_property
    def labels(self) -> Int:
        return np.array([self.index[name] for name in self.owner], dtype=np.int64)

    @cached_property
    def positions(self) -> tuple[Float, Float]:
        if not self.polygons:
            return check.centers_of_cells(self.ids)
        places = self.bundle.places
        assert places is not None
        at = places.set_index("unit_id").loc[self.ids]
        return at["lat"].to_numpy(), at["lng"].to_numpy()

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        position = {name: i for i, name in enumerate(self.ids)}
        bridges = self.bundle.bridges
        joined = list(zip(bridges["cell_a"], bridges["cell_b"], strict=True))
        if self.polygons:
            edges = self.bundle.edges
            assert edges is not None
            joined += zip(edges["unit_a"], edges["unit_b"], strict=True)
        pairs = [] if self.polygons else check.neighbour_pairs(self.ids)
        return pairs + [(position[a], position[b]) for a, b in joined]

    @cached_property
    def centers(self) -> Float:
        return np.array([(t["center"]["lat"], t["center"]["lng"]) for t in self.territories])

    @cached_property
    def weight(self) -> Float:
        return self.bundle.units[self.measures[0]].to_numpy()

    @cached_property
    def shapes(self) -> dict[str, BaseGeometry]:
        return {
            str(f["id"]): shape(f["geometry"])
            for f in self.bundle.outlines["features"]
            if f["geometry"] is not None
        }

    def load(self, measure: str) -> Float:
        weight = self.bundle.units[measure].to_numpy()
        return np.bincount(self.labels, weight, len(self.territories))


def _same(a: float, b: float, scale: float = 0.0) -> bool:
    return abs(a - b) <= _CLOSE * max(abs(a), abs(b), scale, 1e-3)


def _partition(plan: _Plan) -> Iterator[str]:
    if len(set(plan.ids)) != len(plan.ids):
        yield "a unit is listed twice"
    for unit, name in zip(plan.ids, plan.owner, strict=True):
        if name not in plan.index:
            yield f"unit {unit} belongs to {name!r}, which is no territory of plan.json"
    if not plan.polygons:
        import h3

        for unit in plan.ids:
            if not h3.is_valid_cell(unit):
                yield f"{unit!r} is not an H3 cell"
        for parent, child in check.nested_cells(plan.ids):
            yield f"cell {child} lies within cell {parent}, which is listed too"
    empty = set(plan.index) - set(plan.owner)
    if empty:
        yield f"territory {min(empty)} has no units"
    known = set(plan.ids)
    bridges = plan.bundle.bridges
    for end in (*bridges["cell_a"], *bridges["cell_b"]):
        if end not in known:
            yield f"a bridge ends at {end}, which is no unit of the plan"


def _contiguity(plan: _Plan) -> Iterator[str]:
    parts = check.pieces(len(plan.ids), plan.pairs, plan.owner)
    for territory in plan.territories:
        whole = parts[territory["id"]] == 1
        if whole != territory["contiguous"]:
            yield (
                f"{territory['id']} is in {parts[territory['id']]} pieces, and plan.json says"
                f" contiguous: {territory['contiguous']}"
            )
    broken = sum(count > 1 for count in parts.values())
    if broken != plan.document["summary"]["noncontiguous"]:
        yield f"{broken} territories are in pieces, not {plan.document['summary']['noncontiguous']}"


def _totals(plan: _Plan) -> Iterator[str]:
    for measure in plan.measures:
        for k, load in enumerate(plan.load(measure).tolist()):
            said = plan.territories[k][measure]
            if not _same(load, said):
                yield f"{plan.territories[k]['id']} holds {load} of {measure}, not {said}"
    counts = np.bincount(plan.labels, minlength=len(plan.territories))
    for k, territory in enumerate(plan.territories):
        if counts[k] != territory["cells"]:
            yield f"{territory['id']} has {counts[k]} units, not {territory['cells']}"


def _balance(plan: _Plan) -> Iterator[str]:
    total = float(plan.weight.sum())
    targets = np.array([t["target"] for t in plan.territories])
    if not _same(float(targets.sum()), total):
        yield f"the targets sum to {targets.sum()}, the market to {total}"
    found = []
    for measure in plan.document["tolerance"]:
        share = targets / targets.sum() * plan.bundle.units[measure].sum()
        for k, load in enumerate(plan.load(measure).tolist()):
            territory = plan.territories[k]
            deviation = (load - share[k]) / share[k] if share[k] else 0.0
            said = territory["deviations"][measure]
            if not _same(deviation, said, 1.0):
                yield f"{territory['id']} deviates by {deviation:+.6%} in {measure}, not {said:+.6%}"
            if measure == plan.measures[0]:
                found.append(abs(deviation))
                if not _same(deviation, territory["deviation"], 1.0):
                    yield f"{territory['id']} deviates by {deviation:+.6%}, not as said"
            out = abs(deviation) > plan.document["tolerance"][measure] + _CLOSE
            listed = any(
                v["kind"] == "balance"
                and (v["territory"], v["measure"]) == (territory["id"], measure)
                for v in plan.document["violations"]
            )
            if out and not listed:
                yield f"{territory['id']} is out of tolerance in {measure}, and not listed so"
    for name, value in (("max_deviation", max(found)), ("mean_deviation", np.mean(found))):
        if not _same(float(value), plan.document["summary"][name], 1.0):
            yield f"{name} is {value}, not {plan.document['summary'][name]}"


def _accounts(plan: _Plan) -> Iterator[str]:
    table, summary = plan.bundle.assignments, plan.document["summary"]
    if plan.document["summary"]["accounts"] != len(table):
        yield f"assignments.csv has {len(table)} rows, plan.json counts {summary['accounts']}"
    assigned = table["territory_id"] != ""
    if int(assigned.sum()) != summary["assigned"]:
        yield f"{int(assigned.sum())} accounts are assigned, not {summary['assigned']}"
    if int((~assigned).sum()) != summary["review"]:
        yield f"{int((~assigned).sum())} accounts are not assigned, not {summary['review']}"
    reviewed = set(plan.bundle.review["account_id"])
    for account in table["account_id"][~assigned]:
        if account not in reviewed:
            yield f"account {account} is not assigned, and review.csv does not say why"
    owner = dict(zip(plan.ids, plan.owner, strict=True))
    rep = {t["id"]: t["rep"] for t in plan.territories}
    for row in table[assigned].itertuples(index=False):
        if owner.get(str(row.cell)) != row.territory_id:
            yield f"account {row.account_id} is in {row.territory_id}, its cell is not"
        if rep.get(str(row.territory_id)) != row.rep:
            yield f"account {row.account_id} has rep {row.rep!r}, its territory another"
    if len(table):
        counts = table["territory_id"][assigned].value_counts()
        for t in plan.territories:
            if int(counts.get(t["id"], 0)) != t["accounts"]:
                yield f"{t['id']} has {counts.get(t['id'], 0)} accounts, not {t['accounts']}"


def _cells_hold_accounts(plan: _Plan) -> Iterator[str]:
    table = plan.bundle.assignments
    if plan.polygons or not len(table):
        return
    import h3

    for row in table[table["cell"] != ""].itertuples(index=False):
        cell = str(row.cell)
        # Six decimals of a degree may fall on the other side of a cell's edge.
        at = h3.latlng_to_cell(float(row.lat), float(row.lng), h3.get_resolution(cell))
        if at != cell:
            edge = h3.average_hexagon_edge_length(h3.get_resolution(cell), unit="m")
            here = h3.latlng_to_cell(
                float(row.lat), float(row.lng), min(15, h3.get_resolution(cell) + 3)
            )
            near = {h3.cell_to_parent(c, h3.get_resolution(cell)) for c in h3.grid_disk(here, 1)}
            if cell not in near or edge < 1.0:
                yield f"account {row.account_id} lies in cell {at}, not in {cell}"


def _outlines(plan: _Plan) -> Iterator[str]:
    features = plan.bundle.outlines["features"]
    if [str(f["id"]) for f in features] != list(plan.index):
        yield "territories.geojson does not list the territories of plan.json"
        return
    for feature, territory in zip(features, plan.territories, strict=True):
        for name, value in territory.items():
            if feature["properties"].get(name) != value:
                yield f"{territory['id']}: property {name!r} differs from plan.json"
    polygonal = {k: s for k, s in plan.shapes.items() if s.geom_type.endswith("Polygon")}
    for name, area in polygonal.items():
        if not area.is_valid:
            yield f"the outline of {name} is invalid"
    for a, b in check.overlapping(polygonal):
        yield f"the outlines of {a} and {b} overlap"
    if polygonal:
        lat, lng = plan.positions
        for i in check.misplaced(polygonal, lat, lng, plan.owner)[:1]:
            yield f"unit {plan.ids[i]} of {plan.owner[i]} lies outside its territory's outline"


def _shape(plan: _Plan) -> Iterator[str]:
    lat, lng = plan.positions
    cut = sum(plan.owner[a] != plan.owner[b] for a, b in set(plan.pairs))
    if cut != plan.document["summary"]["cut_edges"]:
        yield f"{cut} edges are cut, not {plan.document['summary']['cut_edges']}"
    found = check.rms_km(lat, lng, plan.weight, plan.labels, plan.centers)
    if not _same(found, plan.document["summary"]["rms_km"]):
        yield f"rms_km is {found}, not {plan.document['summary']['rms_km']}"
    if len(plan.bundle.bridges) != plan.document["summary"]["bridges"]:
        yield f"there are {len(plan.bundle.bridges)} bridges, not {plan.document['summary']['bridges']}"


def _certificate(plan: _Plan) -> Iterator[str]:
    said = plan.document["certificate"]
    weight = plan.weight
    targets = np.array([t["target"] for t in plan.territories])
    share = float(weight.max() / targets.max())
    if not _same(share, said["granularity"]["share_of_target"], 1.0):
        yield f"the heaviest unit is {share} of a target"
    heaviest = plan.ids[int(np.argmax(weight))]
    if weight[plan.ids.index(said["granularity"]["heaviest_unit"])] != weight.max():
        yield f"the heaviest unit is {heaviest}"
    least = 0.0
    if len(targets) > 1 and share > 1:
        rest = (weight.sum() - weight.max()) / (targets.sum() - targets.max())
        least = max(share - 1, 1 - float(rest))
    if not _same(least, said["granularity"]["least_max_deviation"], 1.0):
        yield f"the least possible largest deviation is {least}"
    claim = said["compactness"]
    lat, lng = plan.positions
    moment = check.inertia(lat, lng, weight, plan.labels, plan.centers)
    if not _same(moment, claim["inertia"]):
        yield f"the inertia is {moment}, not {claim['inertia']}"
    prices, band = np.array(claim["prices_km2"]), claim["band"]
    bound = check.inertia_bound(
        lat, lng, weight, plan.centers, prices, (1 - band) * targets, (1 + band) * targets
    )
    if not _same(bound, claim["bound"], moment):
        yield f"the bound is {bound}, not {claim['bound']}"
    if bound > moment * (1 + _CLOSE):
        yield f"the bound {bound} exceeds the inertia {moment}: one of them is wrong"


def _fingerprint(plan: _Plan) -> Iterator[str]:
    found = fingerprint_of(plan.bundle)
    if found != plan.document["provenance"]["fingerprint"]:
        yield f"the files' fingerprint is {found[:12]}…, not the one in plan.json"


_FIRST = "every unit belongs to exactly one territory"
_CLAIMS: dict[str, Callable[[_Plan], Iterator[str]]] = {
    _FIRST: _partition,
    "every territory is contiguous, bridges counted": _contiguity,
    "the totals of each territory": _totals,
    "the deviations, and what is out of tolerance": _balance,
    "every account is assigned or in review": _accounts,
    "every account lies in its cell": _cells_hold_accounts,
    "the outlines are valid, apart, and drawn from the cells": _outlines,
    "cut edges, bridges and rms distance": _shape,
    "granularity and compactness bounds": _certificate,
    "the fingerprint of input, parameters and seed": _fingerprint,
}
