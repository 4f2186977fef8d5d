"""A year of selling: who called on whom, and what came of it, with effects planted to be found.

Bookings of account a by rep r in territory t over half a year are expected to be

    potential(a)/2 x 0.12 x rep_effect(r) x territory_effect(t) x attention(a)

`attention` runs from 0.35 (never called on) to 1 (as many hours as the account needs).
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from scripts.samples.places import km
from scripts.samples.us import INCUMBENT, Account, Seller

PENETRATION = 0.12
HOURS = 620.0  # selling hours of a full-time rep in half a year
NOISE = 0.5  # shape of the log-normal noise of a deal
ROTATION = tuple(range(0, 40, 2))  # territories that changed hands on 1 July 2024, in a ring
HALVES = (date(2024, 1, 1), date(2024, 7, 1))


@dataclass(frozen=True, slots=True)
class Effects:
    """What was planted: factors by rep and by territory, each of geometric mean 1."""

    rep: tuple[float, ...]
    territory: tuple[float, ...]


def effects() -> Effects:
    """Reps differ by a factor with log-deviation 0.30, territories with 0.25."""
    rng = Random("effects")
    drawn = []
    for spread in (0.30, 0.25):
        logs = [rng.gauss(0.0, spread) for _ in INCUMBENT]
        mean = sum(logs) / len(logs)
        drawn.append(tuple(round(math.exp(v - mean), 3) for v in logs))
    return Effects(drawn[0], drawn[1])


def rep_of(territory: int, half: int) -> int:
    """Who worked a territory: today's rep in the second half, the ring's next one in the first."""
    if half == 1 or territory not in ROTATION:
        return territory
    return ROTATION[(ROTATION.index(territory) + 1) % len(ROTATION)]


def needed_hours(potential: float) -> float:
    """Selling hours that half a year of an account asks for."""
    return 2.0 + 9.0 * math.sqrt(potential / 50_000)


def attention(hours: float, potential: float) -> float:
    """How much of an account's chances are taken, 0.35 to 1."""
    return 0.35 + 0.65 * min(1.0, hours / needed_hours(potential))


def worked_hours(accounts: list[Account], team: list[Seller]) -> list[tuple[float, float]]:
    """Hours spent on each account in each half: by need, by nearness to home, and by habit."""
    rng = Random("hours")
    habit = [rng.gauss(0.0, 0.7) for _ in accounts]
    halves = []
    for half in (0, 1):
        wish = []
        available = [HOURS * team[rep_of(t, half)].capacity for t in range(len(team))]
        total = [0.0] * len(team)
        for account, taste in zip(accounts, habit, strict=True):
            home = team[rep_of(account.territory, half)].home
            away = km(home.lat, home.lng, account.place.lat, account.place.lng)
            near = 0.25 + math.exp(-min(away, 3000.0) / 300)
            hours = needed_hours(account.potential) * near * math.exp(taste)
            wish.append(hours)
            total[account.territory] += hours
        halves.append([
            min(1.3 * needed_hours(a.potential), w * available[a.territory] / total[a.territory])
            for a, w in zip(accounts, wish, strict=True)
        ])  # fmt: skip
    return [(round(h1, 1), round(h2, 1)) for h1, h2 in zip(*halves, strict=True)]


def activity_rows(
    accounts: list[Account], team: list[Seller], hours: list[tuple[float, float]]
) -> list[list[str]]:
    """account_id, half, rep_id, hours, visits, calls, emails; rows with no hour are left out."""
    rng = Random("activities")
    rows = []
    for account, both in zip(accounts, hours, strict=True):
        for half, spent in enumerate(both):
            if spent < 0.5:
                continue
            visits = int(spent / rng.uniform(4.0, 9.0))
            calls = int(max(0.0, spent - 2.5 * visits) / rng.uniform(0.5, 1.2))
            rep = team[rep_of(account.territory, half)].rep_id
            counts = (visits, calls, int(calls * rng.uniform(0.5, 2.5)) + 1)
            period = f"2024-H{half + 1}"
            rows.append([account.account_id, period, rep, f"{spent:.1f}", *map(str, counts)])
    return rows


def last_activities(accounts: list[Account], hours: list[tuple[float, float]]) -> dict[str, date]:
    """The day of the last contact, for accounts that had any."""
    rng = Random("last")
    last = {}
    for account, both in zip(accounts, hours, strict=True):
        half = 1 if both[1] >= 0.5 else 0
        if both[half] >= 0.5:
            gap = rng.randrange(int(max(8.0, 180 / math.sqrt(1 + both[half]))))
            last[account.account_id] = HALVES[half] + timedelta(days=181 - gap)
    return last


def booking_rows(
    accounts: list[Account], team: list[Seller], hours: list[tuple[float, float]]
) -> list[list[str]]:
    """account_id, rep_id, territory, close_date, amount: one row per deal won in 2024."""
    rng = Random("bookings")
    planted = effects()
    deals = []
    for account, both in zip(accounts, hours, strict=True):
        for half, spent in enumerate(both):
            rep = rep_of(account.territory, half)
            expected = account.potential / 2 * PENETRATION * attention(spent, account.potential)
            expected *= planted.rep[rep] * planted.territory[account.territory]
            chance = 0.97 - 0.62 * math.exp(-account.potential / 60_000)
            if rng.random() > chance:
                continue
            amount = expected / chance * math.exp(rng.gauss(-(NOISE**2) / 2, NOISE))
            day = HALVES[half] + timedelta(days=rng.randrange(181))
            if round(amount) > 0:
                deals.append((day, account.account_id, rep, account.territory, round(amount)))
    return [
        [account_id, team[rep].rep_id, INCUMBENT[territory][0], day.isoformat(), str(amount)]
        for day, account_id, rep, territory, amount in sorted(deals)
    ]
