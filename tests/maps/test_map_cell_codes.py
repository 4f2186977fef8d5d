import base64

import h3
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.maps.cell_codes import cell_ids, cell_resolutions, pack_cells
from tests.maps.bundles import country

places = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


def unpack(packed: str, resolution: int) -> list[str]:
    """What the page's script does, in whole numbers."""
    cells, key, step, weight = [], 0, 0, 1
    for byte in base64.b64decode(packed):
        step += (byte & 127) * weight
        weight *= 128
        if byte < 128:
            key, step, weight = key + step, 0, 1
            cells.append(f"8{resolution:x}{(key + 1) * 8 ** (15 - resolution) - 1:013x}")
    return cells


@given(st.integers(0, 15), st.sets(places, min_size=1, max_size=50))
def test_cells_come_back_as_they_went_in(resolution: int, where: set[tuple[float, float]]) -> None:
    cells = sorted({h3.latlng_to_cell(lat, lng, resolution) for lat, lng in where})
    ids = cell_ids(cells)
    assert set(cell_resolutions(ids)) == {resolution}
    assert unpack(pack_cells(ids, resolution), resolution) == cells


def test_a_country_takes_less_than_three_bytes_a_cell() -> None:
    cells = country(4)
    packed = pack_cells(np.sort(cell_ids(cells)), 4)
    assert len(packed) < 3 * len(cells)
