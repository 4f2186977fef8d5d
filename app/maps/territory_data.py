"""Territories and reps for the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from shapely.geometry.base import BaseGeometry

from app.maps.colours import territory_colours
from app.maps.outlines import Outline, label_point, touching


def rep_names(document: Mapping[str, Any]) -> dict[str, str]:
    """Rep id → name to show."""
    return {
        str(rep["rep_id"]): str(rep.get("name") or rep["rep_id"])
        for rep in document.get("reps", ())
    }


def territory_rows(
    document: Mapping[str, Any],
    outlines: Sequence[Outline],
    shapes: Sequence[BaseGeometry],
    bridged: Sequence[tuple[int, int]],
) -> list[dict[str, Any]]:
    """One row per territory, in the plan's order, with colour, label point and outline."""
    territories = document["territories"]
    # Where points stand for territories, there is a gap between neighbours.
    reach = 0.02 if all(outline.rings for outline in outlines) else 0.4
    colours = territory_colours(len(territories), [*touching(shapes, reach), *bridged])
    names = rep_names(document)
    measures = [str(name) for name in document.get("measures", ())]
    return [
        {
            "id": str(territory["id"]),
            "name": str(territory.get("name") or territory["id"]),
            "rep": names.get(str(territory.get("rep") or ""), str(territory.get("rep") or "")),
            "colour": colour,
            "target": territory.get("target"),
            "deviation": territory.get("deviation"),
            "accounts": territory.get("accounts"),
            "cells": territory.get("cells"),
            "contiguous": bool(territory.get("contiguous", True)),
            "values": [territory.get(measure) for measure in measures],
            "deviations": [deviations(territory).get(measure) for measure in measures],
            "label": _label(shape, territory),
            "rings": outline.rings,
        }
        for territory, outline, shape, colour in zip(
            territories, outlines, shapes, colours, strict=True
        )
    ]


def deviations(territory: Mapping[str, Any]) -> Mapping[str, float]:
    """Deviation from target by measure, for those that were balanced."""
    found: Mapping[str, float] = territory.get("deviations") or {}
    return found


def rep_rows(document: Mapping[str, Any], index: Mapping[str, int]) -> list[dict[str, Any]]:
    """Reps with name, home (null where unknown) and territory index (-1 for none)."""
    return [
        {
            "id": str(rep["rep_id"]),
            "name": str(rep.get("name") or rep["rep_id"]),
            "lat": rep.get("lat"),
            "lng": rep.get("lng"),
            "t": index.get(str(rep.get("territory") or ""), -1),
        }
        for rep in document.get("reps", ())
    ]


def _label(shape: BaseGeometry, territory: Mapping[str, Any]) -> list[float] | None:
    center = territory.get("center")
    middle = (float(center["lat"]), float(center["lng"])) if center else None
    point = label_point(shape, middle) or middle
    return None if point is None else [round(point[0], 5), round(point[1], 5)]
