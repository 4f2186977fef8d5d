from geo.geocode.batch import geocode_all
from geo.geocode.types import Address, Geocode, Precision


class Counting:
    """Finds what has a city, and counts how often it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[Address] = []

    def geocode(self, address: Address) -> Geocode | None:
        self.asked.append(address)
        if not address.city:
            return None
        return Geocode(1.0, 2.0, Precision.CITY, "test", 1.0, address.city)


def test_each_distinct_address_is_asked_for_once_and_order_is_kept() -> None:
    a, b, none = Address(city="A"), Address(city="B"), Address()
    geocoder = Counting()
    results = geocode_all([a, none, b, a, none, a], geocoder)
    assert [r.matched if r else None for r in results] == ["A", None, "B", "A", None, "A"]
    assert geocoder.asked == [a, none, b]


def test_progress_ends_at_one_even_without_addresses() -> None:
    told: list[float] = []

    def listen(stage: str, fraction: float, message: str = "") -> None:
        told.append(fraction)

    assert geocode_all([], Counting(), progress=listen) == []
    geocode_all([Address()] * 50_000, Counting(), progress=listen)
    assert told[-1] == 1.0
    assert told == [1.0, *sorted(told[1:])]
    assert len(told) < 10
