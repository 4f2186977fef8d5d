"""Plans by hand for CRM packs: accounts, territories and reps as one likes."""

import json

import h3.api.basic_str as h3

from sales.plan import PlanBundle
from sales.planfiles import read_bundle

A, B, C = "0015e00000ANAcOAAX", "0015e00000ANAcZAAX", "0015e00000ANJvGAAX"


def plan(
    rows: list[tuple[str, str]],
    *,
    territories: tuple[tuple[str, str, str], ...] = (("T01", "West", "Ann"), ("T02", "East", "Bo")),
    postcodes: list[tuple[str, str, float]] | None = None,
) -> PlanBundle:
    """`rows` are (account, territory), `territories` (id, name, rep), `postcodes` one per row."""
    rep = {t: r for t, _, r in territories}
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(34.05, -118.25, 6), 2))
    lines = ["account_id,territory_id,rep,segment,cell,lat,lng,precision,rule"]
    lines += [f'"{a}",{t},"{rep.get(t, "")}",,,34.05,-118.25,given,cell' for a, t in rows]
    document = {
        "format": "bailiwick-plan/1",
        "territories": [{"id": t, "name": n, "rep": r} for t, n, r in territories],
        "reps": [{"rep_id": r, "name": f"{r} Doe", "territory": t} for t, _, r in territories],
        "summary": {},
        "units": "cells",
    }
    files = {
        "plan.json": json.dumps(document).encode(),
        "assignments.csv": ("\n".join(lines) + "\n").encode(),
        "cells.csv": (
            "cell,territory_id,potential\n"
            + "".join(f"{c},{territories[0][0]},1.0\n" for c in cells)
        ).encode(),
        "bridges.csv": b"cell_a,cell_b,km\n",
        "review.csv": b"row,account_id,column,code,message,hint\n",
        "territories.geojson": b'{"type": "FeatureCollection", "features": []}',
    }
    if postcodes is not None:
        codes = [f"{a},{c},{p},{w}" for (a, _), (c, p, w) in zip(rows, postcodes, strict=True)]
        files["postcodes.csv"] = (
            "account_id,country,postal_code,weight\n" + "\n".join(codes) + "\n"
        ).encode()
    return read_bundle(files)
