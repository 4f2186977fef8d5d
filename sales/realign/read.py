"""A file of scenarios: TOML, strict, with errors that name the key and the remedy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import BailiwickError, InputError
from geo.geocode.types import Geocoder
from sales.realign.budget import parse_budget
from sales.realign.merger import merger_of
from sales.realign.sales import check_basis, read_bookings
from sales.realign.scenario import LOST_SALES, Band, Join, NewPotential, SalesBasis, Scenario
from sales.realign.scores import read_scores
from sales.realign.told import told
from sales.toml_file import parsed, text_of

_TOP = ("revenue", "scenario")
_REVENUE = ("lost", "bookings", "share_of_potential", "column")
_SCENARIO = (
    "name", "leaves", "joins", "headcount", "merge", "potential", "max_disruption", "tolerance",
    "respond", "effort",
)  # fmt: skip
_JOIN = ("name", "id", "place", "capacity", "lat", "lng")
_MERGE = ("plan", "input", "reps", "alignment")
_BAND = ("from", "to", "times")


@dataclass(frozen=True, eq=False)
class Book:
    """The scenarios of a file, and how revenue is reckoned."""

    scenarios: tuple[Scenario, ...]
    basis: SalesBasis


def read_scenarios(path: Path, geocoder: Geocoder) -> Book:
    """Read a file of scenarios; files that it names are sought beside it.

    Raises InputError naming the key for whatever is unknown, of the wrong kind or impossible.
    """
    return book_of(parsed(text_of(path), path.name), path.name, path.parent, geocoder)


def book_of(document: Mapping[str, Any], source: str, beside: Path, geocoder: Geocoder) -> Book:
    """The same of a parsed document; `beside` is where files are sought."""
    reader = _Reader(source, beside, geocoder)
    reader.known(document, _TOP, "")
    given = document.get("scenario")
    if not isinstance(given, list) or not given:
        raise reader.wrong("scenario", "is missing", "Begin each scenario with [[scenario]].")
    basis = reader.basis(document.get("revenue", {}))
    return Book(tuple(reader.scenario(entry, k + 1) for k, entry in enumerate(given)), basis)


@dataclass(frozen=True)
class _Reader:
    source: str
    beside: Path
    geocoder: Geocoder

    def wrong(self, key: str, what: str, hint: str) -> InputError:
        return InputError(f"{self.source}: `{key}` {what}", hint=hint)

    def known(self, table: object, keys: tuple[str, ...], where: str) -> Mapping[str, Any]:
        if not isinstance(table, Mapping):
            raise self.wrong(where or "the file", "is no table", f"It may hold {', '.join(keys)}.")
        for key in table:
            if key not in keys:
                raise self.wrong(
                    f"{where}.{key}".lstrip("."), "is unknown", f"There may be {', '.join(keys)}."
                )
        return table

    def number(self, value: object, key: str, *, whole: bool = False) -> float:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            kind = "a whole number" if whole else "a number"
            raise self.wrong(key, f"is {value!r}, not {kind}", "Write it without quotes.")
        return value

    def text(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, f"is {value!r}, not a text", "Write it between quotes.")
        return value

    def file(self, value: object, key: str) -> Path:
        return self.beside / self.text(value, key)

    def within(self, key: str, read: Callable[[], Any]) -> Any:
        """What `read` gives; an error of its own says which key it was about."""
        try:
            return read()
        except BailiwickError as error:
            raise told(error, f"{self.source}: `{key}`") from error.__cause__

    def basis(self, table: object) -> SalesBasis:
        given = self.known(table, _REVENUE, "revenue")
        lost = given.get("lost", list(LOST_SALES))
        if not isinstance(lost, list) or len(lost) != 2:
            raise self.wrong("revenue.lost", "is not two fractions", "Write [0.13, 0.18].")
        low, high = (float(self.number(value, "revenue.lost")) for value in lost)
        of, note = None, ""
        if "bookings" in given:
            path = self.file(given["bookings"], "revenue.bookings")
            of, note = self.within("revenue.bookings", lambda: read_bookings(path))
        share = given.get("share_of_potential")
        column = given.get("column", "")
        basis = SalesBasis(
            of,
            None if share is None else float(self.number(share, "revenue.share_of_potential")),
            self.text(column, "revenue.column") if "column" in given else "",
            (low, high),
            note,
        )
        checked: SalesBasis = self.within("revenue", lambda: check_basis(basis))
        return checked

    def scenario(self, table: object, number: int) -> Scenario:
        where = f"scenario {number}"
        given = self.known(table, _SCENARIO, where)
        name = self.text(given.get("name"), f"{where}.name")
        where = f"scenario “{name}”"
        leaves = given.get("leaves", [])
        if isinstance(leaves, str):
            leaves = [leaves]
        if not isinstance(leaves, list):
            raise self.wrong(f"{where}.leaves", "is no list", 'Write ["R101", "R102"].')
        joins = given.get("joins", [])
        joins = joins if isinstance(joins, list) else [joins]
        budget = given.get("max_disruption")
        tolerance = given.get("tolerance")
        return Scenario(
            name,
            tuple(self.text(rep, f"{where}.leaves") for rep in leaves),
            tuple(self.join(join, f"{where}.joins") for join in joins),
            int(self.number(given.get("headcount", 0), f"{where}.headcount", whole=True)),
            self.merger(given["merge"], f"{where}.merge") if "merge" in given else None,
            self.potential(given["potential"], f"{where}.potential")
            if "potential" in given
            else None,
            None
            if budget is None
            else self.within(f"{where}.max_disruption", lambda: parse_budget(budget)),
            None if tolerance is None else float(self.number(tolerance, f"{where}.tolerance")),
            self.choice(given, "respond", where, "realign", "nearest", "orphans"),
            self.choice(given, "effort", where, "default", "quick"),
        )

    def choice(self, given: Mapping[str, Any], key: str, where: str, *known: str) -> Any:
        value = given.get(key, known[0])
        if value not in known:
            raise self.wrong(f"{where}.{key}", f"is {value!r}", f"It may be {', '.join(known)}.")
        return value

    def join(self, given: object, where: str) -> Join:
        if isinstance(given, str):
            return Join(place=self.text(given, where))
        table = self.known(given, _JOIN, where)
        capacity = float(self.number(table.get("capacity", 1.0), f"{where}.capacity"))
        if not 0 < capacity < float("inf"):
            raise self.wrong(f"{where}.capacity", "is not above 0", "1 is a full-time rep.")
        if ("lat" in table) != ("lng" in table):
            raise self.wrong(where, "has only one of lat and lng", "Give both, or a place.")
        texts = {
            key: self.text(table[key], f"{where}.{key}")
            for key in ("name", "id", "place")
            if key in table
        }
        position = {
            key: float(self.number(table[key], f"{where}.{key}"))
            for key in ("lat", "lng")
            if key in table
        }
        return Join(
            texts.get("place", ""), texts.get("name", ""), texts.get("id", ""), capacity,
            position.get("lat"), position.get("lng"),
        )  # fmt: skip

    def merger(self, given: object, where: str) -> Any:
        table = self.known(given, _MERGE, where)
        files = {key: self.file(value, f"{where}.{key}") for key, value in table.items()}
        return self.within(where, lambda: merger_of(files, self.geocoder))

    def potential(self, given: object, where: str) -> NewPotential:
        """`column`, `scored`, or a table of multipliers under the name of each column."""
        if not isinstance(given, Mapping) or not given:
            raise self.wrong(where, "says nothing", "Give multipliers, a column or a scored file.")
        by_text: dict[str, dict[str, float]] = {}
        by_band: dict[str, tuple[Band, ...]] = {}
        for column, table in given.items():
            key = f"{where}.{column}"
            if column in ("column", "scored"):
                continue
            if isinstance(table, list):
                by_band[column] = tuple(self.band(entry, key) for entry in table)
            elif isinstance(table, Mapping):
                by_text[column] = {v: self.times(t, f"{key}.{v}") for v, t in table.items()}
            else:
                raise self.wrong(key, "is no table of multipliers", "See docs/guide/change.md.")
        scored = self.file(given["scored"], f"{where}.scored") if "scored" in given else None
        return NewPotential(
            by_text,
            by_band,
            self.text(given["column"], f"{where}.column") if "column" in given else "",
            None if scored is None else self.within(f"{where}.scored", lambda: read_scores(scored)),
        )

    def band(self, given: object, where: str) -> Band:
        table = self.known(given, _BAND, where)
        if "times" not in table:
            raise self.wrong(where, "has no `times`", "Write {from = 0, to = 50, times = 1.2}.")
        low = float(self.number(table.get("from", 0), f"{where}.from"))
        high = float(self.number(table.get("to", float("inf")), f"{where}.to"))
        if not low < high:
            raise self.wrong(where, f"goes from {low:g} to {high:g}", "`from` must be below `to`.")
        return Band(low, high, self.times(table["times"], f"{where}.times"))

    def times(self, value: object, key: str) -> float:
        factor = float(self.number(value, key))
        if not 0 <= factor < float("inf"):
            raise self.wrong(key, f"is {factor:g}", "A multiplier is 0 or more.")
        return factor
