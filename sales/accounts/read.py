"""From a file to an AccountTable: every row kept, every doubt noted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.arrays import Bool, Int
from geo.errors import MissingColumnError
from sales.accounts.addresses import PARTS, whereabouts
from sales.accounts.blanks import without_blanks
from sales.accounts.by_content import fields_by_content
from sales.accounts.codes import IssueCode
from sales.accounts.content import Content, content_of, sha256_of
from sales.accounts.fields import (
    FIELDS,
    LOCATING,
    FieldColumns,
    checked_field,
    is_known,
    listed,
    match_fields,
    near_known,
)
from sales.accounts.footers import not_accounts
from sales.accounts.headers import plain
from sales.accounts.identity import identified
from sales.accounts.measures import looks_numeric, measure_of
from sales.accounts.raw import TEXT, RawTable
from sales.accounts.sources import read_table
from sales.accounts.types import (
    NUMBER_FIELDS,
    TEXT_FIELDS,
    AccountTable,
    RowIssue,
    Severity,
)

_BALANCED = ("potential", "workload")  # a blank in one of these is a doubt


def read_accounts(path: Path, *, columns: Mapping[str, str] | None = None) -> AccountTable:
    """Read a file of accounts; what it is shows by its content, not by its name.

    `columns` says for a field which header it has (or which column by number, where the file has
    no header); an empty header means that the file has no such field.

    Raises OptionError (no such field), MissingColumnError (no such header, or nothing that says
    where accounts are), EmptyInputError, UnreadableInputError.
    """
    chosen = checked_columns(columns)
    raw = read_rows(path, content_of(path), chosen, is_known)
    return accounts_of(raw, chosen, path.name, sha256_of(path))


def checked_columns(columns: Mapping[str, str] | None) -> dict[str, str]:
    """The chosen columns. Raises OptionError for an unknown field."""
    return {checked_field(field): header for field, header in (columns or {}).items()}


def read_rows(
    path: Path, content: Content, chosen: Mapping[str, str], known: Callable[[str], bool]
) -> RawTable:
    """The table, with the header that has `known` or `chosen` names. Raises as `read_accounts`."""
    wanted = {plain(header) for header in chosen.values() if header}

    def expected(header: str) -> bool:
        return known(header) or plain(header) in wanted

    raw = read_table(path, content, expected)
    if not raw.headerless and _by_number(chosen, raw.headers):
        raw = read_table(path, content, expected, headerless=True)
    return raw


def _by_number(chosen: Mapping[str, str], headers: Iterable[str]) -> bool:
    """Whether columns are named by their number, and none has that number as its header."""
    named = [header for header in chosen.values() if header]
    return (
        bool(named)
        and all(header.isdecimal() for header in named)
        and not set(named) & set(headers)
    )


def accounts_of(raw: RawTable, chosen: Mapping[str, str], source: str, sha256: str) -> AccountTable:
    """The accounts in a table that was read already. Raises as `read_accounts`."""
    issues = list(raw.issues)
    if raw.headerless and not any(chosen.values()):
        chosen, about = fields_by_content(raw)
        issues += about
    fields = match_fields(raw.headers, chosen, headerless=raw.headerless)
    found = fields.found()
    _require_whereabouts(raw, found, source)
    excluded = _rows_with_errors(raw.row, issues)
    none, why = not_accounts(raw, *_labels(fields, found))
    issues = _outside(issues, raw.row, none, only=IssueCode.TOO_FEW_FIELDS)
    issues += _outside(why, raw.row, excluded)
    excluded |= none
    id_header = found.get("account_id", "")
    id_column = without_blanks(raw.column(id_header)) if id_header else None
    ids, more = identified(id_column, id_header, raw.row, excluded)
    issues += more
    excluded |= _rows_with_errors(raw.row, issues)
    frame, attributes, more = _frame(raw, fields, found, excluded)
    issues += _outside(more, raw.row, excluded)
    frame.insert(0, "row", raw.row)
    frame.insert(1, "account_id", ids)
    frame.insert(2, "usable", ~excluded)
    named = _named(issues, raw.row, ids)
    return AccountTable(frame, attributes, named, found, source, sha256)


def _require_whereabouts(raw: RawTable, found: Mapping[str, str], source: str) -> None:
    if {"latitude", "longitude"} <= found.keys() or found.keys() & set(LOCATING[:5]):
        return
    if raw.headerless:
        raise MissingColumnError(
            f"{source} has no header, and its values do not show where the accounts are",
            hint="Add a header row, or name columns by number: --column city=4 --column state=5.",
        )
    raise MissingColumnError(
        f"{source} has no column that says where the accounts are",
        hint=f"{near_known(raw.headers)}Name one with --column FIELD=HEADER, where FIELD is one of "
        f"{', '.join(LOCATING)}. The file has {listed(raw.headers)}.",
    )


def _labels(
    fields: FieldColumns, found: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    labels = tuple(found[field] for field in ("account_id", "name") if field in found)
    return labels, tuple(h for address in fields.addresses for h in address.headers())


def _rows_with_errors(row: Int, issues: Iterable[RowIssue]) -> Bool:
    errors = {issue.row for issue in issues if issue.severity is Severity.ERROR}
    return np.isin(row, np.fromiter(errors, dtype=np.int64, count=len(errors)))


def _outside(
    issues: list[RowIssue], row: Int, mask: Bool, only: IssueCode | None = None
) -> list[RowIssue]:
    """The issues without those (of code `only`, if given) about rows in `mask` (n)."""
    rows = set(row[mask].tolist())
    return [i for i in issues if i.row not in rows or (only is not None and i.code != only)]


def _frame(
    raw: RawTable, fields: FieldColumns, found: Mapping[str, str], excluded: Bool
) -> tuple[pd.DataFrame, pd.DataFrame, list[RowIssue]]:
    """The columns of an AccountTable after the first three, its attributes, and the doubts."""
    where, issues = whereabouts(raw, fields.addresses)
    empty = pa.chunked_array([pa.repeat(pa.scalar("", TEXT), len(raw))], type=TEXT)
    data: dict[str, pd.Series | np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for field in TEXT_FIELDS:
        if field in PARTS:
            text = where.parts[field]
        else:
            text = without_blanks(raw.column(found[field])) if field in found else empty
        data[field] = text.to_pandas()
    data["latitude"], data["longitude"] = where.lat, where.lng
    for field in NUMBER_FIELDS[2:]:
        if field in found:
            data[field], more = measure_of(
                without_blanks(raw.column(found[field])),
                found[field],
                raw.row,
                comma_likely=raw.decimal_comma_likely,
                every_blank=field in _BALANCED,
                every_doubt=True,
                ignore=excluded,
            )
            issues += more
    used = fields.headers()
    attributes: dict[str, pd.Series] = {}
    for header, column in zip(raw.headers, raw.columns, strict=True):
        if header in used:
            continue
        cleaned = without_blanks(column)
        if looks_numeric(cleaned):
            name = f"{header} (2)" if header in (*FIELDS, "row", "usable") else header
            data[name], more = measure_of(
                cleaned,
                header,
                raw.row,
                comma_likely=raw.decimal_comma_likely,
                every_blank=False,
                every_doubt=False,
                ignore=excluded,
            )
            issues += more
        else:
            attributes[header] = cleaned.to_pandas()
    return pd.DataFrame(data), pd.DataFrame(attributes, index=range(len(raw))), issues


def _named(issues: Iterable[RowIssue], row: Int, ids: pd.Series) -> tuple[RowIssue, ...]:
    """The issues in order of rows, each with the id of its account."""
    ordered = sorted(issues, key=lambda issue: issue.row)
    numbers = np.array([issue.row for issue in ordered], dtype=np.int64)
    places = np.minimum(np.searchsorted(row, numbers), len(row) - 1)
    names = ids.to_numpy(dtype=object)[places]
    at_row = row[places] == numbers
    return tuple(
        replace(issue, account_id=str(name)) if here else issue
        for issue, name, here in zip(ordered, names, at_row, strict=True)
    )
