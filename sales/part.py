"""A part of a plan: some of its territories with their cells, accounts and reps."""

from collections.abc import Collection
from typing import Any

from geo.errors import NotFoundError
from sales.plan import PlanBundle

_COUNTED = ("territories", "accounts", "assigned", "review", "max_deviation", "mean_deviation")


def part_of(bundle: PlanBundle, territories: Collection[str]) -> PlanBundle:
    """The plan with those territories only; nothing of the others is in it.

    The summary is that of the part; what only the whole plan has (a certificate, the mean distance,
    what it was before) is left out. Raises NotFoundError for a territory that the plan does not
    have.
    """
    wanted = set(territories)
    document = bundle.document
    kept = [t for t in document["territories"] if str(t["id"]) in wanted]
    missing = sorted(wanted - {str(t["id"]) for t in kept})
    if missing:
        raise NotFoundError(
            f"the plan has no territory {missing[0]!r:.80}",
            hint="Its plan.json lists the territories.",
        )
    own = bundle.assignments["territory_id"].isin(wanted).to_numpy()
    assignments = bundle.assignments[own].reset_index(drop=True)
    units = bundle.units[bundle.units["territory_id"].isin(wanted)].reset_index(drop=True)
    key = units.columns[0]
    inside = set(units[key].tolist())
    review = bundle.review[bundle.review["account_id"].isin(assignments["account_id"])]
    bridges = bundle.bridges
    bridges = bridges[bridges["cell_a"].isin(inside) & bridges["cell_b"].isin(inside)]
    names = None
    if bundle.names is not None:
        names = tuple(name for name, mine in zip(bundle.names, own, strict=True) if mine)
    return PlanBundle(
        _document(bundle, wanted, kept, len(assignments), len(review)),
        assignments,
        units,
        bridges.reset_index(drop=True),
        review.reset_index(drop=True),
        {**bundle.outlines, "features": [
            f for f in bundle.outlines["features"]
            if str(f.get("id", f["properties"].get("id"))) in wanted
        ]},
        names,
        places=None
        if bundle.places is None
        else bundle.places[bundle.places["unit_id"].isin(inside)].reset_index(drop=True),
    )  # fmt: skip


def _document(
    bundle: PlanBundle, wanted: set[str], kept: list[Any], accounts: int, review: int
) -> dict[str, Any]:
    document = bundle.document
    off = [abs(t["deviation"]) for t in kept]
    mean = sum(off) / len(off) if off else 0.0
    counted = (len(kept), accounts, accounts, review, max(off, default=0.0), mean)
    whole = ("certificate", "tradeoffs", "rules", "segments")
    return {
        **{name: value for name, value in document.items() if name not in whole},
        "territories": kept,
        "reps": [r for r in document.get("reps", []) if str(r["territory"]) in wanted],
        "summary": dict(zip(_COUNTED, counted, strict=True))
        | {"noncontiguous": sum(not t["contiguous"] for t in kept)},
        "violations": [v for v in document["violations"] if v["territory"] in wanted],
    }
