"""Country names, as people write them, to ISO 3166-1 codes of two letters."""

import gettext
from functools import cache, lru_cache
from typing import Final

import pycountry

from geo.geocode.text import plain

# languages in which countries are also known by name; English comes first in any dispute
LANGUAGES: Final = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "hu", "ro", "tr",
    "el", "ru", "uk", "ja", "ko", "zh_CN", "zh_TW", "ar", "he", "vi", "id",
)  # fmt: skip
_ALSO: Final = {
    "us": "US", "usa": "US", "united states of america": "US", "america": "US", "u s": "US",
    "u s a": "US", "the united states": "US", "estados unidos": "US", "etats unis": "US",
    "eeuu": "US", "ee uu": "US", "eua": "US", "e u": "US", "united states usa": "US",
    "uk": "GB", "u k": "GB", "great britain": "GB", "britain": "GB", "england": "GB",
    "scotland": "GB", "wales": "GB", "northern ireland": "GB", "gb uk": "GB", "cymru": "GB",
    "deutschland brd": "DE", "brd": "DE", "holland": "NL", "the netherlands": "NL",
    "republic of ireland": "IE", "eire": "IE", "ivory coast": "CI", "cote divoire": "CI",
    "russia": "RU", "south korea": "KR", "korea": "KR", "republic of korea": "KR",
    "korea south": "KR", "north korea": "KP", "taiwan": "TW", "taiwan roc": "TW", "roc": "TW",
    "prc": "CN", "pr china": "CN", "p r china": "CN", "mainland china": "CN", "vietnam": "VN",
    "hong kong sar": "HK", "macau": "MO", "czech republic": "CZ", "macedonia": "MK",
    "swaziland": "SZ", "burma": "MM", "cape verde": "CV", "vatican": "VA", "kosovo": "XK",
    "xk": "XK", "xkx": "XK",
    "palestine": "PS", "uae": "AE", "u a e": "AE", "emirates": "AE", "ksa": "SA",
    "turkey": "TR", "brasil": "BR", "laos": "LA", "syria": "SY", "iran": "IR", "moldova": "MD",
    "tanzania": "TZ", "venezuela": "VE", "bolivia": "BO", "brunei": "BN", "congo": "CG",
    "drc": "CD", "dr congo": "CD", "congo brazzaville": "CG", "congo kinshasa": "CD",
    "nz": "NZ", "rsa": "ZA", "rep of south africa": "ZA", "virgin islands": "VI",
    "us virgin islands": "VI", "st lucia": "LC", "trinidad": "TT", "bosnia": "BA",
    "россия": "RU", "рф": "RU",
}  # fmt: skip


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        for form in (
            country.alpha_2,
            country.alpha_3,
            country.name,
            getattr(country, "official_name", ""),
            getattr(country, "common_name", ""),
        ):
            if form:
                codes.setdefault(plain(form), country.alpha_2)
    codes.update(_ALSO)
    for language in LANGUAGES:
        words = gettext.translation(
            "iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True
        )
        for country in pycountry.countries:
            codes.setdefault(plain(words.gettext(country.name)), country.alpha_2)
            common = getattr(country, "common_name", country.name)
            codes.setdefault(plain(words.gettext(common)), country.alpha_2)
    codes.pop("", None)
    return codes


@lru_cache(maxsize=1 << 14)
def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 code of a country written as code or name, or None if not understood."""
    words = plain(text)
    found = _codes().get(words)
    return found if found is not None else _codes().get(words.removeprefix("the "))


@cache
def country_name(code: str) -> str:
    """English name of a country given by its two-letter code; the code itself if unknown."""
    country = pycountry.countries.get(alpha_2=code)
    if country is None:
        return "Kosovo" if code == "XK" else code  # GeoNames has it, ISO 3166-1 has not
    return str(getattr(country, "common_name", country.name))
