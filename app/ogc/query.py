"""The parameters of a request, checked as the standard wants: what is unknown or odd is a 400."""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shapely.geometry.base import BaseGeometry
from starlette.datastructures import QueryParams

from app.errors import BadParameterError
from app.ogc import cql2
from app.ogc.layer import Layer
from app.ogc.shapes import box_shape

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H: Final = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
DEFAULT_LIMIT: Final = 100
MOST: Final = 10**15 - 1  # that a number may be
EVERYWHERE: Final = ("f", "plan", "version")
OF_ITEMS: Final = (
    "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang",
    "filter-crs",
)  # fmt: skip
_DAY: Final = r"\d{4}-\d\d-\d\d"
_MOMENT: Final = re.compile(rf"{_DAY}([Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)


@dataclass(frozen=True)
class ItemsQuery:
    """Which features are asked for, and which page of them."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    shape: BaseGeometry | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    filter: object = None
    filtered: bool = False


def single(params: QueryParams, known: Collection[str] | None) -> dict[str, str]:
    """The parameters by name; raises BadParameterError on one given twice, or not `known`."""
    if known is not None:
        _check_known(params, known)
    for name in params:
        if len(params.getlist(name)) > 1:
            raise BadParameterError(f"the parameter {name!r} is given twice", hint="Give it once.")
    return dict(params)


def _check_known(names: Iterable[str], known: Collection[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise BadParameterError(
            f"there is no parameter {unknown[0]!r:.80} here",
            hint=f"Here are known: {', '.join(known)}."[:600],
        )


def items_query(given: Mapping[str, str], layer: Layer, most: int) -> ItemsQuery:
    """What is asked of a collection's items; raises BadParameterError."""
    own = (*EVERYWHERE, *OF_ITEMS, "level")
    _check_known(given, (*own, *layer.table.column_names))
    for name in ("crs", "bbox-crs", "filter-crs"):
        if given.get(name, CRS84) not in (CRS84, CRS84H):
            raise _bad(name, f"is not {CRS84}, the only one there is")
    if "datetime" in given:
        _check_time(given["datetime"])  # no feature has a time, so each goes with any time
    language = given.get("filter-lang", cql2.TEXT)
    if language not in cql2.LANGUAGES:
        raise _bad("filter-lang", f"is none of {', '.join(cql2.LANGUAGES)}")
    text = given.get("filter")
    return ItemsQuery(
        limit=min(whole(given, "limit", DEFAULT_LIMIT, least=1), most),
        offset=whole(given, "offset", 0, least=0),
        shape=_box(given["bbox"]) if "bbox" in given else None,
        equal={name: value for name, value in given.items() if name not in own},
        filter=None if text is None else cql2.parse(text, language),
        filtered=text is not None,
    )


def whole(given: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    """A whole number, or the default where it is not given; raises BadParameterError."""
    text = given.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < least:
        raise _bad(name, f"is not a whole number from {least} on")
    return int(text)


def _box(text: str) -> BaseGeometry:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise _bad("bbox", "is not made of numbers with commas between") from None
    return box_shape(numbers)


def _check_time(text: str) -> None:
    ends = text.split("/")
    moments = [_moment(end) for end in ends if end not in ("", "..")]
    if len(ends) > 2 or (len(ends) == 1 and not moments):
        raise _bad("datetime", "is neither a moment nor an interval")
    if len(moments) == 2 and moments[0] > moments[1]:
        raise _bad("datetime", "ends before it begins")


def _moment(text: str) -> float:
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise _bad("datetime", "has a moment that is not written as in RFC 3339") from None
    # Days have no time zone; only their order counts.
    return (moment.replace(tzinfo=None) - datetime(1, 1, 1)).total_seconds()


def number(name: str, text: str) -> float:
    """The number that a property shall equal; raises BadParameterError."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad(name, "is not a number, as the property is")
    return value


def _bad(name: str, what: str) -> BadParameterError:
    return BadParameterError(f"the parameter {name!r} {what}", hint="See docs/gis.md.")
