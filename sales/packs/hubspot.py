"""The HubSpot pack: batch calls that write territory and owner of companies, 100 a call."""

import json
from typing import Any, Final

from sales.packs.pack import (
    NOT_EXPORTED,
    Left,
    Pack,
    PackOptions,
    accounts_of,
    left_table,
    reps_of,
    table,
)
from sales.plan import PlanBundle

PER_CALL: Final = 100  # companies in one batch call, HubSpot's limit
RECORD_ID: Final = "hs_object_id"


def hubspot_pack(bundle: PlanBundle, options: PackOptions) -> Pack:
    """`companies.jsonl`, a line per call, and `companies.csv` for HubSpot's own import page.

    Companies whose territory and owner are those of the former plan are left out.
    """
    left: list[Left] = []
    rows = _rows(bundle, options, left)
    if options.former is not None:
        before = {r["id"]: r["properties"] for r in _rows(options.former, options, [])}
        rows = [r for r in rows if before.get(r["id"]) != r["properties"]]
    calls = [rows[start : start + PER_CALL] for start in range(0, len(rows), PER_CALL)]
    lines = [json.dumps({"inputs": call}, ensure_ascii=False) + "\n" for call in calls]
    columns = (
        "Record ID" if options.id_property == RECORD_ID else options.id_property,
        "Territory",
        "Company owner",
    )
    return {
        "README.md": _readme(options, len(rows), len(calls), len(left)),
        "companies.jsonl": "".join(lines).encode("utf-8", "replace"),
        "companies.csv": table(
            columns,
            [
                (r["id"], r["properties"]["territory"], r["properties"].get("hubspot_owner_id", ""))
                for r in rows
            ],
        ),
        NOT_EXPORTED: left_table(left),
    }


def _rows(bundle: PlanBundle, options: PackOptions, left: list[Left]) -> list[dict[str, Any]]:
    named = {str(t["id"]): str(t["name"] or t["id"]) for t in bundle.document["territories"]}
    owners = _owners(bundle, options, left)
    rows: dict[str, dict[str, Any]] = {}
    for row in accounts_of(bundle):
        reason = ""
        if row["territory"] not in named:
            reason = "it has no territory: see review.csv"
        elif options.id_property == RECORD_ID and not row["id"].isdecimal():
            reason = "its id is no HubSpot record id: name the property that it is of"
        elif row["id"] in rows:
            reason = "its id occurs twice"
        if reason:
            left.append(Left("account", row["id"], row["name"], row["territory"], reason))
            continue
        properties = {"territory": named[row["territory"]]}
        if row["rep"] in owners:
            properties["hubspot_owner_id"] = owners[row["rep"]]
        rows[row["id"]] = {
            "idProperty": options.id_property,
            "id": row["id"],
            "properties": properties,
        }
    return list(rows.values())


def _owners(bundle: PlanBundle, options: PackOptions, left: list[Left]) -> dict[str, str]:
    """Rep → owner id; a rep without one is said once."""
    reps, owners = reps_of(bundle), {}
    for t in bundle.document["territories"]:
        rep = str(t["rep"] or "")
        owner = options.users.get(rep, rep)
        if owner.isdecimal():
            owners[rep] = owner
        elif rep:
            reason = "the rep has no HubSpot owner id (digits): give a table of users"
            left.append(Left("rep", rep, reps.get(rep, ""), str(t["id"]), reason))
    return owners


def _readme(options: PackOptions, rows: int, calls: int, left: int) -> bytes:
    by_record = options.id_property == RECORD_ID
    address = "/crm/v3/objects/companies/batch/" + ("update" if by_record else "upsert")
    key = "the record id" if by_record else f"the unique property `{options.id_property}`"
    return f"""# HubSpot territory pack

1. Make a company property `territory` (single-line text), once.
2. Send each line of `companies.jsonl` as the body of `POST {address}`.
   There are {calls:,} lines with at most {PER_CALL} companies each, {rows:,} in all, by {key}.
   Sending a line twice does no harm.
   Or load `companies.csv` on HubSpot's import page, which takes the same columns.

`not_exported.csv` has {left:,} rows: each company or rep that could not be written, and why.
`hubspot_owner_id` is left out where the rep's owner id is not known; the owner then stays.
""".encode()
