"""One collection of a plan as columns and arrays; a geometry is made only for who asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import BadParameterError
from geo.arrays import Bool, Float, Int

MOST_EXACT: Final = 200_000  # geometries that one request may have made to be compared
Shapes = list[BaseGeometry | None]


@dataclass(frozen=True, eq=False)
class Layer:
    """n features in a fixed order.

    `table` the properties (n rows, the first column is the id); `owner` the column that says whose
    a feature is; `boxes` (n, 4) west, south, east, north, each at least as large as the feature;
    `inner` (n, 2) longitude and latitude of a point in the feature (NaN where it has no geometry);
    `points` whether that point is all of it; `shapes` makes the geometries of some rows.
    """

    table: Any
    owner: str
    boxes: Float
    inner: Float
    points: bool
    shapes: Callable[[Int], Shapes]

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def key(self) -> str:
        """Name of the column with the ids."""
        return str(self.table.column_names[0])

    def kind(self, name: str) -> str:
        """What a property is in JSON: `string`, `integer`, `number` or `boolean`."""
        kind = self.table.schema.field(name).type
        if pa.types.is_boolean(kind):
            return "boolean"
        if pa.types.is_integer(kind):
            return "integer"
        return "number" if pa.types.is_floating(kind) else "string"

    def row_of(self, identity: str) -> int | None:
        """The row with that id, None where there is none."""
        row = int(pc.index(self.table.column(0), pa.scalar(identity, self.table.field(0).type)))
        return None if row < 0 else row

    def seen_by(self, visible: frozenset[str] | None) -> Bool:
        """Which features belong to one of the territories; all where `visible` is None."""
        if visible is None:
            return np.ones(len(self), dtype=np.bool_)
        some = pa.array(sorted(visible), self.table.schema.field(self.owner).type)
        return as_mask(pc.is_in(self.table.column(self.owner), some), len(self))

    def intersecting(self, shape: BaseGeometry) -> Bool:
        """Which features share a point with `shape` (in [longitude, latitude] degrees)."""
        rows = self._near(shape)
        shapely.prepare(shape)
        found = np.zeros(len(self), dtype=np.bool_)
        held = shapely.intersects_xy(shape, self.inner[rows, 0], self.inner[rows, 1])
        found[rows[held]] = True
        if self.points:
            return found
        # What is left has its inner point outside; few of those reach over the edge.
        rows = rows[~held]
        rows = rows[shapely.intersects(shape, shapely.box(*self.boxes[rows].T))]
        found[rows[shapely.intersects(shape, self._made(rows))]] = True
        return found

    def related(self, shape: BaseGeometry, relation: Callable[..., Any]) -> Bool:
        """Which features have a relation to `shape` that only those near it can have."""
        rows = self._near(shape)
        found = np.zeros(len(self), dtype=np.bool_)
        found[rows[relation(self._made(rows), shape)]] = True
        return found

    def extent(self, rows: Bool) -> list[float] | None:
        """West, south, east and north of some features, None where none has a geometry."""
        boxes = self.boxes[rows & ~np.isnan(self.boxes[:, 0])]
        if not len(boxes):
            return None
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        return [float(value) for value in np.round(np.concatenate([low, high]), 6)]

    def _near(self, shape: BaseGeometry) -> Int:
        if shape.is_empty:
            return np.empty(0, dtype=np.int64)
        west, south, east, north = shape.bounds
        box = self.boxes
        across = (box[:, 0] <= east) & (box[:, 2] >= west)
        return np.flatnonzero(across & (box[:, 1] <= north) & (box[:, 3] >= south))

    def _made(self, rows: Int) -> Any:
        if len(rows) > MOST_EXACT:
            raise BadParameterError(
                f"{len(rows):,} geometries would have to be compared one by one",
                hint=f"Ask for a smaller area: at most {MOST_EXACT:,} are compared in a request.",
            )
        made = np.empty(len(rows), dtype=object)
        made[:] = self.shapes(rows)
        return made


def as_mask(values: Any, n: int) -> Bool:
    """A boolean column (or one value for all) as an array; what is unknown is not selected."""
    if isinstance(values, pa.Scalar):
        return np.full(n, bool(values.as_py()), dtype=np.bool_)
    filled = pc.fill_null(values, False)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)
