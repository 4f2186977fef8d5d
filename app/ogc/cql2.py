"""CQL2 filters (OGC 21-065r2): text is parsed by the library `cql2`, the rest is done here.

Whatever the encoding, what comes out is the tree that CQL2-JSON writes down.
"""

import json
import re
from typing import Any, Final

import cql2

from app.errors import BadParameterError

TEXT, JSON = "cql2-text", "cql2-json"
DRAFT: Final = "cql-text"  # the draft's name of the first; GDAL sends a filter to no other
LANGUAGES: Final = (TEXT, JSON, DRAFT)
MOST_CHARACTERS: Final = 8_000
MOST_NESTED: Final = 50
# The library tries every bracket twice: time grows with the length and doubles with each level.
_MOST_TRIED: Final = 1 << 20
_SIGNS: Final = re.compile(r"(?:-\s*){8}")  # each is a call within a call to the library
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")


def parse(text: str, language: str) -> Any:
    """The tree of a filter; raises BadParameterError where it is none."""
    if len(text) > MOST_CHARACTERS:
        raise _bad(f"is longer than {MOST_CHARACTERS:,} characters")
    tree = _of_json(text) if language == JSON else _of_text(text)
    if _depth(tree) > MOST_NESTED:
        raise _bad(f"is nested deeper than {MOST_NESTED} levels")
    return tree


def _of_text(text: str) -> Any:
    if _SIGNS.search(text):
        raise _bad("has a row of minus signs")
    if len(text) << min(_brackets(text), 40) > _MOST_TRIED:
        raise _bad("has more brackets in brackets than its length allows")
    try:
        return cql2.parse_text(text).to_json()
    except cql2.ParseError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        expected = next((line for line in lines if line.startswith("= ")), "")
        place = lines[0].removeprefix("-->").strip() if lines else ""
        raise _bad(f"is no CQL2 text (line:column {place} {expected})") from error


def _brackets(text: str) -> int:
    """How deep brackets are nested, or more."""
    if "\\" in text:  # may hide a quotation mark: count them all
        return text.count("(")
    depth = deepest = 0
    for character in _QUOTED.sub("", text):
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth = max(depth - 1, 0)
    return deepest


def _of_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad("is not JSON") from error


def _depth(tree: Any) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        if depth > MOST_NESTED:
            break
        inner = [part for part in level if isinstance(part, dict | list)]
        level = [
            child for part in inner for child in (part.values() if isinstance(part, dict) else part)
        ]
    return depth


def _bad(what: str) -> BadParameterError:
    return BadParameterError(
        f"the filter {what}",
        hint="For example: potential > 1000 AND rep = 'Ann'. Names with spaces stand in double "
        "quotes, text in single ones.",
    )
