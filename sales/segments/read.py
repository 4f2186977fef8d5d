"""`model.toml`: read strictly, every fault with its place and its remedy."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from geo.errors import InputError
from sales.goals import parse_goal
from sales.segments.model import GEOGRAPHY, LIST, Condition, Keep, Listed, Model, Segment, Top
from sales.segments.toml_keys import Table
from sales.toml_file import parsed, text_of

_MODEL: Final = ("name", "order", "families", "segments")
_SEGMENT: Final = (
    "id", "name", "accounts", "file", "top", "where", "rest", "cover", "shares", "territories",
    "reps", "balance", "resolution", "shape", "market",
)  # fmt: skip
_OF_GEOGRAPHY: Final = ("territories", "reps", "balance", "resolution", "shape", "market")
_CONDITION: Final = ("in", "not", "min", "max", "above", "below", "blank")
_KEEP: Final[Mapping[str, Keep]] = {"together": "together", "segment": "segment", "off": "off"}
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MOST: Final = 100


def read_model(path: Path) -> Model:
    """Read a model and the lists that it names, which lie beside it. Raises InputError."""
    return model_of(text_of(path), path.name, path.parent)


def model_of(text: str, source: str, beside: Path | None = None, *, lists: bool = False) -> Model:
    """Read a model from its text; without `beside` it may name no other file. Raises InputError.

    With `lists` the files that it names were read before and are passed over: the rules remain.
    """
    document = parsed(text, source)
    if "\\u0000" in json.dumps(document, default=str):
        raise InputError(f"{source} holds a NUL, which is no text", hint="Delete it.")
    top = Table(document, source)
    top.only(_MODEL)
    keep = top.text("families", "together")
    if keep not in _KEEP:
        top.fail(
            f"families {keep!r} is not known",
            "together: parents and children in one territory; segment: in one segment; off.",
        )
    tables = document.get("segments", [])
    if not isinstance(tables, list) or not 1 <= len(tables) <= _MOST:
        top.fail(f"there must be 1 to {_MOST} segments", "Begin each one with a line [[segments]].")
    segments = [_segment(table, at, source, beside, lists) for at, table in enumerate(tables, 1)]
    _refuse_twice(top, [segment.id for segment in segments])
    ordered = _ordered(top, segments)
    _check_together(top, ordered)
    return Model(top.text("name", "Territory model"), tuple(ordered), _KEEP[keep], text, source)


def _segment(value: object, at: int, source: str, beside: Path | None, lists: bool) -> Segment:
    if not isinstance(value, dict):
        raise InputError(f"{source}: segment {at} is no table", hint="Begin it with [[segments]].")
    table = Table(value, f"{source}, segment {value.get('id', at)!r}")
    table.only(_SEGMENT)
    if lists:
        value = {k: v for k, v in value.items() if k not in ("file", "market")}
        table = Table(value, table.where)
    id_ = table.text("id")
    if not _ID.fullmatch(id_):
        table.fail(
            f"id {id_!r} is no short name", "Give 1 to 40 lower-case letters, digits, - and _."
        )
    cover = table.text("cover", GEOGRAPHY)
    if cover not in (GEOGRAPHY, LIST):
        table.fail(
            f"cover {cover!r} is not known",
            "geography: territories on the map; list: accounts dealt out to reps, wherever.",
        )
    shares = table.text("shares") if "shares" in value else ""
    if shares or cover == LIST:
        out = [
            k
            for k in _OF_GEOGRAPHY
            if k in value and (shares or k not in ("territories", "reps", "balance"))
        ]
        if (shares and cover == LIST) or out:
            why = "shares another's geography" if shares else "is covered by list"
            table.fail(f"it {why}, so {', '.join(out) or 'cover'} does nothing", "Delete that key.")
    if "territories" in value and "reps" in value:
        table.fail("both territories and reps are given", "Give one of them.")
    shape = table.number("shape")
    if shape is not None and not 0 < shape <= 1000:
        table.fail("shape must be above 0", "1 is the usual, 4 makes rounder territories.")
    segment = Segment(
        id_, table.text("name", id_), _listed(table, beside), _top(table), _where(table),
        bool(table.flag("rest")), "list" if cover == LIST else "geography", shares,
        table.whole("territories", 1, 10_000), table.texts("reps"),
        tuple(parse_goal(text) for text in table.texts("balance")),
        table.whole("resolution", 0, 15), 1.0 if shape is None else shape,
        _market(table, beside),
    )  # fmt: skip
    if not (lists or segment.listed or segment.top or segment.where or segment.rest):
        if "accounts" in value or "file" in value:
            table.fail("its list is empty", "Name at least one account.")
        table.fail(
            "it says of no account that it belongs", "Give accounts, file, top, where or rest."
        )
    return segment


def _listed(table: Table, beside: Path | None) -> tuple[Listed, ...]:
    """`accounts` (ids, or rep → ids) and the rows of `file`."""
    found: list[Listed] = []
    accounts = table.values.get("accounts")
    if isinstance(accounts, dict):
        within = Table(accounts, f"{table.where}, accounts")
        found += [Listed(a, rep) for rep in accounts for a in within.texts(rep)]
    elif accounts is not None:
        found += [Listed(account) for account in table.texts("accounts")]
    name = table.text("file") if "file" in table.values else ""
    if name:
        found += _rows_of(_beside(table, name, beside))
    return tuple(found)


def _rows_of(path: Path) -> list[Listed]:
    from sales.rules.tables import read_rules

    rows = read_rules(path, ("account_id", "owner"))
    if "account_id" not in rows.headers:
        raise InputError(f"{path.name} has no column of account ids", hint="Call it account_id.")
    return [
        Listed(row.get("account_id"), row.get("owner")) for row in rows if row.get("account_id")
    ]


def _beside(table: Table, name: str, beside: Path | None) -> Path:
    if beside is None:
        table.fail(
            f"{name!r} is another file, which did not come along",
            'Write the accounts into the model: accounts = ["…"], or rep by rep.',
        )
    path = beside / name
    if not path.is_file():
        table.fail(f"there is no file {name!r} beside the model", "Give its path from the model's.")
    return path


def _top(table: Table) -> Top | None:
    top = table.table("top")
    if top is None:
        return None
    top.only(("count", "by"))
    count = top.whole("count", 1, 1_000_000)
    if count is None or "by" not in top.values:
        top.fail("count and by are both needed", 'Write top = { count = 50, by = "potential" }.')
    return Top(count, top.text("by"))


def _where(table: Table) -> tuple[tuple[Condition, ...], ...]:
    """One table of conditions, or a list of tables of which one must be met."""
    value = table.values.get("where")
    if value is None:
        return ()
    several = value if isinstance(value, list) else [value]
    if not several or not all(isinstance(some, dict) and some for some in several):
        table.fail("where must be a table", "Write where = { employees = { min = 1000 } }.")
    return tuple(
        tuple(_condition(table, column, said) for column, said in some.items()) for some in several
    )


def _condition(table: Table, column: str, said: object) -> Condition:
    if isinstance(said, str | list):
        return Condition(
            column, one_of=Table({column: said}, f"{table.where}, where").texts(column)
        )
    if not isinstance(said, dict) or not said:
        table.fail(
            f"where.{column} must be a text, a list, or a table",
            'Write "Healthcare", ["Retail", "Media"], or { min = 100, below = 1000 }.',
        )
    own = Table(said, f"{table.where}, where.{column}")
    own.only(_CONDITION)
    numbers = {name: own.number(name) for name in ("min", "max", "above", "below")}
    low = max((n for n in (numbers["min"], numbers["above"]) if n is not None), default=None)
    high = min((n for n in (numbers["max"], numbers["below"]) if n is not None), default=None)
    if low is not None and high is not None and low > high:
        own.fail("no number meets it", "Let the lower end be below the upper one.")
    return Condition(
        column,
        own.texts("in") if "in" in said else None,
        own.texts("not") if "not" in said else None,
        blank=own.flag("blank"),
        **numbers,
    )


def _market(table: Table, beside: Path | None) -> Mapping[str, Any] | None:
    value = table.values.get("market")
    if value is None or isinstance(value, dict):
        return value
    path = _beside(table, table.text("market"), beside)
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        table.fail(f"market: {path.name} is not GeoJSON: {error}", "Name a file of polygons.")
    if not isinstance(document, dict):
        table.fail(f"market: {path.name} is not GeoJSON", "Name a file of polygons.")
    return document


def _refuse_twice(top: Table, ids: Sequence[str]) -> None:
    for id_ in ids:
        if ids.count(id_) > 1:
            top.fail(f"the segment {id_!r} stands twice", "Give each an id of its own.")


def _ordered(top: Table, segments: list[Segment]) -> list[Segment]:
    """In the order of `order`, or as they stand."""
    order = top.texts("order")
    if not order:
        return segments
    if sorted(order) != sorted(segment.id for segment in segments):
        top.fail(
            "order does not name every segment once",
            f"Name each of {', '.join(segment.id for segment in segments)}.",
        )
    return sorted(segments, key=lambda segment: order.index(segment.id))


def _check_together(top: Table, segments: Sequence[Segment]) -> None:
    """Shared geographies are there, and nothing stands behind what takes all."""
    by_id = {segment.id: segment for segment in segments}
    for at, segment in enumerate(segments):
        where = Table({}, f"{top.where}, segment {segment.id!r}")
        if segment.rest and at + 1 < len(segments):
            where.fail(
                f"it takes all accounts, so {segments[at + 1].id!r} behind it gets none",
                "Put the segment with rest = true last.",
            )
        if segment.shares:
            other = by_id.get(segment.shares)
            if other is None or other is segment or other.geography != other.id:
                where.fail(
                    f"{segment.shares!r} is no segment with a geography of its own",
                    "Let shares name such a segment.",
                )
