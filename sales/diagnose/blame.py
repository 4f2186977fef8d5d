"""The rep or the territory: from the panel to effects with intervals and a verdict each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import t as student

from geo.arrays import Float, Int
from geo.errors import InputError
from sales.diagnose.covariates import Covariates, covariates
from sales.diagnose.effects import Cells, mean_spread, outlying, posterior
from sales.diagnose.expected import fit, varies_within
from sales.diagnose.panel import Panel
from sales.diagnose.told import Told, told
from sales.diagnose.verdicts import LEAST_TOLD, Effect, Rules, Verdict, discoveries, verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A territory with its rep of today.

    `product`: bookings over what accounts of that potential and attention bring, both effects
    together, with interval. `attention`: what the hours spent make of it against the average.
    """

    territory: str
    name: str
    rep: str
    booked: float
    expected: float
    product: float
    low: float
    high: float
    attention: float
    competition: float
    verdict: Verdict
    why: str


@dataclass(frozen=True, eq=False)
class Blame:
    """Effects by rep and by territory, the verdicts, and the spreads that were found.

    `spread`: standard deviations on the log scale of reps, territories, and of what is between.
    `learned`: name → (effect, error) of what the expectation was learned from.
    """

    effects: tuple[Effect, ...]
    judged: tuple[Judged, ...]
    spread: Mapping[str, float]
    learned: Mapping[str, tuple[float, float]]
    notes: tuple[str, ...]


def blame(
    panel: Panel,
    rules: Rules,
    competition: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
) -> Blame:
    """Effects of reps and territories; `competition`: territory → a figure that is high where
    competitors win much; `names`: rep → name.

    Raises InputError where fewer than two cells have bookings enough.
    """
    rows = panel.rows[panel.rows["rep"] != ""].reset_index(drop=True)
    rows, notes = _enough(rows, rules.least_deals)
    code, pairs = pd.factorize(pd.MultiIndex.from_frame(rows[["rep", "territory"]]), sort=True)
    reps, territories = (sorted(set(pairs.get_level_values(i))) for i in (0, 1))
    known, flat = _split(covariates(rows), code.astype(np.int64))
    fitted = fit(code.astype(np.int64), rows["base"].to_numpy(), known.x, rows["booked"].to_numpy())
    z = _standardised(competition, territories)
    cells = Cells(
        np.array([reps.index(r) for r, _ in pairs], dtype=np.int64),
        np.array([territories.index(t) for _, t in pairs], dtype=np.int64),
        fitted.effect, fitted.cov, len(reps), len(territories), z, flat,
    )  # fmt: skip
    today = _holders_today(panel, reps, territories)
    found = _Solved(cells, today, rules)
    effects = found.effects(reps, territories, names or {}, panel.names)
    by_id = {(e.kind, e.id): e for e in effects}
    attention = _attention(rows, known, fitted.gamma)
    level = math.exp(float(np.average(fitted.effect, weights=1 / np.diag(fitted.cov))))
    sums = pd.DataFrame({
        "territory": rows["territory"], "rep": rows["rep"], "booked": rows["booked"],
        "expected": fitted.expected * level,
    }).groupby(["territory", "rep"]).sum()  # fmt: skip
    judged = []
    for i, (r, t) in enumerate(today):
        rep, territory = reps[r], territories[t]
        of_rep, of_territory = by_id["rep", rep], by_id["territory", territory]
        said = verdict(of_rep, of_territory, rules)
        here = sums.loc[(territory, rep)] if (territory, rep) in sums.index else None
        judged.append(Judged(
            territory, panel.names.get(territory, territory), rep,
            float(here["booked"]) if here is not None else 0.0,
            float(here["expected"]) if here is not None else 0.0,
            *found.product(i), attention.get((territory, rep), 1.0),
            math.exp(float(z[t] @ found.beta)) if z.shape[1] else 1.0,
            said, _why(said, of_rep, of_territory),
        ))  # fmt: skip
    spread = dict(zip(("rep", "territory", "pair"), found.spread.tolist(), strict=True))
    learned = {
        name: (float(g), float(s))
        for name, g, s in zip(known.names, fitted.gamma, fitted.gamma_sd, strict=True)
    }
    return Blame(effects, tuple(judged), spread, learned, tuple(notes))


