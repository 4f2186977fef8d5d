"""Tables of rules: any file that accounts may come in, its columns recognised by their headers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import InputError
from sales.accounts.content import content_of
from sales.accounts.fields import listed, named_header
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.sources import read_table
from sales.accounts.synonyms import SINGLE
from sales.cell_tables import CELL_HEADERS

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "account_id": SINGLE["account_id"],
    "unit_id": (
        "unit id", "unit", *CELL_HEADERS, "geoid", "fips", "zip", "zip code", "plz", "postcode",
        "postal code", "district",
    ),
    "territory": (
        "territory id", "territory", "territory name", "sales territory", "alignment", "gebiet",
        "verkaufsgebiet", "bezirk", "territoire",
    ),
    "owner": (
        "rep id", "rep", "owner id", "account owner id", "hubspot owner id", "user id",
        "account owner", "owner", "company owner", "owner name", "rep name", "sales rep",
        "salesperson", "account rep", "account manager", "betreuer", "vertreter",
    ),
    "group": ("group", "group id", "together", "bundle", "cluster", "parent account", "parent"),
    "account_a": ("account a", "account 1", "first", "a", "account id a", "account id 1"),
    "account_b": ("account b", "account 2", "second", "b", "account id b", "account id 2"),
    "unit_a": ("unit a", "unit 1", "cell a", "cell 1"),
    "unit_b": ("unit b", "unit 2", "cell b", "cell 2"),
}  # fmt: skip
_OTHERWISE: Final = {"rep": "owner"}  # what the API calls a field


@dataclass(frozen=True)
class RuleRow:
    """One row: its number as a spreadsheet shows it, and field → text, "" where blank."""

    row: int
    values: Mapping[str, str]

    def get(self, *fields: str) -> str:
        """The first of `fields` that has a value, or ""."""
        return next((text for f in fields if (text := self.values.get(f, ""))), "")


@dataclass(frozen=True)
class RuleTable:
    """`headers` field → header in the file, and the rows that are not blank."""

    source: str
    headers: Mapping[str, str]
    rows: tuple[RuleRow, ...]

    def __iter__(self) -> Iterator[RuleRow]:
        return iter(self.rows)

    def at(self, row: RuleRow, *fields: str) -> str:
        """Where a value stands, for messages: “locks.csv, row 3, column territory”."""
        header = next((self.headers[f] for f in fields if f in self.headers), "")
        return f"{self.source}, row {row.row}" + (f", column “{header}”" if header else "")


def read_rules(
    path: Path, fields: Sequence[str], columns: Mapping[str, str] | None = None
) -> RuleTable:
    """Read the columns of `path` that hold `fields`; `columns` field → header where named.

    A named header that this file has not is left to the other files of the same command. Raises
    InputError where no column is recognised, and what `read_table` raises.
    """
    chosen = {f: h for f, h in (columns or {}).items() if f in fields and h}
    wanted = {plain(name) for f in fields for name in FIELDS[f]} | {
        plain(header) for header in chosen.values()
    }
    raw = read_table(path, content_of(path), lambda header: plain(header) in wanted)
    found: dict[str, str] = {}
    here = {plain(header) for header in raw.headers}
    for field in fields:
        if field in chosen and plain(chosen[field]) in here:
            found[field] = named_header(raw.headers, field, chosen[field])
            continue
        names = [plain(name) for name in FIELDS[field]]
        ranked = [(names.index(plain(h)), h) for h in raw.headers if plain(h) in names]
        if ranked:
            found[field] = min(ranked)[1]
    if not found:
        raise InputError(
            f"{path.name} has none of the columns {', '.join(fields)}",
            hint=f"Call them so, or name them with --column. The file has {listed(raw.headers)}.",
        )
    texts = {field: ids_in(raw.column(header)) for field, header in found.items()}
    rows = (
        RuleRow(int(number), {field: texts[field][at] for field in found})
        for at, number in enumerate(raw.row)
    )
    return RuleTable(path.name, found, tuple(row for row in rows if any(row.values.values())))


def rules_of(source: str, rows: Sequence[Mapping[str, str]]) -> RuleTable | None:
    """The same from objects, as the API takes them (numbered from 1); None where there are none."""
    if not rows:
        return None
    named = [{_OTHERWISE.get(name, name): value for name, value in row.items()} for row in rows]
    headers = {field: field for row in named for field, value in row.items() if value}
    return RuleTable(source, headers, tuple(RuleRow(at, row) for at, row in enumerate(named, 1)))
