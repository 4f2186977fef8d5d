"""A plan in force with real outlines: three territories of hexagons around a place."""

import json

import h3.api.basic_int as h3
import numpy as np
import pandas as pd

from app.store import jobs, plans, publications
from app.store.database import Database
from geo.cells.index import cell_centers, cell_to_hex
from geo.cells.outlines import outlines
from geo.formats.geojson import feature, feature_collection
from sales.plan import BRIDGE_COLUMNS, REVIEW_COLUMNS, PlanBundle
from sales.planfiles import plan_files
from tests.service.made_up import keep_dataset

IDS, REPS, NAMES = ("T01", "T02", "T03"), ("Ann", "Bo", "Ünï"), ("North", "O'Hara's", "South")
KENTUCKY, FIJI = (38.0, -85.0), (-17.5, 180.0)


def bundle(
    place: tuple[float, float] = KENTUCKY, *, rings: int = 6, accounts: int = 60
) -> PlanBundle:
    """Cells by longitude west to east in three territories; the last account has no position."""
    cells = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(*place, 5), rings)), dtype=np.int64)
    lat, lng = cell_centers(cells)
    east = (lng - place[1] + 180) % 360
    label = (np.argsort(np.argsort(east)) * 3 // len(cells)).astype(np.int32)
    potential = np.arange(len(cells), dtype=np.float64)
    rng = np.random.default_rng(1)
    at = rng.integers(0, len(cells), accounts)
    owner = label[at]
    hexes = cell_to_hex(cells)
    assignments = pd.DataFrame(
        {
            "account_id": [f"A/{i} é" if i == 1 else f"A-{i}" for i in range(accounts)],
            "territory_id": [IDS[k] for k in owner],
            "rep": [REPS[k] for k in owner],
            "segment": "",
            "cell": [hexes[i] for i in at],
            "lat": lat[at] * 0 + lat[at],
            "lng": lng[at],
            "precision": "given",
            "rule": "geography",
        }
    )
    last = accounts - 1
    assignments.loc[last, ["territory_id", "rep", "cell", "rule"]] = ""
    assignments.loc[last, ["lat", "lng"]] = np.nan
    territories = [
        {
            "id": IDS[k], "name": NAMES[k], "rep": REPS[k], "rep_name": REPS[k],
            "target": float(potential.sum() / 3), "potential": float(potential[label == k].sum()),
            "deviation": float(potential[label == k].sum() / (potential.sum() / 3) - 1),
            "deviations": {"potential": 0.0}, "accounts": int((owner[:last] == k).sum()),
            "cells": int((label == k).sum()), "contiguous": k != 1,
            "center": {"lat": float(lat[label == k].mean()), "lng": float(lng[label == k][0])},
        }
        for k in range(3)
    ]  # fmt: skip
    document = {
        "format": "bailiwick-plan/1", "units": "cells", "resolution": 5,
        "measures": ["potential"], "tolerance": {"potential": 0.05}, "territories": territories,
        "reps": [
            {"rep_id": REPS[k], "name": REPS[k], "capacity": 1.0, "lat": place[0] if k else None,
             "lng": place[1] if k else None, "territory": IDS[k]}
            for k in range(3)
        ],
        "summary": {"territories": 3, "accounts": accounts, "assigned": last, "review": 1,
                    "max_deviation": 0.01, "mean_deviation": 0.0, "noncontiguous": 0,
                    "bridges": 0, "rms_km": 1.0, "cut_edges": 9},
        "violations": [], "certificate": {}, "provenance": {"seed": 0, "parameters": {}},
    }  # fmt: skip
    shapes = outlines(cells, label, 3)
    return PlanBundle(
        document,
        assignments,
        pd.DataFrame(
            {"cell": hexes, "territory_id": [IDS[k] for k in label], "potential": potential}
        ),
        pd.DataFrame(columns=list(BRIDGE_COLUMNS)),
        pd.DataFrame(
            [[last + 2, f"A-{last}", "", "address_missing", "no address", "add one"]],
            columns=list(REVIEW_COLUMNS),
        ),
        feature_collection(
            feature(str(t["id"]), shape, t) for t, shape in zip(territories, shapes, strict=True)
        ),
    )


def publish_plan(
    database: Database, some: PlanBundle | None = None, *, publish: bool = True
) -> str:
    """The plan in the store, in force unless said otherwise; its id."""
    plan_id = jobs.new_id("pl")
    files = plan_files(some or bundle())
    json.loads(files["plan.json"])
    dataset_id = keep_dataset(database)
    with database.write() as session:
        plans.add(
            session, plan_id=plan_id, dataset_id=dataset_id, name="Made up", request={}, files=files
        )
    if publish:
        with database.write() as session:
            publications.publish(session, plan_id, "*", actor="test")
    return plan_id