def _freed(cells: Cells, rules: Rules) -> Cells:
    """Free the effects, one after the other, that the spread of their peers does not allow for.

    Pooling would draw a single bad rep among equals so far to the mean that nobody saw them. Half
    of `alpha` is spent on this, Bonferroni's bound for all that could be freed.
    """
    many = cells.reps + cells.territories
    size = -math.log1p(-rules.matters)
    firm = size**2 / (size**2 + told(cells, 0.0).sd ** 2) >= LEAST_TOLD
    if not firm.any():
        return cells
    share = rules.alpha / rules.looks / 4 / firm.sum()
    kinds = np.repeat([cells.reps, cells.territories], [cells.reps, cells.territories])
    limit = student.isf(share, np.maximum(kinds - 2, 2))
    while len(cells.free) < max(1, many // 10):
        z = np.where(firm, np.abs(outlying(cells, mean_spread(cells))[:many]), 0.0)
        z[list(cells.free)] = 0.0
        at = int(z.argmax())
        apart = replace(cells, free=(*cells.free, at))
        # against the spread of the others alone, which an outlier would widen
        if abs(outlying(cells, mean_spread(apart))[at]) < limit[at]:
            break
        cells = apart
    return cells


class _Solved:
    """The posterior of all contrasts that are asked for, and what the data alone tell."""

    def __init__(self, cells: Cells, today: list[tuple[int, int]], rules: Rules) -> None:
        self.cells, self.rules = cells, rules
        many, q = cells.reps + cells.territories, cells.z.shape[1]
        plain = np.zeros((many, many + q))
        plain[:, :many] = np.eye(many)
        plain[: cells.reps, : cells.reps] -= 1 / cells.reps  # factors of geometric mean 1
        plain[cells.reps :, cells.reps : many] -= 1 / cells.territories
        plain[cells.reps :, many:] = cells.z  # a territory's effect has its competition in it
        cells = self.cells = _freed(cells, rules)
        first = told(cells, 0.0)
        first.contrast[cells.reps :, many:] = (
            first.contrast[cells.reps :, cells.reps : many] @ cells.z
        )
        products = np.array([plain[r] + plain[cells.reps + t] for r, t in today])
        betas = np.hstack([np.zeros((q, many)), np.eye(q)])
        found = posterior(cells, np.vstack([plain, first.contrast, products, betas]))
        self.many, self.spread = many, found.spreads()
        self.told: Told = told(cells, float(self.spread[2]))
        self.centre = found.centre()
        tail = (1 - rules.level) / 2
        self.low, self.high = found.quantile(tail), found.quantile(1 - tail)
        below = found.below(0.0)
        both = 2 * np.minimum(below, 1 - below)
        # what the split by the prior says counts only where changes of hands say so too
        same = self.centre[:many] * self.centre[many : 2 * many] > 0
        self.backed = same & (both[many : 2 * many] <= 2 * rules.alpha)
        self.p = both[:many]
        self.beta = self.centre[2 * many + len(today) :]

    def product(self, at: int) -> tuple[float, float, float]:
        """Both effects of a pair of today, with interval."""
        return self.factor(2 * self.many + at)

    def factor(self, i: int) -> tuple[float, float, float]:
        """A contrast as a factor, with interval."""
        return math.exp(self.centre[i]), math.exp(self.low[i]), math.exp(self.high[i])

    def effects(
        self, reps: list[str], territories: list[str],
        rep_names: Mapping[str, str], territory_names: Mapping[str, str],
    ) -> tuple[Effect, ...]:  # fmt: skip
        """Each effect with its interval and whether it stands out."""
        size = -math.log1p(-self.rules.matters)
        share = size**2 / (size**2 + self.told.sd**2)
        testable = share >= LEAST_TOLD
        p = np.where(self.backed, self.p, 1.0)
        named = discoveries(p, testable, self.rules.alpha / self.rules.looks)
        found = []
        for i in range(self.many):
            of_rep = i < len(reps)
            key = reps[i] if of_rep else territories[i - len(reps)]
            found.append(Effect(
                "rep" if of_rep else "territory", key,
                (rep_names if of_rep else territory_names).get(key, key),
                *self.factor(i),
                float(self.p[i]), float(share[i]), int(self.told.peers[i]), bool(named[i]),
                _standing(of_rep, bool(named[i]), float(share[i]), int(self.told.peers[i])),
            ))  # fmt: skip
        return tuple(found)


def _standing(of_rep: bool, named: bool, share: float, peers: int) -> str:
    if peers < 2:
        return (
            "worked no territory that another rep worked too" if of_rep
            else "was held by one rep, who held no other territory"
        )  # fmt: skip
    if share < LEAST_TOLD:
        return "changed hands too little for an effect that matters to show"
    return "stands out" if named else "does not stand out"


def _why(said: Verdict, rep: Effect, territory: Effect) -> str:
    def size(effect: Effect) -> str:
        return f"{effect.factor - 1:+.0%} ({effect.low - 1:+.0%} to {effect.high - 1:+.0%})"

    if said == "both":
        return f"rep {size(rep)} and territory {size(territory)} both stand out"
    if said in ("rep", "territory"):
        one = rep if said == "rep" else territory
        return f"{said} {size(one)} stands out among {one.peers} compared"
    if said == "neither":
        return "neither effect is as large as matters"
    for effect in (rep, territory):
        if effect.told < LEAST_TOLD:
            return f"the {effect.kind} {effect.why}"
    return "the intervals still hold effects that would matter"


def _enough(rows: pd.DataFrame, least: int) -> tuple[pd.DataFrame, list[str]]:
    """The rows of cells with deals enough."""
    deals = rows.groupby(["rep", "territory"])["deals"].transform("sum")
    pairs = rows.groupby(["rep", "territory"])["deals"].sum()
    few = pairs[pairs < least]
    if len(pairs) - len(few) < 2:
        raise InputError(
            f"fewer than two reps have {least} deals in a territory",
            hint="Give bookings of a longer time, or set --least-deals lower.",
        )
    notes = []
    if len(few):
        named = ", ".join(f"{r} in {t}" for r, t in few.index[:5])
        notes.append(f"left out for fewer than {least} deals: {named}" + (
            f" and {len(few) - 5} more" if len(few) > 5 else ""
        ))  # fmt: skip
    return rows[deals >= least].reset_index(drop=True), notes


def _split(known: Covariates, code: Int) -> tuple[Covariates, Float]:
    """The columns that differ within cells; a constant beside the cells' means of the others."""
    n = int(code.max()) + 1
    within = varies_within(code, known.x) if known.x.shape[1] else np.zeros(0, dtype=bool)
    many = np.bincount(code, minlength=n)
    means = [np.bincount(code, column, n) / many for column in known.x[:, ~within].T]
    flat = np.ones((n, 1))
    for mean in means:  # none that the ones before span already
        wider = np.column_stack([flat, mean])
        if np.linalg.matrix_rank(wider) == wider.shape[1] < n - 1:
            flat = wider
    kept = tuple(name for name, w in zip(known.names, within, strict=True) if w)
    return Covariates(known.x[:, within], kept, known.attention[within]), flat


def _standardised(figure: Mapping[str, float] | None, territories: list[str]) -> Float:
    if not figure:
        return np.zeros((len(territories), 0))
    values = np.array([figure.get(t, np.nan) for t in territories], dtype=np.float64)
    values = np.where(np.isnan(values), np.nanmean(values), values)
    spread = values.std()
    if spread < 1e-12:
        return np.zeros((len(territories), 0))
    scaled: Float = ((values - values.mean()) / spread)[:, None]
    return scaled


def _holders_today(panel: Panel, reps: list[str], territories: list[str]) -> list[tuple[int, int]]:
    """The rep who holds most of each territory today, by the alignment, else by the last period."""
    latest = panel.rows[panel.rows["period"] == panel.periods[-1]]
    found = []
    for t, territory in enumerate(territories):
        here = panel.today[panel.today["territory"] == territory]["rep"]
        counted = here[here.isin(reps)].value_counts()
        if counted.empty:
            counted = latest[latest["territory"] == territory]["rep"].value_counts()
        counted = (
            counted[counted.index.isin(reps)]
            .sort_index()
            .sort_values(ascending=False, kind="stable")
        )
        if len(counted):
            found.append((reps.index(str(counted.index[0])), t))
    return found


def _attention(rows: pd.DataFrame, known: Covariates, gamma: Float) -> dict[tuple[str, str], float]:
    """What the hours spent make of each cell's expectation, 1 on average."""
    part = known.attention
    if not part.any():
        return {}
    factor = np.exp(known.x[:, part] @ gamma[part])
    base = rows["base"].to_numpy()
    factor = factor / np.average(factor, weights=base)
    frame = pd.DataFrame({"t": rows["territory"], "r": rows["rep"], "b": base, "f": base * factor})
    sums = frame.groupby(["t", "r"]).sum()
    return dict((sums["f"] / sums["b"]).items())  # type: ignore[arg-type]
