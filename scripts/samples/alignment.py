"""Today's alignment as the spreadsheet has it: mostly right, with orphans and overlaps."""

from random import Random

from scripts.samples.us import INCUMBENT, Account, Seller
from scripts.samples.us_export import Flaw

HEADER = ("account_id", "account_name", "territory_id", "territory", "rep_id", "rep")


def alignment_rows(
    accounts: list[Account], team: list[Seller]
) -> tuple[list[list[str]], list[Flaw]]:
    """One row per claim on an account, and what is wrong with which."""
    rng = Random("alignment")
    rows = [_claim(a, a.territory, team) for a in accounts]
    told: list[tuple[list[str], str]] = []
    picked = rng.sample(range(len(accounts)), 28)
    for i in picked[:9]:
        rows[i][2:] = ["", "", "", ""]
        told.append((rows[i], "orphan"))
    for i in picked[9:14]:
        rows[i][4:] = ["R087", "Gerald Mossgrave"]
        told.append((rows[i], "rep_left"))
    for i in picked[14:22]:
        other = (accounts[i].territory + rng.randint(1, 5)) % len(team)
        rows.append(_claim(accounts[i], other, team))
        told.append((rows[-1], "overlap"))
    missing = {accounts[i].account_id for i in picked[22:]}
    kept = [row for row in rows if row[0] not in missing]
    number = {id(row): i for i, row in enumerate(kept, start=2)}
    flaws = [Flaw(number[id(row)], row[0], flaw) for row, flaw in told]
    flaws += [Flaw(0, account_id, "not_listed") for account_id in sorted(missing)]
    return kept, sorted(flaws, key=lambda f: (f.row, f.account_id))


def _claim(account: Account, territory: int, team: list[Seller]) -> list[str]:
    rep, name = team[territory], INCUMBENT[territory][0]
    return [
        account.account_id, account.name, f"T{territory + 1:02d}", name, rep.rep_id, rep.name,
    ]  # fmt: skip
