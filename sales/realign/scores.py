"""A table of accounts with their potential, as a scoring model writes it."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo.errors import InputError, MissingColumnError
from sales.accounts.content import content_of
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.numbers import numbers_in
from sales.accounts.sources import read_table
from sales.accounts.synonyms import SINGLE
from sales.accounts.types import AccountTable

_FIELDS: Final = ("account_id", "potential")


def read_scores(path: Path) -> pd.DataFrame:
    """Read `account_id` and `potential`; raises MissingColumnError, InputError naming the row."""
    names = {field: [plain(name) for name in (field, *SINGLE[field])] for field in _FIELDS}
    raw = read_table(path, content_of(path), lambda h: any(plain(h) in n for n in names.values()))
    found: dict[str, str] = {}
    for field in _FIELDS:
        there = [(names[field].index(plain(h)), h) for h in raw.headers if plain(h) in names[field]]
        if not there:
            raise MissingColumnError(
                f"{path.name} has no column {field}",
                hint=f"Call it {field}. The file has {', '.join(raw.headers)}.",
            )
        found[field] = min(there)[1]
    ids = ids_in(raw.column(found["account_id"]))
    value = numbers_in(raw.column(found["potential"]), comma_likely=raw.decimal_comma_likely).value
    for at in np.flatnonzero(~(np.isfinite(value) & (value >= 0)))[:1].tolist():
        raise InputError(
            f"{path.name}, row {raw.row[at]}, column “{found['potential']}”: this is no potential",
            hint="Give a number of at least 0.",
        )
    return pd.DataFrame({"account_id": ids, "potential": value})


def scores_of(accounts: AccountTable) -> pd.DataFrame:
    """The same of accounts that have a potential; raises MissingColumnError."""
    if "potential" not in accounts.frame.columns:
        raise MissingColumnError(
            f"{accounts.source} has no potential", hint="Score it first, or name its column."
        )
    rows = accounts.frame[accounts.frame["usable"]]
    return pd.DataFrame({"account_id": rows["account_id"], "potential": rows["potential"]})
