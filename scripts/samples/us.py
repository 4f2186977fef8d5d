"""The US market: clean accounts, first of all, and the people who sell to them."""

import math
from dataclasses import dataclass
from random import Random

from scripts.samples import names
from scripts.samples.places import Place, us_place, zip_of

BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ACCOUNTS = 5000
LARGEST_POTENTIAL = 1_400_000.0  # about a seventh of what one of 40 territories is worth

# Industry: share of accounts, median employees, revenue per employee, our share of revenue.
INDUSTRIES = {
    "Manufacturing": (0.17, 60, 210_000, 0.0036), "Healthcare": (0.13, 45, 120_000, 0.0050),
    "Technology": (0.12, 40, 240_000, 0.0060), "Retail": (0.12, 30, 160_000, 0.0022),
    "Construction": (0.10, 28, 190_000, 0.0028), "Education": (0.06, 55, 80_000, 0.0040),
    "Banking": (0.06, 70, 260_000, 0.0048), "Transportation": (0.08, 48, 170_000, 0.0030),
    "Hospitality": (0.06, 40, 75_000, 0.0024), "Agriculture": (0.03, 18, 180_000, 0.0020),
    "Energy": (0.03, 65, 420_000, 0.0030), "Food & Beverage": (0.04, 50, 200_000, 0.0026),
}  # fmt: skip

