"""What a scoring did to a file, in a few figures."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float
from sales.potential.facts import Facts
from sales.potential.model import PotentialModel
from sales.potential.score import Scores


@dataclass(frozen=True, slots=True)
class Spread:
    """Three quantiles of a term over the accounts."""

    p10: float
    median: float
    p90: float


@dataclass(frozen=True)
class Summary:
    """`was`: the sum of the potential that the file had, and `rank` Spearman's correlation with it,
    None without one. `top_share`: of the richest tenth of the accounts."""

    model: str
    accounts: int
    potential: float
    top_share: float
    was: float | None
    rank: float | None
    spread: dict[str, Spread]
    warnings: tuple[str, ...]


def summary_of(facts: Facts, scores: Scores, model: PotentialModel) -> Summary:
    """The figures of the usable accounts."""
    frame = facts.table.frame
    usable = frame["usable"].to_numpy()
    potential = scores.potential[usable]
    ordered = np.sort(potential)[::-1]
    total = float(potential.sum())
    tenth = float(ordered[: max(1, round(len(ordered) / 10))].sum()) if len(ordered) else 0.0
    was = rank = None
    if "potential" in frame.columns:
        before = frame["potential"].to_numpy(dtype=np.float64)[usable]
        was, rank = float(before.sum()), _rank(before, potential)
    spread = {"potential": _spread(potential)}
    for part, terms in scores.terms.items():
        if part == "new_business":
            spread |= {term.name: _spread(term.value[usable]) for term in terms}
        else:
            spread[part] = _spread(scores.parts[part][usable])
    return Summary(
        model.name, int(usable.sum()), total, tenth / total if total else 0.0, was, rank, spread,
        _warnings(facts, scores, model),
    )  # fmt: skip


def _spread(values: Float) -> Spread:
    if not len(values):
        return Spread(0.0, 0.0, 0.0)
    return Spread(*(float(q) for q in np.quantile(values, (0.1, 0.5, 0.9))))


def _rank(before: Float, potential: Float) -> float | None:
    from scipy.stats import spearmanr

    if len(before) < 2 or before.min() == before.max() or potential.min() == potential.max():
        return None
    return float(spearmanr(before, potential).statistic)


def _warnings(facts: Facts, scores: Scores, model: PotentialModel) -> tuple[str, ...]:
    """Columns that say nothing to the model: look-ups that meet no value of the file."""
    said = []
    lookups = [f for term in model.terms for f in term.factors if f.values]
    lookups += [c.factor for c in (model.fit.criteria if model.fit else ()) if c.factor.values]
    for factor in lookups:
        texts = facts.text(factor.column)
        unknown = {str(t) for t in texts if t and t not in factor.values}
        missed = sum(1 for text in texts if text in unknown)
        if missed:
            shown = ", ".join(sorted(unknown)[:3]) + (", …" if len(unknown) > 3 else "")
            said.append(
                f"{missed:,} accounts have a {factor.column} that the model does not list "
                f"({shown}); they count {factor.otherwise:g}."
            )
    if (scores.sd == 0.0).all():
        said.append("The model states no error; see [error] in docs/guide/potential.md.")
    return tuple(dict.fromkeys(said))
