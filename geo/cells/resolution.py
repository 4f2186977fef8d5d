"""How fine the cells should be to begin with.

The coarsest resolution that gives each territory 150 cells, so that borders can move. Where the
weight is, cells are replaced by finer ones afterwards (`geo.cells.refine`), so weight has no say.
"""

import h3.api.basic_int as h3

from geo.cells.hierarchy import FINEST_RESOLUTION

CELLS_PER_TERRITORY = 150
MOST_CELLS = 300_000


def resolution_for(territories: int, area_km2: float) -> int:
    """The H3 resolution at which a market of that area has cells enough for `territories`.

    Where 150 for each need more than 300,000, the finest resolution that keeps within.
    """
    counts = [area_km2 / h3.average_hexagon_area(r) for r in range(FINEST_RESOLUTION + 1)]
    affordable = max((r for r, count in enumerate(counts) if count <= MOST_CELLS), default=0)
    wanted = CELLS_PER_TERRITORY * territories
    return next((r for r in range(affordable) if counts[r] >= wanted), affordable)
