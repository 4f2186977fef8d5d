"""The stored tables say what their sources say, under the keys that the program looks up."""

import zipcodes

from geo.geocode.gazetteer import cities, place_at, places_named
from geo.geocode.position import is_position
from geo.geocode.text import key, keys_of_name
from geo.geocode.us_zip_table import city_of_zips, zips


def test_every_zip_code_with_a_position_is_known_as_the_source_has_it() -> None:
    listed = zipcodes.list_all()  # type: ignore[no-untyped-call]
    source = {
        row["zip_code"]: (
            (row["city"], *row["acceptable_cities"]), row["state"],
            float(row["lat"]), float(row["long"]),
        )
        for row in listed
        if is_position(float(row["lat"]), float(row["long"]))
    }  # fmt: skip
    assert {code: tuple(entry)[1:] for code, entry in zips().items()} == source


def test_cities_of_zip_codes_are_found_by_the_keys_of_today() -> None:
    for entry in list(zips().values())[::50]:
        for name in entry.cities:
            found = city_of_zips(key(name), entry.state)
            assert found is not None, name
            assert key(name) in keys_of_name(found.cities[0])


def test_places_are_found_by_the_keys_of_today() -> None:
    for row in range(0, cities().num_rows, 400):
        place = place_at(row)
        for name in keys_of_name(place.name):
            assert place in [n.place for n in places_named(name, place.country)]


def test_an_alternate_name_is_told_from_the_place_s_own() -> None:
    munich = [n for n in places_named(key("Munich"), "DE") if n.place.population > 1_000_000]
    own = [n for n in places_named(key("München"), "DE") if n.place.population > 1_000_000]
    assert [n.place for n in munich] == [n.place for n in own]
    assert {n.alternate for n in munich} != {n.alternate for n in own}


def test_without_a_country_only_well_known_places_are_found() -> None:
    assert {n.place.country for n in places_named(key("東京"), None)} == {"JP"}
    assert min(n.place.population for n in places_named(key("Springfield"), None)) >= 15_000
