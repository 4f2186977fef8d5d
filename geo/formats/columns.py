"""Column names that a file format can bear, and no two of which are the same to it."""

import re
import unicodedata
from collections.abc import Iterable


def bearable_names(
    names: Iterable[str], *, limit: int = 60, ascii_only: bool = False, taken: Iterable[str] = ()
) -> list[str]:
    """New names for columns: non-empty, at most `limit` characters, unique whatever the case.

    `taken` are names that the format keeps for itself. Where two would fall together the later one
    ends in a number: `annual_rev`, `annual_r_2`.
    """
    used = {name.lower() for name in taken}
    made = []
    for name in names:
        base = _plain(name) if ascii_only else "".join(c for c in name if c.isprintable())
        base = base.strip() or "column"
        candidate, number = base[:limit], 1
        while candidate.lower() in used:
            number += 1
            ending = f"_{number}"
            candidate = base[: limit - len(ending)] + ending
        used.add(candidate.lower())
        made.append(candidate)
    return made


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "_", bare).strip("_")
