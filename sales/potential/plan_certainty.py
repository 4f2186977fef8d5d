"""The uncertain accounts of a plan: its assignments beside a file of scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.arrays import Float, Int
from geo.errors import InputError, MissingColumnError, OptionError
from sales.accounts.types import AccountTable
from sales.plan import PlanBundle
from sales.potential.certainty import DRAWS, Certainty, Uncertain, certainty
from sales.potential.facts import Facts
from sales.potential.model import SharedError
from sales.potential.table import SD


def plan_certainty(
    bundle: PlanBundle,
    scores: AccountTable,
    shared: Sequence[SharedError] = (),
    *,
    tolerance: float | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Certainty:
    """How certain the balance of a plan's potential is.

    `scores` is a file as `score` writes it, with `potential` and `potential_sd`. Without a
    `tolerance` the plan's own counts. Raises MissingColumnError, InputError and OptionError.
    """
    facts = Facts(scores)
    for column in ("potential", SD):
        if column not in facts.names():
            raise MissingColumnError(
                f"{scores.source} has no column {column}",
                hint="Score the accounts with a model that states [error]: bailiwick score.",
            )
    territories = bundle.document["territories"]
    ids = [str(t["id"]) for t in territories]
    place = {territory: at for at, territory in enumerate(ids)}
    rows, labels = _matched(bundle, scores, place)
    groups = [_groups(facts, error.column)[rows] for error in shared]
    accounts = Uncertain(
        facts.number("potential")[rows],
        np.nan_to_num(facts.number(SD)[rows]),
        labels,
        np.stack(groups, axis=1) if groups else np.empty((len(rows), 0), dtype=np.int64),
        np.array([error.sd for error in shared], dtype=np.float64),
    )
    return certainty(
        accounts, ids, _shares(territories), _tolerance(bundle, tolerance), draws=draws, seed=seed
    )


def _matched(bundle: PlanBundle, scores: AccountTable, place: dict[str, int]) -> tuple[Int, Int]:
    """Rows of `scores` of the plan's accounts, and their territories."""
    usable = scores.frame["usable"].to_numpy()
    row = pd.Series(np.flatnonzero(usable), index=scores.frame["account_id"].to_numpy()[usable])
    assigned = bundle.assignments[bundle.assignments["territory_id"] != ""]
    found = row.reindex(assigned["account_id"].to_numpy())
    missing = int(found.isna().sum())
    if missing or not len(found):
        which = "" if not missing else f", such as {found.index[found.isna()][0]}"
        raise InputError(
            f"{missing:,} of {len(found):,} assigned accounts have no score in "
            f"{scores.source}{which}",
            hint="Score the file that the plan was designed with.",
        )
    labels = np.array([place[str(t)] for t in assigned["territory_id"]], dtype=np.int64)
    return found.to_numpy().astype(np.int64), labels


def _groups(facts: Facts, column: str) -> Int:
    texts, at = np.unique(facts.text(column).astype(str), return_inverse=True)
    return np.where(texts[at] == "", -1, at).astype(np.int64)


def _shares(territories: Sequence[dict[str, object]]) -> Float:
    target = np.array([float(str(t["target"])) for t in territories])
    return np.asarray(target / target.sum(), dtype=np.float64)


def _tolerance(bundle: PlanBundle, given: float | None) -> float:
    if given is not None:
        if given > 0.0:
            return given
        raise OptionError(f"a tolerance of {given:g} is not above 0", hint="Give 0.05 for 5 %.")
    found = bundle.document.get("tolerance") or {}
    own = found.get("potential")
    if own is None:
        raise OptionError(
            "the plan does not balance the potential", hint="Give --tolerance, such as 0.1."
        )
    return float(own)
