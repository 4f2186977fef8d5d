"""A pack: several named files that belong together, as a zip or a directory."""

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo.errors import OptionError
from geo.formats.files import replacing
from geo.formats.text import encodable, spreadsheet_safe
from sales.plan import PlanBundle

Pack = Mapping[str, bytes]
NOT_EXPORTED: Final = "not_exported.csv"
MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # in every zip, so that equal packs are equal bytes


@dataclass(frozen=True, eq=False)
class PackOptions:
    """What a CRM knows and a plan does not; all may be left out.

    `model_id`, `type_id` of Salesforce's territory model and type. `territory_ids`: DeveloperName
    → id in the CRM. `users`: rep → id of the user in the CRM. `former`: the plan that the CRM has
    now; then only changes are packed. `associations`: Salesforce's present ones, columns Id,
    ObjectId, Territory2Id. `id_property`: HubSpot's property that the account ids are of.
    """

    model_id: str = ""
    type_id: str = ""
    territory_ids: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    former: PlanBundle | None = None
    associations: pd.DataFrame | None = None
    id_property: str = "hs_object_id"


@dataclass(frozen=True, slots=True)
class Left:
    """A row that is in no other file of the pack, and why."""

    kind: str  # account, rep or association
    id: str
    name: str
    territory: str
    reason: str


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8 without a byte-order mark, for a loader: values as they are, ids untouched."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([encodable(str(value)) for value in row])
    return text.getvalue().encode()


def left_table(left: Iterable[Left]) -> bytes:
    """`not_exported.csv`: for people, so nothing in it is a formula to a spreadsheet."""
    columns = ("kind", "id", "name", "territory", "reason")
    rows = [[spreadsheet_safe(getattr(row, name)) for name in columns] for row in left]
    return table(columns, rows)


def accounts_of(bundle: PlanBundle) -> list[dict[str, Any]]:
    """Account id, name, territory and rep of each row, in input order."""
    names = bundle.names or ("",) * len(bundle.assignments)
    columns = (bundle.assignments[c].tolist() for c in ("account_id", "territory_id", "rep"))
    return [
        {"id": account, "territory": territory, "rep": rep, "name": name}
        for account, territory, rep, name in zip(*columns, names, strict=True)
    ]


def reps_of(bundle: PlanBundle) -> dict[str, str]:
    """Rep id → name, as the plan's roster has it."""
    return {str(r["rep_id"]): str(r["name"]) for r in bundle.document.get("reps", [])}


def write_pack(pack: Pack, path: Path) -> None:
    """Write a zip where the path ends in `.zip`, else a new directory; raises OptionError."""
    with replacing(path) as target:
        if path.suffix.lower() == ".zip":
            target.write_bytes(zipped(pack))
            return
        if path.exists():
            raise OptionError(
                f"{path} is a file, not a new directory", hint="Name a new directory or a .zip."
            )
        target.mkdir()
        for name, content in pack.items():
            (target / name).write_bytes(content)


def zipped(pack: Pack) -> bytes:
    """The pack as the bytes of a zip, in the order of the pack."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pack.items():
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_pack(path: Path) -> dict[str, bytes]:
    """The files of a pack by name, from its zip or directory; raises OptionError."""
    try:
        if path.is_dir():
            return {p.name: p.read_bytes() for p in sorted(path.iterdir()) if p.is_file()}
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise OptionError(
            f"{path} cannot be read as a pack: {reason}", hint="Name what `export` wrote."
        ) from error
