"""Denmark and southern Sweden: a market on islands, in another country's way of writing."""

import math
from random import Random

from scripts.samples import names
from scripts.samples.places import Place, oeresund_place, oeresund_towns
from scripts.samples.us import INDUSTRIES, Seller
from scripts.samples.us_export import Flaw

ACCOUNTS = 600
HEADER = (
    "Record ID", "Company name", "Industry", "Street address", "City", "Country/Region",
    "Annual revenue", "Number of employees", "Annual Potential", "Latitude", "Longitude",
    "Company owner",
)  # fmt: skip
REPS_HEADER = ("rep_id", "name", "capacity", "home_city", "home_country")
COUNTRIES = {"DK": ("Danmark", "Denmark", "DK"), "SE": ("Sverige", "Sweden", "SE")}
HOMES = ("København", "Roskilde", "Odense", "Århus", "Malmö", "Lund", "Halmstad", "Aalborg")
TRADES = {"DK": ("Handel", "Maskinfabrik", "Møbler", "Fødevarer", "Bådeværft", "Energi"),
          "SE": ("Handel", "Mekaniska", "Möbler", "Livsmedel", "Båtvarv", "Energi")}  # fmt: skip
LEGAL = {"DK": ("A/S", "ApS", "I/S"), "SE": ("AB", "HB")}
EAST, WEST = ("å", "ø", "æ"), ("å", "ö", "ä")


def sellers() -> list[Seller]:
    """Eight reps on both sides of the water; one works four days a week."""
    homes = {t.city: t for t in reversed(oeresund_towns()[0])}
    return [
        Seller(f"N{i + 1:02d}", name, 0.8 if i == 6 else 1.0, homes[city])
        for i, (name, city) in enumerate(zip(names.OERESUND_REPS, HOMES, strict=True))
    ]


def decimal(value: float, digits: int = 2) -> str:
    """A number with a decimal comma and points between thousands, as a local export has it."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def export_rows() -> tuple[list[list[str]], list[Flaw]]:
    """All rows below the header, and what is wrong with which."""
    rng = Random("oeresund")
    owners = [seller.name for seller in sellers()]
    rows = []
    taken: set[str] = set()
    kinds, weights = list(INDUSTRIES), [v[0] for v in INDUSTRIES.values()]
    for i in range(ACCOUNTS):
        place = oeresund_place(rng)
        name = ""
        while not name or name in taken:
            name = _company(rng, place.country)
        taken.add(name)
        industry = rng.choices(kinds, weights)[0]
        employees = max(2, round(35 * math.exp(rng.gauss(0.0, 1.1))))
        revenue = employees * 1_600_000 * math.exp(rng.gauss(0.0, 0.4))
        potential = min(0.004 * revenue * math.exp(rng.gauss(0.0, 0.6)), 4_000_000.0)
        given = rng.random() < 0.55
        lat = place.lat + rng.gauss(0.0, 0.004) if given else None
        lng = place.lng + rng.gauss(0.0, 0.006) if given else None
        streets = names.DANISH_STREETS if place.country == "DK" else names.SWEDISH_STREETS
        rows.append([
            str(20417000 + i * 7), name, industry, f"{rng.choice(streets)} {rng.randint(1, 180)}",
            place.city, rng.choices(COUNTRIES[place.country], (70, 20, 10))[0],
            decimal(round(revenue, -3)), str(employees), decimal(round(potential, -2)),
            "" if lat is None else f"{lat:.5f}".replace(".", ","),
            "" if lng is None else f"{lng:.5f}".replace(".", ","),
            rng.choice(owners),
        ])  # fmt: skip
    return rows, _flaws(rng, rows)


def _flaws(rng: Random, rows: list[list[str]]) -> list[Flaw]:
    """Spoil nine rows in ways that coordinates and local numbers are spoilt."""
    lat, lng = HEADER.index("Latitude"), HEADER.index("Longitude")
    given = iter(rng.sample([i for i, r in enumerate(rows) if r[lat]], 5))
    bare = iter(rng.sample([i for i, r in enumerate(rows) if not r[lat]], 4))
    told: list[tuple[int, str]] = []
    for flaw in ("zero_zero", "zero_zero", "swapped", "comma_lost", "half_given"):
        i = next(given)
        row = rows[i]
        row[lat], row[lng] = {
            "zero_zero": ("0,0", "0,0"), "swapped": (row[lng], row[lat]),
            "comma_lost": (row[lat].replace(",", ""), row[lng].replace(",", "")),
            "half_given": (row[lat], ""),
        }[flaw]  # fmt: skip
        told.append((i, flaw))
    for flaw, city in (("city_missing", ""), ("city_misspelt", "Helsinborg"),
                       ("city_misspelt", "Kobenhvan"), ("potential_missing", "")):  # fmt: skip
        i = next(bare)
        if flaw == "potential_missing":
            rows[i][HEADER.index("Annual Potential")] = ""
        else:
            rows[i][HEADER.index("City")] = city
        if city:
            rows[i][HEADER.index("Country/Region")] = "Sverige" if city[-1] == "g" else "Danmark"
        told.append((i, flaw))
    return [Flaw(i + 2, rows[i][0], flaw) for i, flaw in sorted(told)]


def _company(rng: Random, country: str) -> str:
    """An invented company, spelt as on its side of the Sound."""
    letter = rng.choice(EAST if country == "DK" else WEST)
    root = names.root(rng)
    first = next(i for i, c in enumerate(root) if c in "aeiouy")
    trade, legal = rng.choice(TRADES[country]), rng.choice(LEGAL[country])
    return f"{root[:first]}{letter}{root[first + 1 :]} {trade} {legal}"


def home_row(seller: Seller) -> list[str]:
    """A row of the roster."""
    place: Place = seller.home
    capacity = f"{seller.capacity:.1f}".replace(".", ",")
    return [seller.rep_id, seller.name, capacity, place.city, COUNTRIES[place.country][0]]
