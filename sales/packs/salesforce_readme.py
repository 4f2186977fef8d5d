"""What to do with the Salesforce pack, in order."""

import csv
import io
from collections.abc import Mapping
from typing import Final

from sales.packs.pack import NOT_EXPORTED, PackOptions

MODEL: Final = "TERRITORY2_MODEL_ID"  # stands where the model's id is not known
TYPE: Final = "TERRITORY2_TYPE_ID"

_STEPS: Final = {
    "Territory2.csv": "Insert into `Territory2`. Keep the success file: it has the new ids.",
    "UserTerritory2Association_delete.csv": "Delete from `UserTerritory2Association`: the rows of "
    "these UserId and Territory2Id.",
    "UserTerritory2Association.csv": "Insert into `UserTerritory2Association`.",
    "UserTerritory2Association_insert.csv": "Insert into `UserTerritory2Association`.",
    "ObjectTerritory2Association_delete.csv": "Delete from `ObjectTerritory2Association`{how}.",
    "ObjectTerritory2Association.csv": "Insert into `ObjectTerritory2Association`.",
    "ObjectTerritory2Association_insert.csv": "Insert into `ObjectTerritory2Association`, once "
    "the delete is done.",
}


def readme(files: Mapping[str, bytes], options: PackOptions, *, by_name: bool, left: int) -> bytes:
    """README.md of the pack: the order of loading, what to fill in, what is not in it."""
    how = (
        ", by `Id`"
        if options.associations is not None
        else ": query the `Id` by `ObjectId` and `Territory2Id` first, or export again with "
        "`--associations FILE`, an export of `Id, ObjectId, Territory2Id`"
    )
    lines = [
        "# Salesforce territory pack",
        "",
        "Load into a territory model in state *Planning*, with Data Loader or any tool that takes",
        "CSV, in this order. The files are UTF-8 without a byte-order mark.",
        "",
    ]
    for number, (name, content) in enumerate(files.items(), 1):
        rows = sum(1 for _ in csv.reader(io.StringIO(content.decode(), newline=""))) - 1
        lines.append(f"{number}. `{name}` ({rows:,} rows). {_STEPS[name].format(how=how)}")
    lines += ["", "Then activate the model (or run its rules), and look at a few accounts.", ""]
    fill = []
    if not options.model_id:
        fill.append(f"- `{MODEL}`: id of the territory model (0MA…), or `--territory-model ID`.")
    if not options.type_id:
        fill.append(f"- `{TYPE}`: id of the territory type (0M5…), or `--territory-type ID`.")
    if by_name:
        fill.append(
            "- `Territory2Id` holds the territory's DeveloperName, as Salesforce gives ids only\n"
            "  when `Territory2.csv` is loaded. Load that file, query `SELECT Id, DeveloperName\n"
            "  FROM Territory2`, and export again with `--territory-ids FILE`."
        )
    if fill:
        lines += ["## To fill in before loading", "", *fill, ""]
    lines += [
        "## Not in these files",
        "",
        f"`{NOT_EXPORTED}` has {left:,} rows: each account, rep or association that could not be",
        "written, and why. Territories that ended are not deleted: do so once they are empty.",
        "",
    ]
    return "\n".join(lines).encode()