# Today's territories, as grown over the years: states, and big states by the customer's initial.
INCUMBENT = (
    ("California A-D", "CA", "AD", "Los Angeles"), ("California E-K", "CA", "EK", "San Jose"),
    ("California L-R", "CA", "LR", "San Diego"), ("California S-Z", "CA", "SZ", "Sacramento"),
    ("Texas A-G", "TX", "AG", "Dallas"), ("Texas H-P", "TX", "HP", "Houston"),
    ("Texas Q-Z", "TX", "QZ", "Austin"), ("New York A-G", "NY", "AG", "New York"),
    ("New York H-P", "NY", "HP", "Brooklyn"), ("New York Q-Z", "NY", "QZ", "Buffalo"),
    ("Florida A-G", "FL", "AG", "Miami"), ("Florida H-P", "FL", "HP", "Orlando"),
    ("Florida Q-Z", "FL", "QZ", "Jacksonville"), ("Illinois A-K", "IL", "AK", "Chicago"),
    ("Illinois L-Z", "IL", "LZ", "Naperville"), ("Pennsylvania", "PA", "AZ", "Philadelphia"),
    ("Ohio", "OH", "AZ", "Columbus"), ("Georgia", "GA", "AZ", "Atlanta"),
    ("North Carolina", "NC", "AZ", "Charlotte"), ("New Jersey", "NJ", "AZ", "Newark"),
    ("Michigan", "MI", "AZ", "Detroit"), ("Virginia", "VA", "AZ", "Richmond"),
    ("Washington", "WA", "AZ", "Seattle"), ("Massachusetts", "MA", "AZ", "Boston"),
    ("Arizona", "AZ", "AZ", "Phoenix"), ("Colorado", "CO", "AZ", "Denver"),
    ("Tennessee Kentucky", "TN KY", "AZ", "Nashville"), ("Indiana", "IN", "AZ", "Indianapolis"),
    ("Missouri Kansas", "MO KS", "AZ", "Kansas City"),
    ("Capital", "MD DC DE WV", "AZ", "Baltimore"), ("Wisconsin", "WI", "AZ", "Milwaukee"),
    ("Northern Plains", "MN ND SD", "AZ", "Minneapolis"),
    ("Alabama Mississippi", "AL MS", "AZ", "Birmingham"),
    ("Louisiana Arkansas", "LA AR", "AZ", "New Orleans"),
    ("South Carolina", "SC", "AZ", "Columbia"), ("Oregon Idaho", "OR ID", "AZ", "Portland"),
    ("Oklahoma Nebraska Iowa", "OK NE IA", "AZ", "Tulsa"),
    ("Connecticut Rhode Island", "CT RI", "AZ", "Hartford"),
    ("Northern New England", "ME NH VT", "AZ", "Portland"),
    ("West and Pacific", "UT NV NM MT WY AK HI", "AZ", "Salt Lake City"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """One company as it truly is; `territory` is the position in INCUMBENT and of its rep."""

    account_id: str
    name: str
    industry: str
    street: str
    place: Place
    revenue: int
    employees: int
    potential: int
    pipeline: int
    parent: str
    territory: int


@dataclass(frozen=True, slots=True)
class Seller:
    """A rep of the sample."""

    rep_id: str
    name: str
    capacity: float
    home: Place


def salesforce_id(number: int) -> str:
    """The 18-character id of the account of that number."""
    tail = ""
    for _ in range(5):
        number, digit = divmod(number, 62)
        tail = BASE62[digit] + tail
    return guarded("0015e00000" + tail)


def guarded(fifteen: str) -> str:
    """A case-sensitive id of 15 characters and the three that guard its case."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    guards = (
        sum(1 << i for i, c in enumerate(fifteen[start : start + 5]) if c.isupper())
        for start in (0, 5, 10)
    )
    return fifteen + "".join(letters[guard] for guard in guards)


def sellers() -> list[Seller]:
    """Forty reps, each living in the main city of the territory that they hold today."""
    rng = Random("sellers")
    shares = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 1.2, 1.0, 0.5)
    team = []
    for i, (name, (_, states, _, city)) in enumerate(zip(names.REPS, INCUMBENT, strict=True)):
        home = zip_of(city, states.split()[0])
        team.append(Seller(f"R{101 + i}", name, shares[rng.randrange(len(shares))], home))
    return team


def incumbent_territory(state: str, name: str) -> int:
    """The position in INCUMBENT of a company's territory by state and initial."""
    initial = next((c for c in name.upper() if "A" <= c <= "Z"), "Z")
    for i, (_, states, initials, _) in enumerate(INCUMBENT):
        if state in states.split() and initials[0] <= initial <= initials[1]:
            return i
    raise ValueError(f"no territory holds {state} {initial}")


def _economics(rng: Random, industry: str) -> tuple[int, int, int]:
    """Employees, revenue, and potential in US$ a year: log-normal each, the last tied to both."""
    _, median, per_head, share = INDUSTRIES[industry]
    employees = max(2, round(median * math.exp(rng.gauss(0.0, 1.25))))
    revenue = employees * per_head * math.exp(rng.gauss(0.0, 0.45))
    wanted = share * revenue * (revenue / 8e6) ** -0.12 * math.exp(rng.gauss(0.0, 0.5))
    potential = min(max(wanted, 800.0), LARGEST_POTENTIAL)
    return employees, int(round(revenue, -3)), int(round(potential, -2))


def clean_accounts() -> list[Account]:
    """The whole market before a CRM had its way with it; one in twelve is a branch of another."""
    rng = Random("accounts")
    kinds, weights = list(INDUSTRIES), [v[0] for v in INDUSTRIES.values()]
    odd = dict(zip(rng.sample(range(ACCOUNTS), len(names.ODD_NAMES)), names.ODD_NAMES, strict=True))
    accounts: list[Account] = []
    heads: list[Account] = []
    taken: set[str] = set()
    number = 3_100_000
    for i in range(ACCOUNTS):
        number += rng.randint(1, 90)
        place = us_place(rng)
        industry = rng.choices(kinds, weights)[0]
        parent = ""
        name = odd.get(i, "")
        if not name and heads and rng.random() < 0.08:
            head = rng.choice(heads)
            industry, parent = head.industry, head.account_id
            name = f"{head.name} - {place.city}"
        while not name or name in taken:
            name, parent = names.company(rng, industry), ""
        taken.add(name)
        employees, revenue, potential = _economics(rng, industry)
        pipeline = round(potential * rng.uniform(0.05, 0.5), -2) if rng.random() < 0.35 else 0
        account = Account(
            salesforce_id(number), name, industry, names.street(rng), place, revenue, employees,
            potential, int(pipeline), parent, incumbent_territory(place.state, name),
        )  # fmt: skip
        accounts.append(account)
        if employees > 150 and rng.random() < 0.25 and i not in odd and not parent:
            heads.append(account)
    return accounts
