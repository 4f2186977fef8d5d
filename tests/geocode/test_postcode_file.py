import zipfile
from pathlib import Path

import pytest

from geo.errors import UnreadableInputError
from geo.geocode import default_geocoder
from geo.geocode.doubts import Doubt, read_note
from geo.geocode.position import km_between
from geo.geocode.types import Address, Geocode, Geocoder, Precision

ROWS = [
    ("DE", "14480", "Potsdam", "Brandenburg", "52.3700", "13.1250"),
    ("DE", "01067", "Dresden", "Sachsen", "51.0600", "13.7210"),
    ("DE", "01945", "Ruhland", "Brandenburg", "51.4576", "13.8664"),
    ("DE", "01945", "Tettau", "Brandenburg", "51.4333", "13.7333"),
    ("CA", "L7P", "Burlington", "Ontario", "43.3500", "-79.8300"),
    ("GB", "N1 9BG", "London", "England", "51.5313", "-0.1192"),
    ("NA", "10005", "Windhoek", "Khomas", "-22.5600", "17.0800"),
    ("FR", "00000", "Nulle part", "", "0", "0"),
]


def line(row: tuple[str, ...]) -> str:
    country, code, place, state, lat, lng = row
    return "\t".join([country, code, place, state, "", "", "", "", "", lat, lng, "4"])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("codes") / "codes.txt"
    path.write_text("\n".join(map(line, ROWS)) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def geocoder(file: Path) -> Geocoder:
    return default_geocoder(postcode_file=file)


def found(geocoder: Geocoder, address: Address) -> Geocode:
    result = geocoder.geocode(address)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("address", "near", "precision"),
    [
        (Address(postal_code="14480", country="DE"), (52.37, 13.125), Precision.POSTCODE),
        (Address(postal_code="D-14480", country="Germany"), (52.37, 13.125), Precision.POSTCODE),
        (Address(postal_code="n19bg"), (51.5313, -0.1192), Precision.POSTCODE),
        (Address(postal_code="L7P-4X4", country="CA"), (43.35, -79.83), Precision.DISTRICT),
        (Address(postal_code="10005", country="Namibia"), (-22.56, 17.08), Precision.POSTCODE),
        (Address("", "Tettau", "", "01945", "DE"), (51.4333, 13.7333), Precision.POSTCODE),
    ],
)  # fmt: skip
def test_codes_of_any_country(
    geocoder: Geocoder, address: Address, near: tuple[float, float], precision: Precision
) -> None:
    result = found(geocoder, address)
    assert result.precision is precision
    assert km_between(result.lat, result.lng, *near) < 0.1
    assert result.notes == ()


def test_a_lost_zero_is_restored(geocoder: Geocoder) -> None:
    result = found(geocoder, Address(postal_code="1067", city="Dresden", country="DE"))
    assert km_between(result.lat, result.lng, 51.06, 13.721) < 0.1
    assert [read_note(n)[0] for n in result.notes] == [Doubt.LEADING_ZERO]


def test_a_code_of_another_state_is_not_believed(geocoder: Geocoder) -> None:
    result = found(geocoder, Address(postal_code="14480", state="Bayern", country="DE"))
    assert not result.precision.places_account
    by_city = found(geocoder, Address(postal_code="14480", city="Munich", state="BY", country="DE"))
    assert km_between(by_city.lat, by_city.lng, 48.137, 11.575) < 5
    assert by_city.confidence <= 0.5


def test_a_code_far_from_its_city_is_doubted(geocoder: Geocoder) -> None:
    result = found(geocoder, Address(postal_code="14480", city="Cologne", country="DE"))
    assert [read_note(n)[0] for n in result.notes] == [Doubt.POSTCODE_CITY]


def test_an_unknown_code_falls_back_to_the_city(geocoder: Geocoder) -> None:
    result = found(geocoder, Address(postal_code="99999", city="Erfurt", country="DE"))
    assert result.precision is Precision.CITY


def test_a_zipped_file_reads_the_same(file: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "allCountries.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(file, "allCountries.txt")
        archive.writestr("readme.txt", "about the file")
    address = Address(postal_code="14480", country="DE")
    expected = default_geocoder(postcode_file=file).geocode(address)
    assert default_geocoder(postcode_file=zipped).geocode(address) == expected


@pytest.mark.parametrize("content", [b"", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00", b"PK\x03\x04broken"])
def test_another_format_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "codes.txt"
    path.write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"codes\.txt") as error:
        default_geocoder(postcode_file=path)
    assert "GeoNames" in error.value.hint


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match="cannot be opened"):
        default_geocoder(postcode_file=tmp_path / "none.zip")


def test_a_file_without_positions_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_text(line(ROWS[-1]) + "\n", encoding="utf-8")
    with pytest.raises(UnreadableInputError, match="no row with a country and a position"):
        default_geocoder(postcode_file=path)
