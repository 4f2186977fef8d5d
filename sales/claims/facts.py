"""What several claims of a plan are derived from, computed once from the files."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import h3
import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo import check
from geo.arrays import Float, Int
from geo.errors import PlanFilesError
from sales.plan import PlanBundle

_MEND = "Restore the file, or design the plan again."


class Facts:
    """A plan's files, well formed (`plan_schema.check_form`), and what follows from them.

    n units, p territories, in the order of the files. `labels`, `positions` and what is built on
    them need a plan whose units are a partition: check that claim first.
    """

    def __init__(self, bundle: PlanBundle) -> None:
        self.bundle = bundle
        self.document = bundle.document
        self.territories: list[dict[str, Any]] = list(bundle.document["territories"])
        self.names = [str(t["id"]) for t in self.territories]
        self.polygons = bundle.document["units"] == "units"
        self.ids: list[str] = bundle.units["unit_id" if self.polygons else "cell"].tolist()
        self.owner: list[str] = bundle.units["territory_id"].tolist()
        self.rules: Mapping[str, Any] = bundle.document.get("rules") or {}
        self.measures: list[str] = list(bundle.document["measures"])

    @cached_property
    def granularities(self) -> list[dict[str, Any]]:
        """What the certificate says about the heaviest unit, the first measure first."""
        certificate = self.document["certificate"]
        return [certificate["granularity"], *certificate.get("granularities", ())]

    @cached_property
    def labels(self) -> Int:
        """The territory of each unit, (n)."""
        return np.asarray(pd.Index(self.names).get_indexer(pd.Index(self.owner)), dtype=np.int64)

    @cached_property
    def positions(self) -> tuple[Float, Float]:
        """Latitude and longitude of each unit, (n)."""
        if not self.polygons:
            return check.centers_of_cells(self.ids)
        assert self.bundle.places is not None
        at = self.bundle.places.set_index("unit_id").loc[self.ids]
        return at["lat"].to_numpy(), at["lng"].to_numpy()

    @cached_property
    def levels(self) -> Int:
        """The H3 resolution of each cell, (n); the units must be cells."""
        return np.array([h3.get_resolution(cell) for cell in self.ids], dtype=np.int64)

    @cached_property
    def borders(self) -> set[tuple[int, int]]:
        """Pairs of units that touch and that no barrier parts, the lower index first."""
        if not self.polygons:
            return self.touching - self.parted
        assert self.bundle.edges is not None
        return self._pairs(self.bundle.edges["unit_a"], self.bundle.edges["unit_b"])

    @cached_property
    def touching(self) -> set[tuple[int, int]]:
        """Pairs of units that touch, whether a barrier parts them or not."""
        return set(check.neighbour_pairs(self.ids)) if not self.polygons else self.borders

    @cached_property
    def parted(self) -> set[tuple[int, int]]:
        """Pairs of `touching` that a barrier parts."""
        if self.bundle.barriers is None:
            return set()
        lines = barriers_of(self.bundle.barriers)
        return set(check.crossing(*self.positions, self.touching, lines))

    @cached_property
    def bridges(self) -> set[tuple[int, int]]:
        """Pairs of units that a bridge joins, the lower index first."""
        return self._pairs(self.bundle.bridges["cell_a"], self.bundle.bridges["cell_b"])

    def _pairs(self, first: "pd.Series[str]", second: "pd.Series[str]") -> set[tuple[int, int]]:
        position = {name: i for i, name in enumerate(self.ids)}
        ends = [(position[a], position[b]) for a, b in zip(first, second, strict=True)]
        return {(min(pair), max(pair)) for pair in ends}

    @cached_property
    def centers(self) -> Float:
        """Centre of each territory as stated, latitude and longitude, (p, 2)."""
        return np.array(
            [(t["center"]["lat"], t["center"]["lng"]) for t in self.territories], dtype=np.float64
        )

    @cached_property
    def targets(self) -> Float:
        """Target of each territory as stated, of the first measure, (p)."""
        return np.array([t["target"] for t in self.territories], dtype=np.float64)

    @cached_property
    def weight(self) -> Float:
        """The first measure of each unit, (n)."""
        return self.measure(self.measures[0])

    def measure(self, name: str) -> Float:
        """A measure of each unit, (n)."""
        return self.bundle.units[name].to_numpy(dtype=np.float64)

    def load(self, name: str) -> Float:
        """A measure's total in each territory, (p)."""
        load = self.unit_load(name)
        for entry in self.document.get("overrides", ()):
            worth = entry["measures"][name]
            load[self.names.index(self.owner[self.ids.index(entry["unit"])])] -= worth
            load[self.names.index(entry["territory"])] += worth
        return load

    def unit_load(self, name: str) -> Float:
        """The same by units alone, wherever accounts were moved by themselves."""
        load = np.bincount(self.labels, self.measure(name), len(self.names))
        return np.asarray(load, dtype=np.float64)


def barriers_of(document: Mapping[str, Any]) -> list[BaseGeometry]:
    """The lines in barriers.geojson; raises PlanFilesError where they are none."""
    try:
        lines = list(shapely.get_parts(shape(dict(document))))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ShapelyError) as error:
        raise PlanFilesError("barriers.geojson holds no lines", hint=_MEND) from error
    if not lines or any(line.geom_type != "LineString" for line in lines):
        raise PlanFilesError("barriers.geojson holds no lines", hint=_MEND)
    return lines


def same(a: float, b: float, floor: float = 1e-8) -> bool:
    """Equal but for the decimals that files and summation cost; never for NaN."""
    return abs(a - b) <= max(1e-9 * max(abs(a), abs(b)), floor)
