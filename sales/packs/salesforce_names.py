"""Ids and names as Salesforce has them."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

MOST: Final = 80  # characters of a Name or DeveloperName
_ID: Final = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")
_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str | None:
    """The 18-character form of a Salesforce id; None where it is none.

    The last three characters say which of the first fifteen are capitals: an id whose case was
    lost on the way does not pass.
    """
    text = text.strip()
    if not _ID.fullmatch(text):
        return None
    whole = text[:15] + _suffix(text[:15])
    return whole if text in (whole, whole[:15]) else None


def _suffix(short: str) -> str:
    return "".join(
        _SUFFIX[sum(c.isupper() << i for i, c in enumerate(short[start : start + 5]))]
        for start in (0, 5, 10)
    )


def is_kind(text: str, prefix: str) -> bool:
    """Whether it is an id of that kind: 001 an account, 005 a user, 0MI a territory."""
    return text.startswith(prefix) and long_id(text) is not None


def developer_names(texts: Iterable[str]) -> list[str]:
    """A DeveloperName for each text: letters, digits, single underscores; a letter first.

    Unique whatever the case, at most 80 characters; the later of two alike ends in a number.
    """
    used: set[str] = set()
    made = []
    for text in texts:
        base = _developer_name(text)
        name, number = base, 1
        while name.lower() in used:
            number += 1
            ending = f"_{number}"
            name = base[: MOST - len(ending)].rstrip("_") + ending
        used.add(name.lower())
        made.append(name)
    return made


def _developer_name(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^0-9A-Za-z]+", "_", bare).strip("_")
    if not name[:1].isalpha():
        name = f"T_{name}".rstrip("_")
    return name[:MOST].rstrip("_")


def labels(texts: Iterable[str]) -> list[str]:
    """A Name for each text: printable, not empty, at most 80 characters."""
    plain = ("".join(c for c in text if c.isprintable()).strip() for text in texts)
    return [text[:MOST].strip() or "Territory" for text in plain]
