"""The account file with its scores: every column of the user, the potential in its place."""

import io
from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import Float
from sales.accounts.types import AccountTable
from sales.potential.model import PotentialModel
from sales.potential.outcome import outcome_interval
from sales.potential.score import Scores

SD: Final = "potential_sd"
_BEFORE: Final = "given_potential"


def score_table(table: AccountTable, scores: Scores, model: PotentialModel) -> pd.DataFrame:
    """One row per account: what the score adds to what is known of it.

    `potential`, `potential_sd`, `score_<term>` for each term, `fit` where there is a profile, and
    `year_low`, `year_high`: 80 % of the years bring an amount between them, where the model says
    how sales scatter. Accounts that cannot be used have blanks.
    """
    usable = table.frame["usable"].to_numpy()
    columns: dict[str, Float] = {"potential": scores.potential, SD: scores.sd}
    for part, terms in scores.terms.items():
        if part == "new_business":
            columns |= {f"score_{term.name}": term.value for term in terms}
        else:
            columns[f"score_{part}"] = scores.parts[part]
    if scores.fit is not None:
        columns["fit"] = scores.fit
    if model.outcome_spread is not None and "new_business" in scores.parts:
        chance = scores.chance()
        new = scores.parts["new_business"]
        deal = np.divide(new, chance, out=np.zeros_like(new), where=chance > 0.0)
        low, high = outcome_interval(chance, deal, model.outcome_spread)
        other = scores.potential - new
        columns |= {"year_low": low + other, "year_high": high + other}
    frame = pd.DataFrame(columns)
    money = [c for c in frame.columns if c not in {*_fractions(scores), "fit"}]
    frame[money] = frame[money].round(2)
    frame[[c for c in frame.columns if c not in money]] = frame.drop(columns=money).round(6)
    return frame.where(pd.Series(usable))


def scored_csv(table: AccountTable, scored: pd.DataFrame) -> bytes:
    """The file to design with: the user's columns, then the score's.

    A potential that the file had is kept as `given_potential`. Rows that cannot be used (sums,
    an id for the second time) are left out.
    """
    frame = table.frame
    header = {name: table.columns.get(name, name) for name in frame.columns}
    skip = {"row", "usable", "potential", *scored.columns}
    known = [
        c for c in frame.columns if c not in skip and (c in table.columns or _has_values(frame[c]))
    ]
    kept = frame[known].rename(columns=header)
    if "account_id" not in table.columns:
        kept = kept.rename(columns={header["account_id"]: "account_id"})
    parts = [kept, table.attributes.loc[:, [c for c in table.attributes if c not in kept]]]
    if "potential" in frame.columns:
        parts.append(frame[["potential"]].rename(columns={"potential": _BEFORE}))
    parts.append(scored)
    whole = pd.concat(parts, axis=1)
    usable = frame["usable"].to_numpy()
    text = io.StringIO()
    whole[usable].to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode("utf-8", "surrogatepass")


def _has_values(column: pd.Series) -> bool:
    if column.dtype.kind in "fi":
        return bool(column.notna().any())
    return bool((column != "").any())


def _fractions(scores: Scores) -> set[str]:
    terms = scores.terms.get("new_business", ())
    return {f"score_{term.name}" for term in terms if term.name != "deal"}
