"""Positions into H3 cells and back. Ids are int64 inside and hex strings at the edge."""

from collections.abc import Sequence

import h3.api.basic_int as h3
import numpy as np

from geo.arrays import Bool, Float, Int
from geo.cells.hierarchy import FINEST_RESOLUTION
from geo.errors import GeometryError


def check_resolution(resolution: int) -> None:
    """Raise GeometryError unless `resolution` is one that H3 has (0 to 15)."""
    if not 0 <= resolution <= FINEST_RESOLUTION:
        raise GeometryError(
            f"resolution {resolution} does not exist",
            hint="H3 resolutions run from 0 (coarsest) to 15 (finest).",
        )


def check_positions(lat: Float, lng: Float) -> None:
    """Raise GeometryError unless all are finite, |lat| ≤ 90 and |lng| ≤ 180.

    H3 itself takes latitude 91 or longitude 1e308 and answers with some cell.
    """
    if lat.shape != lng.shape or lat.ndim != 1:
        raise GeometryError(f"{lat.shape} latitudes and {lng.shape} longitudes do not pair up")
    bad = np.flatnonzero(~((np.abs(lat) <= 90) & (np.abs(lng) <= 180)))
    if not len(bad):
        return
    first = bad[0]
    hint = "Latitudes run from -90 to 90 and longitudes from -180 to 180, in degrees."
    if np.isfinite(lat[first]) and abs(lng[first]) <= 90 < abs(lat[first]) <= 180:
        hint += " Latitude and longitude look swapped."
    raise GeometryError(
        f"position {first} (latitude {lat[first]:g}, longitude {lng[first]:g}) is not on Earth"
        + (f", nor are {len(bad) - 1} others" if len(bad) > 1 else ""),
        hint=hint,
    )


def cells_at(lat: Float, lng: Float, resolution: int) -> Int:
    """The H3 cell that holds each position in degrees: int64, shape (n).

    Raises GeometryError for a position that is not on Earth and for an unknown resolution.
    """
    check_resolution(resolution)
    lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
    check_positions(lat, lng)
    at = h3.latlng_to_cell
    pairs = zip(lat.tolist(), lng.tolist(), strict=True)
    return np.fromiter((at(y, x, resolution) for y, x in pairs), dtype=np.int64, count=len(lat))


def cell_centers(cells: Int) -> tuple[Float, Float]:
    """Latitude and longitude of the cells' centres in degrees, each of shape (n)."""
    center = h3.cell_to_latlng
    flat = np.array([center(cell) for cell in cells.tolist()], dtype=np.float64).reshape(-1, 2)
    return np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1])


def cell_to_hex(cells: Int) -> list[str]:
    """Cells as the hex strings that JSON and CSV carry: ids exceed 2^53."""
    return [format(cell, "x") for cell in cells.tolist()]


def hex_to_cell(texts: Sequence[str]) -> Int:
    """Cells from hex strings, shape (n). Raises GeometryError for what is no H3 cell."""
    cells = np.empty(len(texts), dtype=np.int64)
    for position, text in enumerate(texts):
        try:
            cell = int(text, 16)
        except ValueError:
            cell = 0
        if not 0 < cell < 2**63 or not h3.is_valid_cell(cell):
            raise GeometryError(
                f"“{text}” (entry {position}) is not an H3 cell",
                hint="A cell is written as 15 hexadecimal digits, such as 8928308280fffff.",
            )
        cells[position] = cell
    return cells


def valid_cells(cells: Int) -> Bool:
    """Which ids are H3 cells, shape (n)."""
    positive = np.maximum(cells, 0)
    return np.fromiter(map(h3.is_valid_cell, positive.tolist()), dtype=np.bool_, count=len(cells))
