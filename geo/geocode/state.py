"""States and provinces, as people write them, to GeoNames' admin1 codes of their country."""

import csv
import gettext
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import pycountry

from geo.geocode.text import key, plain

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs")
_TYPE_WORDS: Final = re.compile(
    r"\b(province|provincia|region|regiao|oblast|governorate|state|of|the|county|district"
    r"|department|departamento|municipality|prefecture|emirate|city|municipio|estado|de|la|del"
    r"|co|parish|voivodeship|division|republic|kraj|kray|autonomous|krai|respublika|wilaya|do|al|el)\b"
)
# places under the US flag: states to the post office, countries to ISO
US_TERRITORIES: Final = {
    "PR": "Puerto Rico", "GU": "Guam", "VI": "Virgin Islands", "AS": "American Samoa",
    "MP": "Northern Mariana Islands", "FM": "Micronesia", "MH": "Marshall Islands", "PW": "Palau",
}  # fmt: skip
MILITARY: Final = frozenset({"AA", "AE", "AP"})  # post of the armed forces: nowhere on the map
_US_ALSO: Final = {
    "AL": "Ala", "AZ": "Ariz", "AR": "Ark", "CA": "Calif|Cal", "CO": "Colo", "CT": "Conn",
    "DE": "Del", "FL": "Fla", "IL": "Ill", "IN": "Ind", "KS": "Kans|Kan", "LA": "Louis",
    "MA": "Mass", "MI": "Mich", "MN": "Minn", "MS": "Miss", "MT": "Mont", "NE": "Nebr|Neb",
    "NV": "Nev", "NM": "N Mex", "OK": "Okla", "OR": "Ore|Oreg", "PA": "Penn|Penna",
    "TN": "Tenn", "TX": "Tex", "WA": "Wash|Washington State", "WI": "Wis|Wisc", "WV": "W Va",
    "WY": "Wyo", "DC": "Washington DC|D.C.|District of Colombia", "NY": "New York State",
}  # fmt: skip
_CA_ALSO: Final = {
    "01": "Alta", "02": "Brit Col", "03": "Man", "05": "Newfoundland|NF|Nfld|Labrador",
    "08": "Ont", "09": "PEI", "10": "Que|PQ", "11": "Sask", "12": "YK", "13": "NWT",
}  # fmt: skip
# counties that people write though ISO 3166-2 knows only their parts
_GB_ALSO: Final = {
    "ENG": "Avon|Bedfordshire|Beds|Berkshire|Berks|Bucks|Cambs|Cheshire|Cleveland|East Sussex"
    "|Sussex|Glos|Greater London|Greater Manchester|Hants|Herts|Humberside|Lancs|Lincs|Merseyside"
    "|Middlesex|Middx|Northants|Notts|Oxon|Salop|South Yorkshire|Staffs|Tyne and Wear|Warks"
    "|West Midlands|West Yorkshire|Wilts|Worcs|Yorkshire|Yorks",
    "SCT": "Lothian|Strathclyde|Grampian|Tayside|Lanarkshire|Ayrshire|Perthshire",
    "WLS": "Clwyd|Dyfed|Gwent|Mid Glamorgan|South Glamorgan|West Glamorgan|Glamorgan",
    "NIR": "Antrim|Armagh|Down|Fermanagh|Londonderry|Tyrone",
}
_ALSO: Final = {
    "US": _US_ALSO,
    "CA": _CA_ALSO,
    "MX": {"09": "DF|D.F.|CDMX|Distrito Federal|Mexico DF", "15": "Edomex|Edo Mex"},
    "DE": {"07": "NRW"},
    "VE": {"25": "DF|Distrito Federal"},
    "GB": _GB_ALSO,
    "AU": {"04": "Qld", "07": "Vic", "06": "Tas"},
}


def bare(name: str) -> str:
    """Key of a state's name without words like "province", unless nothing would be left."""
    return key(_TYPE_WORDS.sub(" ", plain(name))) or key(name)


@cache
def _table() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """(code, iso, name) of every state, by country."""
    states: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    file = resources.files("geo.geocode").joinpath("data", "admin1.csv")
    with file.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            states[row["country"]].append((row["code"], row["iso"], row["name"]))
    states["US"] += [(code, code, name) for code, name in US_TERRITORIES.items()]
    return {country: tuple(rows) for country, rows in states.items()}


@cache
def _translations() -> tuple[gettext.NullTranslations, ...]:
    return tuple(
        gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[code], fallback=True)
        for code in LANGUAGES
    )


def _spellings(name: str) -> Iterator[str]:
    """A name of ISO 3166-2 in every language we know; bracketed synonyms apart."""
    for form in dict.fromkeys([name, *(t.gettext(name) for t in _translations())]):
        yield from (part for part in re.split(r"[/\[\](),;]", form) if part.strip())


@cache
def _codes(country: str) -> dict[str, str]:
    """Key → admin1 code. What names a state outranks what names a part of one."""
    codes: dict[str, str] = {}
    rows = _table().get(country, ())
    by_iso = {iso: code for code, iso, _ in rows if iso}
    for code, iso, name in rows:
        codes.setdefault(key(name), code)
        if iso:
            codes.setdefault(key(iso), code)
    for code, names in _ALSO.get(country, {}).items():
        for name in names.split("|"):
            codes.setdefault(key(name), code)
    parts = pycountry.subdivisions.get(country_code=country)  # type: ignore[no-untyped-call]
    subdivisions = {part.code: part for part in parts or ()}
    for iso, code in by_iso.items():
        if f"{country}-{iso}" in subdivisions:
            for form in _spellings(subdivisions[f"{country}-{iso}"].name):
                codes.setdefault(key(form), code)
    for code, _, name in rows:
        codes.setdefault(bare(name), code)
    for full, part in sorted(subdivisions.items()):
        within = (part.parent_code or "").partition("-")[2]
        if within in by_iso:
            codes.setdefault(key(full.partition("-")[2]), by_iso[within])
            codes.setdefault(key(part.name), by_iso[within])
            codes.setdefault(bare(part.name), by_iso[within])
    codes.pop("", None)
    return codes


@lru_cache(maxsize=1 << 14)
def state_code(country: str, text: str) -> str | None:
    """GeoNames admin1 code of a state of `country` (two letters), or None if not understood.

    Codes ("TX", "US-TX"), names in the usual languages, and the counties or provinces that
    ISO 3166-2 files under a state are understood: Surrey → England, Milano → Lombardy.
    """
    short = text.strip().upper().removeprefix(f"{country}-")
    return _codes(country).get(key(short)) or _codes(country).get(bare(short))


@cache
def state_name(country: str, code: str) -> str:
    """English name of a state given by its admin1 code; the code itself if unknown."""
    return next((name for c, _, name in _table().get(country, ()) if c == code), code)


@cache
def _countries_by_state() -> dict[str, frozenset[str]]:
    countries: dict[str, set[str]] = defaultdict(set)
    for country, rows in _table().items():
        for _, _, name in rows:
            countries[key(name)].add(country)
    return {name: frozenset(where) for name, where in countries.items()}


def country_of_state(text: str) -> str | None:
    """The one country that has a state of this full name, or None where none or several have."""
    where = _countries_by_state().get(key(text), frozenset())
    return next(iter(where)) if len(where) == 1 and len(key(text)) > 3 else None
