"""Rules of engagement for the US team, its open deals, and contracts that grow."""

from datetime import date, timedelta
from random import Random

from scripts.samples.us import Account, Seller

DEALS = ("account_id", "rep_id", "opened", "close_date", "amount")
CONTRACTS = ("account_id", "as_of", "arr", "employees", "renewal_date")
OUTGROWN = ("account_id", "on", "measure", "value")
ARR, EMPLOYEES = 50_000, 1_500  # from which on a customer is an enterprise
CUSTOMERS = 300

RULES = """\
# Rules of engagement of the sample company; docs/guide/ownership.md explains each part.
format = "bailiwick-engagement/1"

# Who has an account: the first kind of claim that somebody has decides.
precedence = [
  "override", "named", "protected", "holdover", "opportunity", "parent", "segment", "geography",
  "incumbent",
]
# Between claims of one kind.
ties = ["last_win", "won", "crm_owner", "plan", "longest_held", "first_listed"]

[holdover]               # who had it keeps it for a quarter where a deal is open or just won
days = 90
pipeline = 10_000
won_within_days = 60

[opportunity]            # who works an open deal has the account until a month after its close
least = 25_000
grace_days = 30

[[segments]]
name = "field"
measure = "arr"
below = 50_000

[[segments]]
name = "enterprise"
measure = "arr"
least = 50_000
rep = "R108"

[[growth]]               # a customer who buys more moves when the contract is renewed
segment = "field"
into = "enterprise"
measure = "arr"
at = 50_000
then = "renewal"

[[growth]]               # one that grows itself is covered by both for half a year
segment = "field"
into = "enterprise"
measure = "employees"
at = 1_500
then = "joint"
days = 180
share = 0.5
"""


def deal_rows(accounts: list[Account], team: list[Seller]) -> list[list[str]]:
    """The open deals at the end of 2024: one in thirty is worked by a colleague."""
    rng = Random("deals")
    rows = []
    for account in accounts:
        if not account.pipeline:
            continue
        at = account.territory
        if rng.random() < 1 / 30:
            at = (at + rng.randint(1, 5)) % len(team)
        opened = date(2024, 7, 1) + timedelta(days=rng.randrange(180))
        closes = date(2025, 1, 15) + timedelta(days=rng.randrange(240))
        rows.append([
            account.account_id, team[at].rep_id, opened.isoformat(), closes.isoformat(),
            str(account.pipeline),
        ])  # fmt: skip
    return rows


def contract_rows(accounts: list[Account]) -> tuple[list[list[str]], list[list[str]]]:
    """Customers' contracts as of 2024, with 24 that grew: eight in contract value and eight in
    employees beyond the limit, and eight that stay below. And which ones outgrew it, and when."""
    rng = Random("contracts")
    small = [a for a in accounts if a.employees < 1_000 and a.potential < 300_000]
    picked = rng.sample(small, CUSTOMERS)
    rows, told = [], []
    for i, account in enumerate(picked):
        arr = min(round(account.potential * rng.uniform(0.05, 0.2), -2), 40_000)
        renewal = date(2024, 2, 1) + timedelta(days=rng.randrange(700))
        line = [str(int(arr)), str(account.employees), renewal.isoformat()]
        rows.append([account.account_id, "2024-01-01", *line])
        if i >= 24:
            continue
        on = date(2024, 4, 1) + timedelta(days=rng.randrange(420))
        kind = i % 3
        if kind == 0:
            line[0] = str(rng.randrange(ARR, 2 * ARR, 500))
            told.append([account.account_id, on.isoformat(), "arr", line[0]])
        elif kind == 1:
            line[1] = str(rng.randrange(EMPLOYEES, 2 * EMPLOYEES))
            told.append([account.account_id, on.isoformat(), "employees", line[1]])
        else:
            line[0] = str(ARR - 500)
        rows.append([account.account_id, on.isoformat(), *line])
    return sorted(rows), sorted(told)


def rules_file(accounts: list[Account]) -> bytes:
    """engagement.toml: the largest customers are named accounts, two others are protected."""
    large = sorted(accounts, key=lambda a: (-a.potential, a.account_id))
    text = RULES
    for account, rep in zip(large[:3], ("R101", "R108", "R105"), strict=True):
        text += (
            f'\n[[named]]\naccount = "{account.account_id}"\nrep = "{rep}"\n'
            'from = 2025-01-01\nreason = "key account"\n'
        )
    for account in large[3:5]:
        text += (
            f'\n[[protected]]\naccount = "{account.account_id}"\nuntil = 2025-07-01\n'
            'reason = "contract in negotiation"\n'
        )
    return text.encode()
