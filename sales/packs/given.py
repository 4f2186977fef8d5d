"""What the CRM knows, read from tables that were exported from it."""

from pathlib import Path
from typing import Final

import pandas as pd

from geo.errors import InputError
from sales.accounts.content import content_of
from sales.accounts.headers import plain
from sales.accounts.sources import read_table
from sales.packs.pack import PackOptions
from sales.plan import PlanBundle

_USERS: Final = (
    ("rep", "rep id", "owner", "name", "federation identifier", "email"),
    ("user id", "userid", "user", "hubspot owner id", "owner id", "systemuserid", "id"),
)
_TERRITORIES: Final = (
    ("developername", "developer name", "territory", "name"),
    ("id", "territory2id"),
)


def read_options(
    *,
    model_id: str = "",
    type_id: str = "",
    territory_ids: Path | None = None,
    users: Path | None = None,
    former: PlanBundle | None = None,
    associations: Path | None = None,
    id_property: str = "",
) -> PackOptions:
    """The options of a pack, its tables read; raises InputError."""
    return PackOptions(
        model_id=model_id,
        type_id=type_id,
        territory_ids=_pairs(territory_ids, _TERRITORIES) if territory_ids else {},
        users=_pairs(users, _USERS) if users else {},
        former=former,
        associations=_frame(associations) if associations else None,
        id_property=id_property or PackOptions.id_property,
    )


def _frame(path: Path) -> pd.DataFrame:
    raw = read_table(path, content_of(path), lambda _: True)
    columns = {h: c.to_pylist() for h, c in zip(raw.headers, raw.columns, strict=True)}
    return pd.DataFrame(columns, dtype=object)


def _pairs(path: Path, wanted: tuple[tuple[str, ...], tuple[str, ...]]) -> dict[str, str]:
    """Key → value from the two columns whose headers are the likeliest; raises InputError."""
    frame = _frame(path)
    chosen: list[str] = []
    for names in wanted:
        known = [plain(name) for name in names]
        ranked = [
            (known.index(plain(h)), h)
            for h in frame.columns
            if plain(h) in known and h not in chosen
        ]
        if not ranked:
            raise InputError(
                f"{path.name} has no column {names[0]!r}",
                hint=f"It needs the columns {wanted[0][0]} and {wanted[1][0]}.",
            )
        chosen.append(min(ranked)[1])
    keys, values = (frame[header].tolist() for header in chosen)
    return {k.strip(): v.strip() for k, v in zip(keys, values, strict=True) if v.strip()}
