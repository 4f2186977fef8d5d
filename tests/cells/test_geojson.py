import json
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from geo.errors import GeometryError
from geo.formats.geojson import dumps, feature, feature_collection, read_polygons

SQUARE = [[7.0, 50.0], [8.0, 50.0], [8.0, 51.0], [7.0, 51.0], [7.0, 50.0]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_feature_is_written_longitude_first_and_counterclockwise() -> None:
    clockwise = Polygon([(7, 50), (7, 51), (8, 51.123456789), (8, 50)])
    written = feature("T1", clockwise, {"potential": np.float64(2.5), "accounts": np.int64(3)})
    text = dumps(feature_collection([written])).decode()
    read = json.loads(text)["features"][0]
    assert read["id"] == "T1"
    assert read["properties"] == {"potential": 2.5, "accounts": 3}
    assert [8.0, 51.1234568] in read["geometry"]["coordinates"][0]
    assert shapely.LinearRing(read["geometry"]["coordinates"][0]).is_ccw


def test_keys_keep_their_order_and_bytes_are_the_same_again() -> None:
    made = [dumps(feature(1, Polygon(SQUARE), {"b": 1, "a": "Müller"})) for _ in range(2)]
    assert made[0] == made[1]
    assert '"properties":{"b":1,"a":"Müller"}' in made[0].decode()


def test_what_json_cannot_say_becomes_null() -> None:
    written = feature("x", Polygon(), {"deviation": float("nan"), "n": {"deep": [np.inf]}})
    assert json.loads(dumps(written))["properties"] == {"deviation": None, "n": {"deep": [None]}}
    assert json.loads(dumps(written))["geometry"] is None


def test_a_lone_surrogate_does_not_break_the_file() -> None:
    assert json.loads(dumps(feature("x", Polygon(), {"name": "a\ud800b"})))


@pytest.mark.parametrize(
    "document",
    [
        polygon(SQUARE),
        {"type": "Feature", "properties": {}, "geometry": polygon(SQUARE)},
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": polygon(SQUARE)},
                {"type": "Feature", "geometry": None},
                {"type": "Feature", "geometry": polygon(SQUARE)},
            ],
        },
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        polygon([[*pair, 300.0] for pair in SQUARE]),
    ],
)
def test_an_area_is_read_from_any_wrapping(document: dict[str, Any]) -> None:
    assert read_polygons(document).equals(Polygon(SQUARE))


@pytest.mark.parametrize("east", [-179.0, 181.0])
def test_a_polygon_across_the_dateline_is_cut_there(east: float) -> None:
    ring = [[179.0, -18.0], [east, -18.0], [east, -17.0], [179.0, -17.0], [179.0, -18.0]]
    area = read_polygons(polygon(ring))
    assert isinstance(area, MultiPolygon)
    assert area.area == pytest.approx(2.0)
    assert area.bounds == (-180.0, -18.0, 180.0, -17.0)


def test_the_world_as_a_box_is_the_world() -> None:
    ring = [[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, -90.0]]
    assert read_polygons(polygon(ring)).area == 360 * 180


def test_a_hole_stays_a_hole_across_the_dateline() -> None:
    outer = [[178.0, 0.0], [-178.0, 0.0], [-178.0, 4.0], [178.0, 4.0], [178.0, 0.0]]
    hole = [[-179.5, 1.0], [-179.5, 2.0], [-178.5, 2.0], [-178.5, 1.0], [-179.5, 1.0]]
    assert read_polygons(polygon(outer, hole)).area == pytest.approx(15.0)


BOW_TIE = [[7.0, 50.0], [8.0, 51.0], [8.0, 50.0], [7.0, 51.0], [7.0, 50.0]]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"type": "Point", "coordinates": [7, 50]}, "not made of polygons"),
        ({"type": "FeatureCollection", "features": []}, "no polygon"),
        ({"type": "FeatureCollection"}, "not made of polygons"),
        ({"type": "Feature", "geometry": None}, "no polygon"),
        ({}, "no GeoJSON type"),
        ({"type": "Polygon"}, "damaged"),
        ({"type": "Polygon", "coordinates": []}, "damaged"),
        ({"type": "Polygon", "coordinates": [[[7, 50], [8, 50]]]}, "damaged"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "damaged"),
        (polygon([[7.0, 50.0], [8.0, 50.0], [8.0, float("nan")], [7.0, 50.0]]), "no numbers"),
        (polygon(BOW_TIE), "Self-intersection"),
        (polygon([[7.0, 50.0], [8.0, 50.0], [9.0, 50.0], [7.0, 50.0]]), "not valid"),
        (polygon([[50.0, 97.0], [51.0, 97.0], [51.0, 98.0], [50.0, 97.0]]), "leaves the Earth"),
        (polygon([[3e5, 5e6], [4e5, 5e6], [4e5, 6e6], [3e5, 5e6]]), "leaves the Earth"),
    ],
)
def test_what_is_no_area_is_refused_in_words(document: dict[str, Any], says: str) -> None:
    with pytest.raises(GeometryError, match=says) as caught:
        read_polygons(document)
    assert caught.value.hint
