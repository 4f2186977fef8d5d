"""Deals decided in 2024, won and lost: the bookings beside what was lost, to whom and why.

An account is lost a deal in a half year with a chance that grows where the rep or the territory is
weak, and in weak territories more of the lost deals go to competitors.
"""

from datetime import timedelta
from random import Random

from scripts.samples.us import INCUMBENT, Account, Seller
from scripts.samples.year import HALVES, effects, rep_of

HEADER = ("account_id", "rep_id", "territory", "close_date", "stage", "amount", "lost_reason")
_OTHERWISE = ("price", "no decision", "timing", "no contact")


def opportunity_rows(
    accounts: list[Account], team: list[Seller], bookings: list[list[str]]
) -> list[list[str]]:
    """One row per deal decided, by day and account; the won ones are those of the bookings."""
    rng = Random("opportunities")
    planted = effects()
    rows = [[a, r, t, day, "Closed Won", amount, ""] for a, r, t, day, amount in bookings]
    for account in accounts:
        t = account.territory
        for half in (0, 1):
            rep = rep_of(t, half)
            weak = 1 / (planted.rep[rep] * planted.territory[t])
            chance, share, which, days, size = (rng.random() for _ in range(5))
            if chance > min(0.9, 0.5 * weak**0.8):
                continue
            rival = share < min(0.9, 0.3 * planted.territory[t] ** -1.5)
            reason = "competitor" if rival else _OTHERWISE[int(which * len(_OTHERWISE))]
            day = HALVES[half] + timedelta(days=int(days * 181))
            amount = max(1, round(account.potential * 0.12 * (0.3 + size)))
            rows.append([
                account.account_id, team[rep].rep_id, INCUMBENT[t][0], day.isoformat(),
                "Closed Lost", str(amount), reason,
            ])  # fmt: skip
    return sorted(rows, key=lambda row: (row[3], row[0], row[4], row[5]))
