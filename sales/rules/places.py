"""From ids in rule tables to units of the ground."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Int
from geo.errors import InputError
from sales.ground import Ground
from sales.rules.alignment import as_unit, keys_of
from sales.rules.tables import RuleRow, RuleTable


@dataclass(frozen=True, eq=False)
class Places:
    """Which unit an account or unit id stands for, whatever kind of input there is."""

    ground: Ground
    units: dict[str, int]
    accounts: dict[str, int]  # key of the account → its place in the input

    def unit(self, table: RuleTable, row: RuleRow, account_field: str, unit_field: str) -> int:
        """The unit that the row names. Raises InputError with row, column and remedy."""
        account, unit = row.get(account_field), row.get(unit_field)
        if account and self.ground.located is not None:
            return self._of_account(table, row, account, account_field)
        name, field = (unit, unit_field) if unit else (account, account_field)
        found = self.units.get(as_unit(name))
        if found is None:
            what = "unit" if self.ground.cells is None else "cell"
            raise InputError(
                f"{table.at(row, field)}: there is no {what} “{name}” in this market"
                if name
                else f"{table.at(row, field)}: no account or {what} is named",
                hint=f"Give the id of an account or {what} of the input.",
            )
        return found

    def _of_account(self, table: RuleTable, row: RuleRow, account: str, field: str) -> int:
        at = self.accounts.get(keys_of([account])[0])
        if at is None:
            raise InputError(
                f"{table.at(row, field)}: there is no account “{account}” in the input",
                hint="Write the id as the input does, or delete the row.",
            )
        unit = int(self.ground.account_unit[at])
        if unit < 0:
            raise InputError(
                f"{table.at(row, field)}: the account “{account}” has no place in the market",
                hint="Correct its address or position (review.csv of a plan without this rule"
                " says what is wrong), or delete the row.",
            )
        return unit


def places_of(ground: Ground) -> Places:
    """The look-up of a ground."""
    accounts: dict[str, int] = {}
    if ground.located is not None:
        ids = ground.located.accounts.frame["account_id"].astype(str).tolist()
        usable = ground.located.accounts.frame["usable"].tolist()
        for at, key in enumerate(keys_of(ids)):
            if usable[at]:
                accounts.setdefault(key, at)
    return Places(ground, {name: at for at, name in enumerate(ground.ids)}, accounts)


def account_owners(places: Places, accounts: dict[str, int]) -> Int:
    """For each row of the input the value that `accounts` (by key) has for it, -1 for none."""
    owner = np.full(len(places.ground.account_unit), -1, dtype=np.int64)
    for key, value in accounts.items():
        at = places.accounts.get(key)
        if at is not None:
            owner[at] = value
    return owner
