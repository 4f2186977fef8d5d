"""Which units touch, as a table of two columns of unit ids, and which column holds those ids."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from geo.arrays import Int
from geo.errors import InputError
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt
from sales.accounts.content import content_of
from sales.accounts.fields import named_header
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.raw import RawTable
from sales.accounts.sources import read_table
from sales.accounts.types import RowIssue
from sales.cell_tables import CELL_HEADERS

_ID_NAMES: Final = (
    "unitid", "unit", "id", "geoid", "geoid20", "geoid10", "node", "code", "fips", "zcta5ce20",
    "zcta5ce10", "nutsid", "zip", "zipcode", "plz", "postcode", "postalcode", "key", "fid", "name",
)  # fmt: skip
_EDGE_NAMES: Final = ("from", "to", "nodea", "nodeb", "unita", "unitb", "source", "target")


@dataclass(frozen=True, slots=True)
class EdgeList:
    """Pairs of unit ids. `header` stands above them: an edge too where it names two units."""

    pairs: tuple[tuple[str, str], ...]
    header: tuple[str, str] | None
    source: str


def is_unit_name(header: str) -> bool:
    """Whether `header` is a usual name of a cell, a unit's id or an edge's end."""
    return plain(header) in {*_ID_NAMES, *_EDGE_NAMES, *CELL_HEADERS}


def read_edges(path: Path) -> EdgeList:
    """The first two columns of a table. Raises InputError where there is one column only."""
    raw = read_table(path, content_of(path), is_unit_name)
    if len(raw.headers) < 2:
        raise InputError(
            f"{path.name} has one column; edges need two", hint="Give two columns of unit ids."
        )
    first, second = (ids_in(raw.column(header)) for header in raw.headers[:2])
    header = None if raw.headerless else (raw.headers[0], raw.headers[1])
    return EdgeList(tuple(zip(first, second, strict=True)), header, path.name)


def id_header(raw: RawTable, wanted: str | None, edges: EdgeList | None) -> str | None:
    """The column of ids: the one named, else one that knows all edges, else one of a usual name.

    Raises MissingColumnError where the one named is not there.
    """
    if wanted is not None:
        return named_header(raw.headers, "unit_id", wanted)
    usual = [h for name in _ID_NAMES for h in raw.headers if plain(h) == name]
    if edges is not None:
        named = {unit for pair in edges.pairs for unit in pair}
        candidates = [*usual, *(h for h in raw.headers if h not in usual)]
        return next((h for h in candidates if named <= set(ids_in(raw.column(h)))), None)
    for header in usual:
        texts = ids_in(raw.column(header))
        if all(texts) and len(set(texts)) == len(texts):
            return header
    return None


def edge_indices(
    edges: EdgeList, ids: Sequence[str], left_out: Collection[str]
) -> tuple[Int, list[RowIssue]]:
    """The edges as pairs of places in `ids`, shape (m, 2), and the doubts.

    Edges of units `left_out` and of a unit with itself are dropped. Raises InputError where an
    edge names no unit.
    """
    place = {unit: at for at, unit in enumerate(ids)}
    pairs = edges.pairs
    if edges.header is not None and set(edges.header) <= place.keys():
        pairs = (edges.header, *pairs)
    issues: list[RowIssue] = []
    found: list[tuple[int, int]] = []
    for number, (a, b) in enumerate(pairs, 1):
        missing = next((unit for unit in (a, b) if unit not in place), None)
        if missing is not None and missing not in left_out:
            raise InputError(
                f"{edges.source}, edge {number}: there is no unit “{missing}”",
                hint="Both columns must hold ids of units; name their column with --unit-id.",
            )
        if a == b:
            message = f"The edge {number} of {edges.source} joins “{a}” to itself; it was ignored"
            issues.append(doubt(WHOLE_FILE, "", IssueCode.SELF_EDGE, message, "Delete it."))
        elif missing is None:
            found.append((place[a], place[b]))
    return np.array(found, dtype=np.int64).reshape(-1, 2), issues
