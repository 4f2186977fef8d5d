"""What a user sees of the geocoder: where an address is put, how surely, with what doubts."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geocode import default_geocoder
from geo.geocode.doubts import Doubt, read_note
from geo.geocode.position import km_between
from geo.geocode.types import Address, Geocode, Geocoder, Precision


@pytest.fixture(scope="module")
def geocoder() -> Geocoder:
    return default_geocoder()


def found(geocoder: Geocoder, address: Address) -> Geocode:
    result = geocoder.geocode(address)
    assert result is not None
    return result


def doubts(result: Geocode) -> set[Doubt | None]:
    return {read_note(line)[0] for line in result.notes}


BERLIN, MUNICH, PARIS = (52.52, 13.405), (48.137, 11.575), (48.853, 2.349)


@pytest.mark.parametrize(
    ("address", "near", "precision"),
    [
        (Address(postal_code="02134", city="Allston", state="MA"), (42.353, -71.133), "postcode"),
        (Address(postal_code="96701-3913", country="US"), (21.39, -157.93), "postcode"),
        (Address(postal_code="967013913", country="US"), (21.39, -157.93), "postcode"),
        (Address(postal_code="00901", country="Puerto Rico"), (18.465, -66.104), "postcode"),
        (Address(city="München", country="Germany"), MUNICH, "city"),
        (Address(city="MUENCHEN", country="DE"), MUNICH, "city"),
        (Address(city="Munich", state="Bayern"), MUNICH, "city"),
        (Address(city="México D.F.", country="Mexico"), (19.43, -99.13), "city"),
        (Address(city="Москва", country="Россия"), (55.75, 37.62), "city"),
        (Address(city="Paris", state="TX"), (33.66, -95.56), "city"),
        (Address(city="Paris Cedex 08", country="France"), PARIS, "city"),
        (Address(city="Austin, TX", country="USA"), (30.27, -97.74), "city"),
        (Address(city="Boise City", state="ID"), (43.61, -116.2), "city"),
        (Address(city="London", state="Ontario"), (42.98, -81.23), "city"),
        (Address(city="San Juan", state="PR", country="US"), (18.466, -66.106), "city"),
        (Address(city="Berlin", country="DE", lat=0.0, lng=0.0), BERLIN, "city"),
        (Address(state="TX", country="US"), (31.0, -97.5), "state"),
        (Address(country="UK"), (52.58, -1.42), "country"),
    ],
)  # fmt: skip
def test_where_addresses_are(
    geocoder: Geocoder, address: Address, near: tuple[float, float], precision: str
) -> None:
    result = found(geocoder, address)
    assert result.precision.value == precision
    assert km_between(result.lat, result.lng, *near) < 5
    assert result.confidence >= 0.5
    assert result.matched


def test_lost_leading_zeros_are_restored_and_told(geocoder: Geocoder) -> None:
    for code, whole in (
        ("2134", "02134"),
        ("501", "00501"),
        ("21341234", "02134"),
        ("2134.0", "02134"),
    ):
        result = found(geocoder, Address(postal_code=code, country="US"))
        assert whole in result.matched
        assert doubts(result) == {Doubt.LEADING_ZERO}


def test_a_plain_zip_brings_no_doubt(geocoder: Geocoder) -> None:
    result = found(
        geocoder, Address(city="New York", state="NY", postal_code="10001", country="US")
    )
    assert result.notes == ()
    assert result.confidence > 0.9


@pytest.mark.parametrize("country", ["DE", "Germany", "France", "MX"])
def test_foreign_five_digit_codes_are_never_us_zips(geocoder: Geocoder, country: str) -> None:
    result = found(geocoder, Address(postal_code="14480", country=country))
    assert result.precision is Precision.COUNTRY
    assert km_between(result.lat, result.lng, 42.9, -76.1) > 3000  # Jamesville, New York


def test_a_zip_of_another_state_is_never_a_confident_answer(geocoder: Geocoder) -> None:
    alone = found(geocoder, Address(state="NY", postal_code="90210", country="US"))
    assert not alone.precision.places_account
    by_city = found(geocoder, Address(city="Albany", state="NY", postal_code="90210", country="US"))
    assert km_between(by_city.lat, by_city.lng, 42.65, -73.76) < 5
    by_zip = found(
        geocoder, Address(city="Beverly Hills", state="NY", postal_code="90210", country="US")
    )
    assert km_between(by_zip.lat, by_zip.lng, 34.09, -118.41) < 10
    for result in (alone, by_city, by_zip):
        assert Doubt.POSTCODE_STATE in doubts(result)
        assert result.confidence <= 0.6


def test_a_zip_far_from_its_city_is_doubted_and_one_nearby_is_not(geocoder: Geocoder) -> None:
    far = found(geocoder, Address(city="Buffalo", state="NY", postal_code="10001", country="US"))
    assert doubts(far) == {Doubt.POSTCODE_CITY}
    assert far.confidence <= 0.6
    near = found(geocoder, Address(city="Brooklyn", state="NY", postal_code="10001", country="US"))
    assert near.notes == ()


def test_a_city_that_its_state_does_not_have_is_not_placed(geocoder: Geocoder) -> None:
    result = found(geocoder, Address(city="Los Angeles", state="NV", country="US"))
    assert result.precision is Precision.STATE


def test_an_ambiguous_city_says_which_was_taken(geocoder: Geocoder) -> None:
    result = found(geocoder, Address(city="Springfield", country="US"))
    assert doubts(result) == {Doubt.CITY_AMBIGUOUS}
    assert "Missouri" in result.notes[0]
    assert result.confidence < 0.5
    with_state = found(geocoder, Address(city="Springfield", state="IL", country="US"))
    assert with_state.notes == ()


def test_a_city_without_a_country_is_less_sure(geocoder: Geocoder) -> None:
    alone = found(geocoder, Address(city="Paris"))
    told = found(geocoder, Address(city="Paris", country="FR"))
    assert (alone.lat, alone.lng) == (told.lat, told.lng)
    assert alone.confidence < told.confidence
    assert Doubt.COUNTRY_ASSUMED in doubts(alone)


def test_a_country_that_contradicts_the_postal_code_is_doubted(geocoder: Geocoder) -> None:
    result = found(
        geocoder, Address(city="Burlington", state="VT", postal_code="L7P 4X4", country="US")
    )
    assert Doubt.POSTCODE_COUNTRY in doubts(result)
    assert result.confidence < 0.5


def test_slips_in_coordinates_are_mended_where_the_address_says_so(geocoder: Geocoder) -> None:
    for lat, lng in ((-122.42, 37.77), (37.77, 122.42), (-37.77, -122.42)):
        result = found(geocoder, Address(city="San Francisco", state="CA", lat=lat, lng=lng))
        assert km_between(result.lat, result.lng, 37.77, -122.42) < 0.01
        assert doubts(result) == {Doubt.COORDINATES_MENDED}


def test_given_coordinates_win_but_a_contradiction_is_told(geocoder: Geocoder) -> None:
    fine = found(geocoder, Address(city="Berlin", country="DE", lat=52.5, lng=13.4))
    assert (fine.lat, fine.lng, fine.precision, fine.notes) == (52.5, 13.4, Precision.GIVEN, ())
    wrong = found(geocoder, Address(city="Munich", country="DE", lat=52.5, lng=13.4))
    assert (wrong.lat, wrong.lng) == (52.5, 13.4)
    assert doubts(wrong) == {Doubt.COORDINATES_DISAGREE}
    assert wrong.confidence < fine.confidence


def test_coordinates_on_both_sides_of_the_antimeridian_agree_with_fiji(geocoder: Geocoder) -> None:
    for lng in (178.4, -178.8):
        result = found(geocoder, Address(country="Fiji", lat=-18.1, lng=lng))
        assert (result.lng, result.notes) == (lng, ())


@pytest.mark.parametrize(
    ("lat", "lng"),
    [(91.0, 10.0), (10.0, 540.0), (0.0, 0.0), (math.nan, 1.0), (math.inf, 1.0), (1e308, 1e308)],
)
def test_impossible_coordinates_are_no_position(geocoder: Geocoder, lat: float, lng: float) -> None:
    assert geocoder.geocode(Address(lat=lat, lng=lng)) is None
    result = found(geocoder, Address(city="Lima", country="PE", lat=lat, lng=lng))
    assert result.precision is Precision.CITY


def test_nothing_and_nonsense_are_not_found(geocoder: Geocoder) -> None:
    for address in (
        Address(),
        Address(city="????"),
        Address(street="1 Main St"),
        Address(state="AE"),
    ):
        assert geocoder.geocode(address) is None


PARTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "Paris",
            "St. Louis",
            "TX",
            "BB",
            "CA",
            "US",
            "DE",
            "Georgia",
            "2134",
            "14480",
            "K1A 0B1",
        ]
    ),
)
NUMBERS = st.one_of(st.none(), st.floats(), st.floats(-180, 180))


@settings(max_examples=200, deadline=None)
@given(st.builds(Address, PARTS, PARTS, PARTS, PARTS, PARTS, NUMBERS, NUMBERS))
def test_any_address_gives_a_position_on_earth_or_none_and_always_the_same(
    geocoder: Geocoder, address: Address
) -> None:
    result = geocoder.geocode(address)
    assert result == default_geocoder().geocode(address)
    if result is not None:
        assert abs(result.lat) <= 90
        assert abs(result.lng) <= 180
        assert (result.lat, result.lng) != (0, 0)
        assert 0 <= result.confidence <= 1
        assert result.precision is not Precision.NONE
        assert all(read_note(line)[0] is not None for line in result.notes)
