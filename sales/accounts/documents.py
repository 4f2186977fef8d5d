"""JSON, JSON lines and GeoJSON as tables: one object, one row."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from geo.errors import EmptyInputError, UnreadableInputError
from sales.accounts.codes import IssueCode, exclusion, shown
from sales.accounts.encoding import encoding_of
from sales.accounts.raw import RawTable, columns_of
from sales.accounts.types import RowIssue

_LIST_KEYS: Final = ("records", "results", "value", "data", "items", "accounts", "companies")
_DEEPEST: Final = 5
FIRST_ROW: Final = 2  # as in a spreadsheet, where row 1 is the header


def read_json_lines(path: Path) -> RawTable:
    """One JSON object per line; a line that is none becomes a row with an error.

    Raises EmptyInputError, UnreadableInputError (where no line is an object).
    """
    encoding = encoding_of(path)
    if encoding is None:
        raise UnreadableInputError(f"{path.name} holds binary data", hint="Export it again.")
    objects: list[dict[str, str]] = []
    issues: list[RowIssue] = []
    with path.open(encoding=encoding.name, errors=encoding.errors) as file:
        for line in file:
            text = line.strip("\ufeff \t\r\n\0")
            if text:
                value = _parsed(text)
                if not isinstance(value, dict):
                    issues.append(_about_line(FIRST_ROW + len(objects), text))
                objects.append(flat(value) if isinstance(value, dict) else {})
    if objects and len(issues) == len(objects):
        raise UnreadableInputError(
            f"{path.name}: no line is a JSON object", hint="Give one object per line, or CSV."
        )
    return table_of(path.name, objects, issues)


def read_json(path: Path) -> RawTable:
    """A JSON array of objects, or an object that holds one (a CRM's API reply).

    Raises EmptyInputError, UnreadableInputError.
    """
    value = load(path)
    if isinstance(value, dict):
        lists = [value[key] for key in _LIST_KEYS if isinstance(value.get(key), list)]
        value = lists[0] if lists else [value]
    if not isinstance(value, list) or not any(isinstance(item, dict) for item in value):
        raise UnreadableInputError(
            f"{path.name} holds no list of accounts",
            hint="Give an array of objects, one for each account.",
        )
    issues = [
        _about_line(FIRST_ROW + at, str(item))
        for at, item in enumerate(value)
        if not isinstance(item, dict)
    ]
    return table_of(
        path.name, [flat(item) if isinstance(item, dict) else {} for item in value], issues
    )


def load(path: Path) -> Any:
    """The parsed document. Raises UnreadableInputError, saying where it is broken."""
    data = path.read_bytes()
    encoding = encoding_of(path)
    if encoding is None:
        raise UnreadableInputError(f"{path.name} holds binary data", hint="Export it again.")
    try:
        return json.loads(data.decode(encoding.name, encoding.errors).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UnreadableInputError(
            f"{path.name} is not valid JSON: {str(error)[:200]}", hint="Export it again."
        ) from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def flat(item: Mapping[str, Any]) -> dict[str, str]:
    """Nested objects as “address.city”; everything else as text."""
    return dict(_flattened(item, "", 0))


def _flattened(item: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in item.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flattened(value, f"{name}.", depth + 1)
        else:
            yield name, text_of(value)


def text_of(value: object) -> str:
    """A JSON value as text; whole numbers without “.0”, null as empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 1 << 64 else repr(float(min(abs(value), 1 << 1000)))
    return json.dumps(value, ensure_ascii=False)


def table_of(
    name: str, objects: Iterable[Mapping[str, str]], issues: Iterable[RowIssue]
) -> RawTable:
    """A table with every key that occurs, in order of first appearance."""
    rows = list(objects)
    if not rows:
        raise EmptyInputError(f"{name} has no row", hint="Export the accounts again.")
    headers = tuple(dict.fromkeys(key for row in rows for key in row))
    columns, row_numbers = columns_of(
        ((FIRST_ROW + at, [row.get(key, "") for key in headers]) for at, row in enumerate(rows)),
        len(headers),
    )
    return RawTable(headers, columns, row_numbers, tuple(issues))


def _about_line(row: int, text: str) -> RowIssue:
    return exclusion(
        row,
        "",
        IssueCode.BAD_JSON,
        f"Not a JSON object: {shown(text)}",
        "Write each account as one object, {“id”: …, “name”: …}.",
    )
