"""A diagnosis as a whole, and as a document."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from sales.diagnose.attainment import Attained, attainment, competition
from sales.diagnose.blame import Blame, blame
from sales.diagnose.coverage import Coverage, coverage
from sales.diagnose.panel import Histories, Panel, make_panel
from sales.diagnose.verdicts import Rules

FORMAT: Final = "bailiwick-diagnosis/1"
_MOST_UNTOUCHED: Final = 200


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Everything that was found; `coverage` None without activities."""

    panel: Panel
    rules: Rules
    attained: tuple[Attained, ...]
    blame: Blame
    coverage: Coverage | None
    rep_names: Mapping[str, str]


def diagnose(
    accounts: pd.DataFrame,
    histories: Histories,
    rules: Rules | None = None,
    *,
    rep_names: Mapping[str, str] | None = None,
) -> Diagnosis:
    """Diagnose a team: `accounts` is the frame of an AccountTable. Raises InputError."""
    rules = rules or Rules()
    panel = make_panel(accounts, histories)
    attained = attainment(panel, histories.opportunities, histories.quotas)
    rivals = competition(panel, histories.opportunities)
    found = blame(panel, rules, rivals, rep_names)
    return Diagnosis(panel, rules, attained, found, coverage(panel, rules), rep_names or {})


def document(found: Diagnosis) -> dict[str, Any]:
    """The diagnosis in plain values; what is not known is null."""
    panel, covered = found.panel, found.coverage
    bookings = panel.rows
    judged = {j.territory: j for j in found.blame.judged}
    territories = []
    for line in found.attained:
        own = judged.get(line.territory)
        territories.append(asdict(line) | {"verdict": asdict(own) if own else None})
    whole: dict[str, Any] = {
        "format": FORMAT,
        "periods": list(panel.periods),
        "rules": asdict(found.rules),
        "summary": {
            "territories": len(found.attained),
            "reps": sum(e.kind == "rep" for e in found.blame.effects),
            "booked": float(bookings["booked"].sum()),
            "potential": float(bookings.drop_duplicates("key")["potential"].sum()),
            "verdicts": {
                v: sum(j.verdict == v for j in found.blame.judged)
                for v in ("rep", "territory", "both", "neither", "cannot tell yet")
            },
        },
        "territories": territories,
        "effects": [asdict(e) for e in found.blame.effects],
        "spread": dict(found.blame.spread),
        "learned": {n: {"effect": g, "error": s} for n, (g, s) in found.blame.learned.items()},
        "coverage": None if covered is None else {
            "untouched": {
                "accounts": len(covered.untouched),
                "potential": sum(u.potential for u in covered.untouched),
                "largest": [asdict(u) for u in covered.untouched[:_MOST_UNTOUCHED]],
            },
            "reps": [asdict(c) for c in covered.reps],
        },
        "notes": [*panel.notes, *found.blame.notes],
    }  # fmt: skip
    plain: dict[str, Any] = _plain(whole)
    return plain


def _plain(value: Any) -> Any:
    """Without NaN, which JSON has not."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
