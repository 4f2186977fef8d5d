"""A small plan written by hand: two territories side by side, west and east of 10° E."""

import io
import json
from collections.abc import Callable

import h3.api.basic_str as h3

from app.jobs.kinds import kinds_with
from app.jobs.work import Work
from app.store import blobs, datasets, jobs, plans
from app.store.database import Database
from app.store.datasets import Reading, to_parquet
from geo.progress import Progress

import pandas as pd  # isort: skip

WEST, EAST, OUTSIDE = (50.0, 9.9), (50.0, 10.1), (40.0, 10.0)
ACCOUNTS = ("A-1", "A-2", "=cmd|' /C calc'!A0", "Ünï")


def plan_files(accounts: int = len(ACCOUNTS)) -> dict[str, bytes]:
    """The files of the plan with that many accounts; the last one is unassigned."""
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(50.0, 10.0, 5), 3))
    side = {c: "T01" if h3.cell_to_latlng(c)[1] < 10.0 else "T02" for c in cells}
    lines = ["account_id,territory_id,rep,segment,cell,lat,lng,precision,rule"]
    for i in range(accounts):
        name = ACCOUNTS[i % len(ACCOUNTS)] if i < len(ACCOUNTS) else f"A-{i + 1}"
        if i == accounts - 1:
            lines.append(f"{name},,,,,,,none,")
            continue
        lat, lng = (WEST, EAST)[i % 2]
        cell = h3.latlng_to_cell(lat, lng, 5)
        rep = ("Ann", "Bo")[i % 2]
        lines.append(f'"{name}",{side[cell]},{rep},,{cell},{lat},{lng},given,geography')
    territories = [
        {
            "id": t, "name": f"Territory {t}", "rep": rep, "target": 10.0, "potential": 10.0,
            "deviation": 0.0, "accounts": 2, "cells": sum(s == t for s in side.values()),
            "contiguous": True, "center": {"lat": 50.0, "lng": lng}, "rep_name": rep,
            "deviations": {"potential": 0.0},
        }
        for t, rep, lng in (("T01", "Ann", 9.9), ("T02", "Bo", 10.1))
    ]  # fmt: skip
    document = {
        "format": "bailiwick-plan/1",
        "territories": territories,
        "summary": {
            "territories": 2, "accounts": accounts, "assigned": accounts - 1, "review": 1,
            "max_deviation": 0.01, "mean_deviation": 0.0, "noncontiguous": 0, "bridges": 0,
            "rms_km": 12.0, "cut_edges": 5,
        },
        "violations": [],
        "certificate": {
            "granularity": {
                "measure": "potential", "heaviest_unit": cells[0], "share_of_target": 0.1,
                "least_max_deviation": 0.0, "accounts": 1, "positions": 1, "account": "",
            },
            "compactness": {
                "measure": "potential", "band": 0.05, "prices_km2": [0.0, 0.0], "inertia": 1.0,
                "bound": 0.5, "gap": 1.0,
            },
        },
        "provenance": {
            "version": "0", "seed": 0, "parameters": {}, "input_sha256": "0" * 64,
            "fingerprint": "", "stop_reason": "converged",
        },
        "measures": ["potential"],
        "reps": [
            {"rep_id": t["rep"], "name": t["rep"], "capacity": 1.0, "lat": None, "lng": None,
             "territory": t["id"]}
            for t in territories
        ],
        "units": "cells",
        "resolution": 5,
        "tolerance": {"potential": 0.05},
    }  # fmt: skip
    features = [
        {
            "type": "Feature", "id": t["id"], "properties": t,
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[x, 49.8], [x + 0.3, 49.8], [x + 0.3, 50.2], [x, 50.2], [x, 49.8]]
                ],
            },
        }
        for t, x in zip(territories, (9.7, 10.0), strict=True)
    ]  # fmt: skip
    return {
        "plan.json": json.dumps(document).encode(),
        "assignments.csv": ("\n".join(lines) + "\n").encode(),
        "cells.csv": (
            "cell,territory_id,potential\n" + "".join(f"{c},{side[c]},1.0\n" for c in cells)
        ).encode(),
        "bridges.csv": b"cell_a,cell_b,km\n",
        "review.csv": (
            "row,account_id,column,code,message,hint\n"
            f"{accounts + 1},{ACCOUNTS[-1]},,address_missing,no address,add one\n"
        ).encode(),
        "territories.geojson": json.dumps(
            {"type": "FeatureCollection", "features": features}
        ).encode(),
    }


def keep_dataset(database: Database, dataset_id: str = "ds_made_up") -> str:
    """A dataset in the store."""
    accounts = pd.DataFrame({"account_id": list(ACCOUNTS), "lat": [50.0, float("nan"), 1.0, 2.0]})
    review = pd.DataFrame({"row": [5], "code": ["address_missing"], "message": ["no address"]})
    reading = Reading(
        kind="accounts",
        columns={"potential": "Annual Revenue"},
        measures=("potential",),
        account_count=len(accounts),
        review_count=len(review),
        accounts=to_parquet(accounts),
        review=to_parquet(review),
    )
    upload_id = jobs.new_id("up")
    with database.write() as session:
        blobs.put(session, upload_id, io.BytesIO(b"bytes as uploaded"))
        datasets.keep(
            session,
            dataset_id=dataset_id,
            file_name="made up.csv",
            sha256="0" * 64,
            upload_id=upload_id,
            overrides={},
            reading=reading,
        )
    return dataset_id


def keep_plan(database: Database, *, name: str = "Made up", accounts: int = 4) -> str:
    """A finished plan in the store, made as the worker does."""
    dataset_id = keep_dataset(database)
    plan_id = jobs.new_id("pl")
    with database.write() as session:
        plans.add(
            session,
            plan_id=plan_id,
            dataset_id=dataset_id,
            name=name,
            request={},
            files=plan_files(accounts),
        )
    return plan_id


def keep_job(database: Database) -> tuple[str, str]:
    """A waiting job; its id and that of its plan."""
    dataset_id = keep_dataset(database)
    with database.write() as session:
        job = jobs.add(
            session,
            "design",
            caller="local",
            dataset_id=dataset_id,
            request={"name": "West", "territories": 2},
        )
    return job.id, job.plan_id


def quick_design(
    work: Work, progress: Progress, should_stop: Callable[[], bool]
) -> dict[str, bytes]:
    """A design that is done at once."""
    assert work.upload.path.read_bytes() == b"bytes as uploaded"
    progress("balance", 0.5, "largest deviation 1.0 %")
    return plan_files()


QUICK = kinds_with(quick_design)
