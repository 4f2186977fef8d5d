"""Towns to find one's way by, on a basemap that has no other names."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from app.maps.outlines import near_longitude
from geo.geocode.gazetteer import WELL_KNOWN, cities

ATTRIBUTION = "GeoNames"
_MOST = 400


@cache
def _towns() -> pd.DataFrame:
    table = cities()
    frame = pd.DataFrame(
        {
            "name": table.column("name").to_pandas(),
            "lat": table.column("lat_e5").to_numpy() / 1e5,
            "lng": table.column("lng_e5").to_numpy() / 1e5,
            "population": table.column("population").to_numpy(),
        }
    )
    frame = frame[frame["population"] >= WELL_KNOWN]
    return frame.sort_values(["population", "name", "lat"], ascending=[False, True, True])


def places_within(bounds: list[list[float]], centre: float) -> list[list[Any]]:
    """The largest cities in and around `bounds`, as [name, lat, lng], largest first."""
    (south, west), (north, east) = bounds
    margin = 0.25 * max(north - south, east - west)
    towns = _towns()
    lng = near_longitude(towns["lng"].to_numpy(dtype=np.float64), centre)
    inside = (
        towns["lat"].between(south - margin, north + margin).to_numpy()
        & (lng >= west - margin)
        & (lng <= east + margin)
    )
    near = towns[inside].assign(lng=lng[inside]).head(_MOST)
    return [
        [str(name), round(float(lat), 4), round(float(lng), 4)]
        for name, lat, lng in near[["name", "lat", "lng"]].itertuples(index=False)
    ]
