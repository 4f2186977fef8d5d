"""The US market as a CRM report gives it: the same companies, with what years of typing add."""

from dataclasses import dataclass
from datetime import date
from random import Random

from scripts.samples.places import STATES
from scripts.samples.us import Account, Seller

HEADER = (
    "Account ID", "Account Name", "Industry", "Billing Street", "Billing City",
    "Billing State/Province", "Billing Zip/Postal Code", "Billing Country", "Annual Revenue",
    "Employees", "Annual Potential", "Open Pipeline", "Account Owner", "Parent Account ID",
    "Last Activity",
)  # fmt: skip
ID, NAME, STATE, ZIP, POTENTIAL = (
    HEADER.index(label)
    for label in (
        "Account ID", "Account Name", "Billing State/Province", "Billing Zip/Postal Code",
        "Annual Potential",
    )
)  # fmt: skip
LABELS = {
    "street": "Billing Street", "city": "Billing City", "state": "Billing State/Province",
    "zip": "Billing Zip/Postal Code", "country": "Billing Country", "potential": "Annual Potential",
}  # fmt: skip
TYPED_STATES = {"California": "Calif.", "New York": "N.Y.", "Massachusetts": "Mass."}
MISSPELT = (
    ("Pittsburg", "PA"), ("Albequerque", "NM"), ("Cincinatti", "OH"), ("Philidelphia", "PA"),
    ("Mineapolis", "MN"),
)  # fmt: skip
FOREIGN = (
    ("Toronto", "ON", "M5H 2N2", "Canada"), ("Vancouver", "BC", "V6B 1A1", "Canada"),
    ("Montréal", "QC", "H3B 1A7", "Canada"), ("Calgary", "AB", "T2P 1J9", "CA"),
    ("Monterrey", "Nuevo León", "64000", "Mexico"), ("Tijuana", "BC", "22000", "México"),
    ("Hamilton", "ON", "L8P 1A1", "Canada"), ("London", "", "EC2V 7AA", "United Kingdom"),
    ("München", "Bayern", "80331", "Germany"), ("São Paulo", "SP", "01000-000", "Brazil"),
    ("横浜市", "神奈川県", "231-0001", "Japan"), ("Dublin", "", "D02 XY00", "Ireland"),
)  # fmt: skip
FOOTER = (
    "Confidential Information - Do Not Distribute",
    "Copyright © 2000-2025 salesforce.com, inc. All rights reserved.",
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing planted in the export; `row` as a spreadsheet counts, the header being row 1."""

    row: int
    account_id: str
    flaw: str


def _usual(rng: Random, account: Account, owner: str, last: date | None) -> list[str]:
    """A row as most rows are: right, in one of the ways in which people are right."""
    place = account.place
    how = rng.random()
    state = STATES[place.state] if how < 0.10 else place.state
    if how < 0.01:
        state = TYPED_STATES.get(state, state)
    elif how > 0.99:
        state = place.state.lower() + " "
    zip_code = place.postal_code
    if rng.random() < 0.06:
        zip_code = f"{zip_code}-{rng.randint(1, 9999):04d}"
    elif zip_code.startswith("0") and rng.random() < 0.15:
        zip_code = zip_code.lstrip("0")
    country = rng.choices(("US", "United States", "USA", "U.S.A."), (50, 36, 13, 1))[0]
    city = place.city.upper() if rng.random() < 0.03 else place.city
    name = account.name + ("  " if rng.random() < 0.01 else "")
    return [
        account.account_id, name, account.industry, account.street, city, state, zip_code, country,
        _money(rng, account.revenue) if rng.random() > 0.08 else "",
        f"{account.employees:,}" if rng.random() < 0.05 else str(account.employees),
        _money(rng, account.potential), _money(rng, account.pipeline) if account.pipeline else "",
        owner, account.parent, f"{last.month}/{last.day}/{last.year}" if last else "",
    ]  # fmt: skip


def _money(rng: Random, amount: int) -> str:
    how = rng.random()
    if how < 0.80:
        return str(amount)
    return f"{amount:,}" if how < 0.87 else f"${amount:,}" if how < 0.95 else f"${amount:,}.00"


def owners(accounts: list[Account], team: list[Seller]) -> list[str]:
    """Who the CRM says owns each account; one in sixty is nobody who still works there."""
    rng = Random("owners")
    gone = ("Integration User", "Gerald Mossgrave", "Sales Queue", "Tania Wellbeck")
    return [
        rng.choice(gone) if rng.random() < 1 / 60 else team[account.territory].name
        for account in accounts
    ]


def export_rows(
    accounts: list[Account], team: list[Seller], last: dict[str, date]
) -> tuple[list[list[str]], list[Flaw]]:
    """All rows below the header, footer included, and what is wrong with which."""
    rng = Random("export")
    rows = [
        _usual(rng, a, owner, last.get(a.account_id))
        for a, owner in zip(accounts, owners(accounts, team), strict=True)
    ]
    told: list[tuple[list[str], str]] = []
    plain = iter(rng.sample([r for r in rows if r[NAME][0].isalnum()], 90))

    def spoil(count: int, flaw: str, **to: str) -> None:
        for _ in range(count):
            row = next(plain)
            for column, value in to.items():
                row[HEADER.index(LABELS[column])] = value
            told.append((row, flaw))

    spoil(6, "state_only", street="", city="", zip="")
    spoil(3, "no_address", street="", city="", state="", zip="", country="")
    spoil(2, "error_value", city="#N/A", zip="#N/A")
    spoil(2, "potential_error", potential="#N/A")
    spoil(1, "potential_negative", potential="-1500")
    spoil(1, "potential_words", potential="tbd")
    spoil(3, "zip_missing", zip="")
    spoil(2, "city_missing", city="")
    spoil(2, "country_missing", country="")
    for city, state in MISSPELT:
        spoil(1, "city_misspelt", city=city, state=state, zip="")
    for wrong in ("30303", "98101", "02108"):
        row = next(r for r in plain if r[STATE] in ("TX", "CA", "FL", "OH", "NY", "IL"))
        row[ZIP] = wrong
        told.append((row, "zip_in_other_state"))
    for city, state, zip_code, country in FOREIGN:
        spoil(1, "foreign", city=city, state=state, zip=zip_code, country=country)
    spoil(1, "po_box", street="PO Box 1187", city="Boise", state="ID", zip="83701")
    spoil(1, "military", street="PSC 3 Box 411", city="APO", state="AE", zip="09021")

    for _ in range(4):
        told.append((_insert(rng, rows, next(plain)), "duplicate_id"))
    for _ in range(3):
        twin = _insert(rng, rows, next(plain))
        twin[ID] = twin[ID][:15]
        told.append((twin, "short_id_twin"))
    blank_id = _insert(rng, rows, next(plain))
    blank_id[ID], blank_id[NAME] = "", "Staging import, check with Gerald"
    told.append((blank_id, "no_id"))

    total = [""] * len(HEADER)
    total[ID], total[NAME] = "Grand Totals", f"{len(rows):,} records"
    total[POTENTIAL] = f"${sum(a.potential for a in accounts):,}"
    for row in (total, *([line] + [""] * (len(HEADER) - 1) for line in FOOTER)):
        rows.append(row)
        told.append((row, "totals_row" if row is total else "report_footer"))

    number = {id(row): i for i, row in enumerate(rows, start=2)}
    flaws = sorted((Flaw(number[id(row)], row[ID], flaw) for row, flaw in told), key=_by_row)
    return rows, flaws


def _by_row(flaw: Flaw) -> int:
    return flaw.row


def _insert(rng: Random, rows: list[list[str]], original: list[str]) -> list[str]:
    """Put a second row of the same account somewhere below the first one."""
    first = next(i for i, row in enumerate(rows) if row is original)
    row = list(original)
    rows.insert(rng.randint(first + 1, len(rows)), row)
    return row
