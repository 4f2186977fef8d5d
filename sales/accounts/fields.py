"""Which column of the file is which field of an account."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from geo.errors import MissingColumnError, OptionError
from sales.accounts.headers import plain
from sales.accounts.synonyms import ADDRESS, FAMILIES, SINGLE
from sales.accounts.types import NUMBER_FIELDS, TEXT_FIELDS

FIELDS: Final = ("account_id", *TEXT_FIELDS, *NUMBER_FIELDS)
LOCATING: Final = ("street", "city", "state", "postal_code", "country", "latitude", "longitude")
_STREETS: Final = ("street", "street 2", "street 3")


@dataclass(frozen=True, slots=True)
class AddressColumns:
    """The columns of one address. Each field has the headers to try, first with a value wins;
    all of `streets` are joined."""

    streets: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]

    def headers(self) -> tuple[str, ...]:
        """All headers used."""
        return (*self.streets, *(h for headers in self.parts.values() for h in headers))


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """`single` field → header; `addresses` in order of preference."""

    single: Mapping[str, str]
    addresses: tuple[AddressColumns, ...]

    def found(self) -> dict[str, str]:
        """Field → header, as an AccountTable reports it."""
        found = dict(self.single)
        if self.addresses:
            first = self.addresses[0]
            if first.streets:
                found["street"] = first.streets[0]
            found.update({field: headers[0] for field, headers in first.parts.items()})
        return {field: found[field] for field in FIELDS if field in found}

    def headers(self) -> set[str]:
        """All headers that have a meaning."""
        used = set(self.single.values())
        return used.union(*(address.headers() for address in self.addresses))


@cache
def _single_names() -> dict[str, str]:
    return {plain(name): field for field, names in SINGLE.items() for name in names}


@cache
def _address_names() -> dict[str, tuple[int, str, int]]:
    """Plain name → (family, part, rank); the most preferred family where a name has two."""
    table: dict[str, tuple[int, str, int]] = {}
    for family, prefixes in enumerate(FAMILIES):
        for part, names in ADDRESS.items():
            for rank, name in enumerate(names):
                for prefix in prefixes:
                    table.setdefault(plain(prefix + name), (family, part, rank))
    return table


def is_known(header: str) -> bool:
    """Whether `header` is the name of a field of an account."""
    name = plain(header)
    return name in _single_names() or name in _address_names()


def match_fields(
    headers: Iterable[str], overrides: Mapping[str, str], *, headerless: bool = False
) -> FieldColumns:
    """Match headers to fields; `overrides` field → header come first (an empty one: none).

    Raises OptionError for an unknown field, MissingColumnError for a header that is not there.
    """
    headers = tuple(headers)
    chosen = {
        checked_field(field): named_header(headers, field, header) if header else ""
        for field, header in overrides.items()
    }
    free = [header for header in headers if header not in chosen.values()]
    if headerless:
        free = []
    single: dict[str, str] = {}
    for field, names in SINGLE.items():
        if field in chosen:
            continue
        plain_names = [plain(name) for name in names]
        ranked = [(plain_names.index(plain(h)), h) for h in free if plain(h) in plain_names]
        if ranked:
            single[field] = min(ranked, key=lambda pair: pair[0])[1]
    single |= {f: h for f, h in chosen.items() if h and f in SINGLE}
    taken = set(single.values())
    free = [header for header in free if header not in taken]
    return FieldColumns(single, _addresses(free, chosen))


def _addresses(free: Iterable[str], chosen: Mapping[str, str]) -> tuple[AddressColumns, ...]:
    families: dict[int, dict[str, list[tuple[int, str]]]] = {}
    names = _address_names()
    for header in free:
        family, part, rank = names.get(plain(header), (-1, "", 0))
        field = "street" if part in _STREETS else part
        if family >= 0 and field not in chosen:
            families.setdefault(family, {}).setdefault(part, []).append((rank, header))
    addresses = _completed([parts for _, parts in sorted(families.items())])
    own = {f: h for f, h in chosen.items() if h and f in LOCATING}
    if own:
        first = addresses[0] if addresses else AddressColumns((), {})
        streets = (own.pop("street"),) if "street" in own else first.streets
        parts = dict(first.parts) | {field: (header,) for field, header in own.items()}
        addresses = [AddressColumns(streets, parts), *addresses[1:]]
    return tuple(addresses)


def _completed(families: list[dict[str, list[tuple[int, str]]]]) -> list[AddressColumns]:
    """Addresses, with lone parts (“Latitude” beside “Billing City”) given to the first of them."""
    whole = [parts for parts in families if parts.keys() & {*_STREETS, "city", "postal_code"}]
    lone = [parts for parts in families if not any(parts is other for other in whole)]
    first = dict(whole[0]) if whole else {}
    for parts in lone:
        first = parts | first
    return [_address(parts) for parts in (first, *whole[1:]) if parts]


def _address(parts: Mapping[str, list[tuple[int, str]]]) -> AddressColumns:
    def ordered(part: str) -> tuple[str, ...]:
        return tuple(header for _, header in sorted(parts.get(part, ()), key=lambda p: p[0]))

    # “Street” beside “Address” say the same twice, “Street 1” to “Street 3” continue each other
    streets = tuple(header for part in _STREETS for header in ordered(part)[:1])
    return AddressColumns(
        streets, {p: ordered(p) for p in LOCATING if p != "street" and p in parts}
    )


def checked_field(field: str, fields: Iterable[str] = FIELDS) -> str:
    """`field`, if there is one of that name; else OptionError with what was perhaps meant."""
    fields = tuple(fields)
    if field in fields:
        return field
    near = difflib.get_close_matches(field.lower(), fields, 1)
    guess = f"Did you mean “{near[0]}”? " if near else ""
    raise OptionError(
        f"There is no field “{field}”", hint=f"{guess}The fields are {', '.join(fields)}."
    )


def named_header(headers: tuple[str, ...], field: str, wanted: str) -> str:
    """The header that `wanted` means, by exact or by plain name; else MissingColumnError."""
    if wanted in headers:
        return wanted
    for header in headers:
        if plain(header) == plain(wanted) and plain(wanted):
            return header
    near = difflib.get_close_matches(wanted, headers, 1) or difflib.get_close_matches(
        wanted.lower(), [header.lower() for header in headers], 1
    )
    guess = f"Did you mean “{near[0]}”? " if near else ""
    raise MissingColumnError(
        f"There is no column “{wanted}” for {field}",
        hint=f"{guess}The file has {listed(headers)}.",
    )


def listed(headers: Iterable[str], limit: int = 40) -> str:
    """The headers in a sentence."""
    names = [f"“{header[:60]}”" for header in headers]
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def near_known(headers: Iterable[str]) -> str:
    """“Lattitude” looks like latitude: a suggestion for headers that nearly match, or ""."""
    known = {**_single_names(), **{name: part for name, (_, part, _) in _address_names().items()}}
    for header in headers:
        near = difflib.get_close_matches(plain(header), known, 1, cutoff=0.8)
        if near and known[near[0]] in LOCATING:
            return f"“{header}” looks like {known[near[0]]}: --column {known[near[0]]}={header}. "
    return ""
