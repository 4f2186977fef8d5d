"""A plan by postal code: what any CRM can use without code, and how exact that is."""

from collections import defaultdict
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from geo.formats.files import replacing
from geo.formats.text import spreadsheet_safe
from geo.geocode.us_zip_table import zips
from sales.lookup import Lookup, make_lookup
from sales.packs.pack import reps_of, table
from sales.plan import PlanBundle

COLUMNS: Final = (
    "postal_code", "country", "territory_id", "territory", "rep", "rep_name", "accounts",
    "potential", "purity", "purity_accounts", "split", "rank", "basis",
)  # fmt: skip


class Share(NamedTuple):
    """A postal code's part in one territory; `rank` 1 has the most of the code.

    `purity` is the share of the code's potential, `purity_accounts` that of its accounts; `basis`
    is `accounts`, or `centroid` for a ZIP code without accounts, which has neither.
    """

    country: str
    code: str
    territory: str
    accounts: int
    potential: float
    purity: float | None
    purity_accounts: float | None
    split: bool
    rank: int
    basis: str


def shares(bundle: PlanBundle) -> list[Share]:
    """Every postal code with its territories, by country, code and rank.

    Codes come from the accounts; besides, ZIP codes without any whose middle lies in a territory.
    """
    found = _of_accounts(bundle)
    known = {share.code for share in found if share.country == "US"}
    every = found + _of_centroids(make_lookup(bundle), known)
    return sorted(every, key=lambda s: (s.country, s.code, s.rank))


def write_postal(bundle: PlanBundle, path: Path) -> None:
    """Write the table as CSV; names in it are no formulas to a spreadsheet, ids and codes stay."""
    territory = {str(t["id"]): t for t in bundle.document["territories"]}
    names = reps_of(bundle)
    rows = []
    for s in shares(bundle):
        t = territory[s.territory]
        rep = str(t["rep"] or "")
        rep_name = str(t.get("rep_name") or names.get(rep, ""))
        rows.append(
            (
                s.code, s.country, s.territory, spreadsheet_safe(str(t["name"] or "")), rep,
                spreadsheet_safe(rep_name), s.accounts, _number(s.potential), _number(s.purity),
                _number(s.purity_accounts), "yes" if s.split else "no", s.rank, s.basis,
            )
        )  # fmt: skip
    with replacing(path) as target:
        target.write_bytes(table(COLUMNS, rows))


def _of_accounts(bundle: PlanBundle) -> list[Share]:
    if bundle.postcodes is None:
        return []
    there = {str(t["id"]) for t in bundle.document["territories"]}
    count: defaultdict[tuple[str, str], defaultdict[str, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    weight: defaultdict[tuple[str, str], defaultdict[str, float]] = defaultdict(
        lambda: defaultdict(float)
    )
    columns = (bundle.postcodes[c].tolist() for c in ("country", "postal_code", "weight"))
    for country, code, value, territory in zip(
        *columns, bundle.assignments["territory_id"].tolist(), strict=True
    ):
        if code and territory in there:
            count[country, code][territory] += 1
            weight[country, code][territory] += value
    found = []
    for (country, code), counts in count.items():
        weights = weight[country, code]
        accounts, potential = sum(counts.values()), sum(weights.values())
        order = sorted(counts, key=lambda t: (-weights[t], -counts[t], t))
        for rank, territory in enumerate(order, 1):
            by_count = counts[territory] / accounts
            by_weight = weights[territory] / potential if potential > 0 else by_count
            found.append(
                Share(
                    country, code, territory, counts[territory], round(weights[territory], 6),
                    round(by_weight, 6), round(by_count, 6), len(order) > 1, rank, "accounts",
                )
            )  # fmt: skip
    return found


def _of_centroids(lookup: Lookup, known: set[str]) -> list[Share]:
    others = [entry for entry in zips().values() if entry.code not in known]
    lat, lng = np.array([e.lat for e in others]), np.array([e.lng for e in others])
    owner, _ = lookup.territories_at(lat, lng)
    return [
        Share("US", e.code, lookup.ids[o], 0, 0.0, None, None, False, 1, "centroid")
        for e, o in zip(others, owner.tolist(), strict=True)
        if o >= 0
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
