"""Claims about shape, and the proof of how much better a plan could be."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from geo import check
from geo.arrays import Float
from geo.sphere import distance_km, to_lat_lng, to_xyz
from sales.claims.facts import Facts, same

_CENTER_KM = 5e-5  # what seven decimals of a degree may be off, and a bit
_SQUARE_KM = 1e-6  # what subtracting large squares costs a squared distance in digits


def shape(plan: Facts) -> Iterator[str]:
    """Centres, root mean square distance to them, and cut edges."""
    lat, lng = plan.positions
    summary = plan.document["summary"]
    centers = _centers(plan)
    off = distance_km(centers[:, 0], centers[:, 1], plan.centers[:, 0], plan.centers[:, 1])
    for k in np.flatnonzero(~(off <= _CENTER_KM)):
        yield f"the centre of {plan.names[k]} is {off[k]:.4g} km from the mean of its units"
    cut = sum(plan.owner[a] != plan.owner[b] for a, b in plan.borders | plan.bridges)
    if cut != summary["cut_edges"]:
        yield f"{cut} edges are cut, not {summary['cut_edges']}"
    found = check.rms_km(lat, lng, plan.weight, plan.labels, plan.centers)
    if not same(found, summary["rms_km"], 1e-6):
        yield f"rms_km is {found}, not {summary['rms_km']}"


def _centers(plan: Facts) -> Float:
    """Mean of each territory's units on the sphere, weighted if they have any weight, (p, 2)."""
    p = len(plan.names)
    light = np.bincount(plan.labels, plan.weight, p) == 0
    mass = np.where(light[plan.labels], 1.0, plan.weight)
    xyz = to_xyz(*plan.positions)
    sums = np.stack([np.bincount(plan.labels, mass * axis, p) for axis in xyz.T], axis=1)
    return np.stack(to_lat_lng(sums.astype(np.float64)), axis=1)


def granularity(plan: Facts) -> Iterator[str]:
    """The heaviest unit, and the deviation that it makes unavoidable; of each balanced measure."""
    balanced = [name for name in plan.measures if name in plan.document["tolerance"]]
    said = [claim["measure"] for claim in plan.granularities]
    if said != [name for name in balanced if plan.measure(name).any()]:
        yield f"the granularity is that of {', '.join(said)}, not of {', '.join(balanced)}"
        return
    share = plan.targets / plan.targets.sum()
    for claim in plan.granularities:
        weight = plan.measure(claim["measure"])
        first = claim["measure"] == plan.measures[0]
        yield from _granularity(
            plan, claim, weight, plan.targets if first else share * weight.sum()
        )


def _granularity(
    plan: Facts, claim: Mapping[str, Any], weight: Float, targets: Float
) -> Iterator[str]:
    share = float(weight.max() / targets.max())
    if not same(share, claim["share_of_target"]):
        yield f"the heaviest unit is {share} of a target of {claim['measure']}"
    heaviest = {plan.ids[i] for i in np.flatnonzero(weight == weight.max())}
    if claim["heaviest_unit"] not in heaviest:
        yield f"the heaviest unit is {min(heaviest)}, not {claim['heaviest_unit']}"
    table = plan.bundle.assignments
    held = table[table["cell"] == claim["heaviest_unit"]]
    alone = str(held["account_id"].iloc[0]) if len(held) == 1 else ""
    positions = len(held[["lat", "lng"]].drop_duplicates())
    if (claim["accounts"], claim["positions"], claim["account"]) != (len(held), positions, alone):
        yield f"unit {claim['heaviest_unit']} holds {len(held)} accounts at {positions} positions"
    least = 0.0
    if len(targets) > 1 and share > 1:
        rest = (weight.sum() - weight.max()) / (targets.sum() - targets.max())
        least = max(share - 1, 1 - float(rest))
    if not same(least, claim["least_max_deviation"]):
        yield f"the least possible largest deviation is {least}"


def compactness(plan: Facts) -> Iterator[str]:
    """The plan's inertia, and by weak duality a bound that no plan as well balanced is below."""
    claim, weight, targets = plan.document["certificate"]["compactness"], plan.weight, plan.targets
    if claim["measure"] != plan.measures[0]:
        yield f"the compactness is that of {claim['measure']!r}, not of {plan.measures[0]!r}"
    lat, lng = plan.positions
    digits = _SQUARE_KM * float(weight.sum())
    moment = check.inertia(lat, lng, weight, plan.labels, plan.centers)
    if not same(moment, claim["inertia"], digits):
        yield f"the inertia is {moment}, not {claim['inertia']}"
    # Of the units: an account moved by itself takes no ground along.
    band = float(np.abs(plan.unit_load(plan.measures[0]) / targets - 1).max())
    if not same(band, claim["band"], 2e-8):
        yield f"the bound is for plans within {claim['band']}, the plan itself deviates by {band}"
    bound = check.inertia_bound(
        lat, lng, weight, plan.centers, np.array(claim["prices_km2"]),
        (1 - claim["band"]) * targets, (1 + claim["band"]) * targets,
    )  # fmt: skip
    if not same(bound, claim["bound"], digits):
        yield f"the bound is {bound}, not {claim['bound']}"
    if bound > moment * (1 + 1e-9) + digits:
        yield f"the bound {bound} exceeds the inertia {moment}: one of them is wrong"
    yield from _gap(claim["inertia"], claim["bound"], claim["gap"])


def _gap(inertia: float, bound: float, said: float | None) -> Iterator[str]:
    if bound > 0:
        gap = inertia / bound - 1
        if said is None or not same(gap, said):
            yield f"the inertia is {gap:.6%} above the bound, not as said"
    elif said != (0.0 if inertia <= 0 else None):
        yield "nothing follows from a bound of zero, and a gap is stated"
