"""A territory model read again, independently of the code that designed by it.

Plain loops over rows of text: slow and simple, so that a fault of the one is not one of the other.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sales.accounts.identity import canonical_id

Row = Mapping[str, str]


def read_segments(text: str) -> tuple[list[dict[str, Any]], str]:
    """The segments of model.toml in the order of precedence, and how families are kept."""
    document = tomllib.loads(text)
    segments = list(document["segments"])
    order = document.get("order") or [segment["id"] for segment in segments]
    order = [order] if isinstance(order, str) else order
    by_id = {segment["id"]: segment for segment in segments}
    return [by_id[name] for name in order], document.get("families", "together")


def deciding_rows(rows: Sequence[Row], families: str) -> list[int]:
    """For each row the row that decides its segment: the one it comes to by its parents."""
    at = {row["account_id"]: i for i, row in reversed(list(enumerate(rows)))
          if row["usable"] == "yes"}  # fmt: skip
    found = []
    for i, row in enumerate(rows):
        here, steps = i, 0
        while families != "off" and row["usable"] == "yes" and rows[here]["parent"]:
            here, steps = at[rows[here]["parent"]], steps + 1
            if steps > len(rows):
                raise ValueError(f"the parents of {row['account_id']} go in a circle")
        found.append(here)
    return found


def segments_of(
    text: str, lists: Mapping[str, Sequence[str]], rows: Sequence[Row]
) -> Iterator[str]:
    """The segment of each row, "" for none: the first whose rule the deciding row meets."""
    segments, families = read_segments(text)
    decides = deciding_rows(rows, families)
    usable = [row["usable"] == "yes" for row in rows]
    heads = [i for i, top in enumerate(decides) if i == top and usable[i]]
    top = {s["id"]: _largest(s["top"], rows, heads) for s in segments if "top" in s}
    listed = {name: {canonical_id(i) for i in ids} for name, ids in lists.items()}
    memory: dict[int, str] = {}
    for i, decider in enumerate(decides):
        if not usable[i]:
            yield ""
            continue
        if decider not in memory:
            memory[decider] = next(
                (
                    segment["id"]
                    for segment in segments
                    if canonical_id(rows[decider]["account_id"]) in listed.get(segment["id"], ())
                    or decider in top.get(segment["id"], ())
                    or segment.get("rest")
                    or any(_meets(rows[decider], some) for some in _alternatives(segment))
                ),
                "",
            )
        yield memory[decider]


def _largest(top: Mapping[str, Any], rows: Sequence[Row], heads: Sequence[int]) -> set[int]:
    sized = [(-float(rows[i][f"asked: {top['by']}"]), i) for i in heads]
    return {i for size, i in sorted(sized)[: top["count"]] if size < 0}


def _alternatives(segment: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    where = segment.get("where", [])
    return [where] if isinstance(where, dict) else where


def _meets(row: Row, conditions: Mapping[str, Any]) -> bool:
    return all(_holds(row[f"asked: {name}"], said) for name, said in conditions.items())


def _holds(value: str, said: Any) -> bool:
    if isinstance(said, str | list):
        return _same(value, said)
    return all(_TESTS[name](value, asked) for name, asked in said.items())


def _same(value: str, asked: str | list[str]) -> bool:
    wanted = [asked] if isinstance(asked, str) else asked
    return _plain(value) in {_plain(text) for text in wanted}


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_blank(value: str) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return not value.strip()


_TESTS: Final[Mapping[str, Callable[[str, Any], bool]]] = {
    "in": _same,
    "not": lambda value, asked: not _same(value, asked),
    "min": lambda value, asked: float(value) >= asked,
    "max": lambda value, asked: float(value) <= asked,
    "above": lambda value, asked: float(value) > asked,
    "below": lambda value, asked: float(value) < asked,
    "blank": lambda value, asked: _is_blank(value) == asked,
}
