"""A plan with segments for the page: one view for each geography and each list."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from sales.plan import PlanBundle
from sales.trim import trimmed


def segment_views(bundle: PlanBundle) -> list[tuple[str, PlanBundle]]:
    """What the page can show and its name, in the order of the model; one without segments."""
    return list(_views(bundle)) if bundle.model is not None else [("", bundle)]


def _views(bundle: PlanBundle) -> Iterator[tuple[str, PlanBundle]]:
    """Geographies as their own plans; who is in no segment stands in every view's review."""
    segments = bundle.document["segments"]
    nobody = set(bundle.assignments["account_id"][bundle.assignments["segment"] == ""])
    orphans = bundle.review[bundle.review["account_id"].isin(nobody)]
    for segment in segments:
        if segment["geography"] not in ("", segment["id"]):
            continue  # shown with the segment whose geography it uses
        serves = [s for s in segments if s["geography"] == segment["id"]] or [segment]
        rows = bundle.assignments["segment"].isin([s["id"] for s in serves]).to_numpy()
        if segment["geography"]:
            view = bundle.parts[segment["id"]]
        else:
            own = [t["id"] for t in bundle.document["territories"] if t["segment"] == segment["id"]]
            view = trimmed(bundle, own)
        names = bundle.names
        if names is not None:
            view = replace(view, names=tuple(names[i] for i in np.flatnonzero(rows)))
        review = pd.concat([view.review, orphans], ignore_index=True).drop_duplicates()
        yield " + ".join(s["name"] for s in serves), replace(view, review=review)
