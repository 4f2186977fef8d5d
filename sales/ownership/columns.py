"""Tables of facts: columns known by their headers, days and amounts read strictly."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from geo.errors import InputError, MissingColumnError
from sales.accounts.content import content_of
from sales.accounts.fields import listed
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.sources import read_table
from sales.rules.tables import FIELDS

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "account_id": FIELDS["account_id"],
    "owner": FIELDS["owner"],
    "territory": FIELDS["territory"],
    "closed": ("close date", "closed", "closed on", "won on", "date", "booking date"),
    "amount": ("amount", "value", "deal amount", "booking", "revenue", "betrag"),
    "opened": ("opened", "created", "created date", "open date", "opened on", "start date"),
    "closes": ("close date", "expected close", "expected close date", "closes", "closing date"),
    "as_of": ("as of", "date", "as of date", "snapshot", "day", "stichtag"),
    "arr": ("arr", "annual recurring revenue", "recurring revenue", "contract value", "acv"),
    "revenue": ("annual revenue", "revenue", "turnover", "umsatz"),
    "employees": ("employees", "number of employees", "headcount", "mitarbeiter"),
    "renewal": ("renewal date", "renewal", "contract end", "contract end date", "renews on"),
    "reason": ("reason", "why", "comment", "note", "grund"),
}
_AMOUNT: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)?")


@dataclass(frozen=True)
class FactRow:
    """A row of a table of facts: its number as a spreadsheet shows it, field → text."""

    row: int
    values: Mapping[str, str]
    headers: Mapping[str, str]
    source: str

    def text(self, field: str) -> str:
        """The text under a field, "" where there is none."""
        return self.values.get(field, "")

    def day(self, field: str) -> date | None:
        """The day under a field, None where blank; raises InputError."""
        text = self.text(field)
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10] if re.match(r"\d{4}-\d\d-\d\d[T ]", text) else text)
        except ValueError as error:
            raise self._bad(field, text, "a day", "Write days as 2026-03-31.") from error

    def amount(self, field: str) -> float | None:
        """The number under a field, None where blank; raises InputError."""
        text = self.text(field)
        if not text:
            return None
        plain_text = text.replace("$", "").replace("€", "").strip()
        if not _AMOUNT.fullmatch(plain_text):
            raise self._bad(field, text, "an amount", "Write amounts as 12500 or 12,500.00.")
        value = float(plain_text.replace(",", ""))
        if not math.isfinite(value) or value < 0:
            raise self._bad(field, text, "an amount of 0 or more", "Mend it, or leave it blank.")
        return value

    def _bad(self, field: str, text: str, what: str, hint: str) -> InputError:
        return InputError(
            f"{self.source}, row {self.row}, column “{self.headers[field]}”:"
            f" {text[:40]!r} is not {what}",
            hint=hint,
        )


def read_facts(path: Path, needed: tuple[str, ...], also: tuple[str, ...] = ()) -> list[FactRow]:
    """The rows of a table with the columns of these fields; raises InputError and its kin.

    Of two fields that go by one header the first named takes it.
    """
    wanted = {plain(name) for field in (*needed, *also) for name in NAMES[field]}
    raw = read_table(path, content_of(path), lambda header: plain(header) in wanted)
    found: dict[str, str] = {}
    for field in (*needed, *also):
        names = [plain(name) for name in NAMES[field]]
        ranked = [
            (names.index(plain(h)), h)
            for h in raw.headers
            if plain(h) in names and h not in found.values()
        ]
        if ranked:
            found[field] = min(ranked)[1]
    if missing := [field for field in needed if field not in found]:
        raise MissingColumnError(
            f"{path.name} has no column {missing[0]!r}",
            hint=f"Call it {' or '.join(NAMES[missing[0]][:3])}. The file has"
            f" {listed(raw.headers)}.",
        )
    texts = {field: ids_in(raw.column(header)) for field, header in found.items()}
    rows = [
        FactRow(int(number), {f: texts[f][at].strip() for f in found}, found, path.name)
        for at, number in enumerate(raw.row)
    ]
    return [row for row in rows if any(row.values.values())]
