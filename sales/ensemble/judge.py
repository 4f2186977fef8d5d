"""Draw the maps and say where today's stands: the document that is written and served."""

from collections.abc import Callable
from typing import Any

import numpy as np

from geo.arrays import Float
from geo.ensemble.sample import Ensemble, Tree, sample
from geo.errors import OptionError
from geo.progress import Progress, silent
from sales.ensemble.looks import FIGURES, looker, question_of, today_figures
from sales.ensemble.standing import doubts, figure, percentile, spread_of, tidy
from sales.ensemble.today import Today, rep_homes, today_from, today_of
from sales.ensemble.valid import Field, lay_out
from sales.plan import PlanBundle
from sales.rules.alignment import Alignment

FORMAT = "bailiwick-ensemble/1"
LEAST, MOST = 20, 100_000
_BURN = 10  # maps' worth of steps before the first map is looked at
HOME = (
    "Of the maps drawn: in how many does the territory in which the rep lives hold less of its"
    " target than the rep's own territory does today?"
)
BOOK = (
    "Of the maps drawn: in how many are the territories that cover the rep's accounts of today, on"
    " average by worth, fuller than their target by less than the rep's own territory is today?"
)


def judge(
    bundle: PlanBundle,
    *,
    maps: int = 1000,
    seed: int = 0,
    thin: int | None = None,
    tolerance: float | None = None,
    tree: Tree = "uniform",
    incumbent: Alignment | None = None,
    worth: Float | None = None,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Draw `maps` maps from the plan's market and place today's map among them.

    Today's is the plan itself, or `incumbent` on the same cells. `thin` steps lie between two
    maps, by default as many as there are territories. Raises OptionError.
    """
    if not LEAST <= maps <= MOST:
        raise OptionError(f"{maps} maps are asked for", hint=f"Ask for {LEAST} to {MOST:,}.")
    if tolerance is not None and not 0 < tolerance < 1:
        raise OptionError(
            f"the tolerance {tolerance:g} is not between 0 and 1", hint="0.1 means ±10 %."
        )
    field = lay_out(bundle, tolerance)
    today = today_of(field) if incumbent is None else today_from(field, incumbent, worth)
    asked = question_of(field, today)
    steps = thin if thin is not None else len(field.targets)
    if steps < 1:
        raise OptionError(f"{steps} steps between maps", hint="One or more.")
    found = sample(
        field.market, field.start, looker(field, asked), maps=maps, thin=steps,
        burn=_BURN * steps, seed=seed, tree=tree, progress=progress, should_stop=should_stop,
    )  # fmt: skip
    return _document(field, today, found, seed, tree)


def _document(field: Field, today: Today, found: Ensemble, seed: int, tree: Tree) -> dict[str, Any]:
    own = today_figures(field, today)
    figures = [figure(found.values, at, float(own[at])) for at in range(len(FIGURES))]
    return {
        "format": FORMAT,
        "plan": field.board.bundle.document["provenance"]["fingerprint"],
        "judged": {
            "map": today.source,
            "territories": len(today.names),
            "accounts_not_with_their_cell": today.split,
            "territories_in_pieces": today.pieces,
            "accounts_nobody_has": today.unknown,
            "accounts_of_reps_who_left": today.left,
        },
        "maps": int(found.pooled.shape[0]),
        "territories": len(field.targets),
        "tolerance": dict(field.tolerance),
        "method": {
            "name": "ReCom", "tree": tree, "chains": int(found.values.shape[0]), "seed": seed,
            "steps_between_maps": found.thin, "steps_before_the_first": found.burn,
            "steps": int(found.counts[:, 0].sum()), "trees": int(found.counts[:, 2].sum()),
            "acceptance": round(found.acceptance, 4),
        },
        "figures": figures,
        "measures": list(field.measures),
        "questions": {"home": HOME, "accounts": BOOK},
        "reps": _reps(field, today, found.pooled),
        "caveats": _caveats(field, today, figures),
    }  # fmt: skip


def _reps(field: Field, today: Today, pooled: Float) -> list[dict[str, Any]]:
    """Each of today's territories with its rep's percentiles, per measure."""
    q, first = len(field.measures), len(FIGURES)
    reps, units, inside = rep_homes(field)
    homes = pooled[:, first : first + len(units) * q].reshape(len(pooled), len(units), q)
    books = pooled[:, first + len(units) * q :].reshape(len(pooled), len(today.names), q)
    at = {rep["rep_id"]: i for i, rep in enumerate(reps)}
    named = {r["rep_id"]: r["name"] for r in field.board.bundle.document["reps"]}
    share = today.load / np.where(today.targets > 0, today.targets, 1.0)
    listed = []
    for k, rep in enumerate(today.reps):
        entry: dict[str, Any] = {
            "territory": today.names[k], "rep": rep, "rep_name": named.get(rep, rep),
            "home_in_market": bool(inside[at[rep]]) if rep in at else None, "measures": {},
        }  # fmt: skip
        for j, name in enumerate(field.measures):
            own, target = float(share[k, j]), float(today.targets[k, j])
            part: dict[str, Any] = {
                "today": tidy(today.load[k, j]), "target": tidy(target), "share": tidy(own),
            }  # fmt: skip
            if target > 0:
                seen = {"accounts": books[:, k, j]}
                if rep in at:
                    seen["home"] = homes[:, at[rep], j]
                for which, values in seen.items():
                    part[which] = {
                        "percentile": tidy(percentile(values, own)), "shares": spread_of(values),
                    }  # fmt: skip
            entry["measures"][name] = part
        listed.append(entry)
    return listed


def _caveats(field: Field, today: Today, figures: list[dict[str, Any]]) -> list[str]:
    limits = ", ".join(f"{name} within {limit:.1%}" for name, limit in field.tolerance.items())
    found = [
        f"A map is valid here if it has {len(field.targets)} territories that each hang together"
        f" and lie near their targets ({limits}). Nothing is asked about driving, customers'"
        " ties to their reps, or anything else that the plan does not know.",
        "The maps are not all equally likely: round territories come up more often than ragged"
        " ones (about as often as they have spanning trees). A percentile says where today's map"
        " stands among maps drawn so, not that a middling one would be right.",
        "A rep is compared by share of target, so that half a capacity is not taken for half a"
        " loss; what is balanced varies little from map to map, the other measures tell more.",
        "Potential is taken as given; how sure it is, is not part of this.",
    ]
    biggest = max(field.tolerance.values())
    if figures[0]["today"] > biggest:
        found.append(
            f"Today's map is itself outside the tolerance (largest deviation"
            f" {figures[0]['today']:.0%}), so no map drawn can be as uneven. To compare it with"
            " looser practice, draw with a wider tolerance."
        )
    if today.split or today.pieces:
        found.append(
            f"Today's alignment is not a map of whole cells: {today.split:,} accounts are not with"
            f" whoever has most of their cell, and {today.pieces} territories lie in pieces. Its"
            " balance is counted account by account, its shape from the cells."
        )
    if today.unknown:
        found.append(
            f"{today.unknown:,} accounts of the plan have no owner today or no place on the map;"
            " they are left out of today's totals but are part of the maps drawn."
        )
    if today.left:
        found.append(
            f"{today.left:,} accounts belong today to somebody who is not among the plan's reps;"
            " their territories are left out."
        )
    if field.dropped:
        found.append(f"The maps drawn do not keep these rules: {', '.join(field.dropped)}.")
    if (rules := field.market.closed.sum()) > 0:
        found.append(f"{int(rules)} closed territories stay as they are in every map.")
    return found + doubts(figures)
