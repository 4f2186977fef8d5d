"""The country that most addresses of a file share: a guess for those that name none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geo.geocode.country import country_code
from geo.geocode.infer import inferred_country
from geo.geocode.types import Address
from geo.geocode.us_zip_table import read_zip, zips

PREVAILING_SHARE: Final = 0.8
ZIP_SHARE: Final = 0.95  # of the codes; 42 % of all five-digit numbers are ZIP codes
FEWEST_ZIPS: Final = 5  # distinct ones; fewer prove nothing


@dataclass(frozen=True, slots=True)
class Prevailing:
    """A country (two letters) and why it is taken to be that of the whole file, in words."""

    country: str
    because: str


def told_country(address: Address) -> str | None:
    """Two-letter country that an address names, or that the rest of it leaves no choice about."""
    return country_code(address.country) or inferred_country(address)


def prevailing_country(addresses: Sequence[Address], rows: Sequence[int]) -> Prevailing | None:
    """The country of at least four in five of the rows that tell theirs.

    `rows`: how many rows have each of the distinct addresses.

    Where none tells, a file whose five-digit codes nearly all exist as ZIP codes is American.
    """
    told: Counter[str] = Counter()
    for address, count in zip(addresses, rows, strict=True):
        if (named := told_country(address)) is not None:
            told[named] += count
    if told:
        country, most = min(told.items(), key=lambda item: (-item[1], item[0]))
        share = most / told.total()
        if share < PREVAILING_SHARE:
            return None
        return Prevailing(country, f"{share:.0%} of the rows that tell theirs are there")
    codes = {read_zip(text) for text in {a.postal_code for a in addresses if a.postal_code.strip()}}
    real = sum(code is not None and code.code in zips() for code in codes)
    if len(codes) < FEWEST_ZIPS or real < ZIP_SHARE * len(codes):
        return None
    return Prevailing("US", f"{real:,} of {len(codes):,} different postal codes are ZIP codes")
