"""Numba, with types kept: compiled once and cached, no fast-math: same bytes out.

Numba knows a kernel's cache by the kernel's own file. A kernel holds the code of those that it
calls too, so the cache lies in a directory named after all of that code, and is never another's.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_WITH_KERNELS = ("cells", "design", "ensemble", "exact")
_LAST = "chains.chain-*.nbi"  # no solve ends before this one is compiled


def kernel(function: F) -> F:
    """Compile a loop over arrays to machine code; releases the GIL while it runs."""
    return _compiled(function)


def inner(function: F) -> F:
    """A kernel for kernels, which makes no arrays of its own.

    It is compiled without counting references to arrays: in loops of small functions that are
    handed a whole region, the counting took more time than the work.
    """
    return _compiled(function, _nrt=False)


def _compiled(function: F, **options: Any) -> F:
    place = cache_directory()
    if place is None:
        return cast(F, numba.njit(nogil=True, **options)(function))
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(place)
    try:
        return cast(F, numba.njit(cache=True, nogil=True, **options)(function))
    finally:
        settings.CACHE_DIR = before


def compiled() -> bool:
    """Whether the solver's kernels lie compiled in the cache."""
    place = cache_directory()
    return place is not None and next(place.rglob(_LAST), None) is not None


@cache
def cache_directory() -> Path | None:
    """The first place that can be written to, of `NUMBA_CACHE_DIR`, the package and the user's.

    None where there is none: then each process compiles for itself.
    """
    user = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    given = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(given)] if given else [_HERE / "__pycache__" / "kernels", user / "bailiwick"]
    code = digest(_HERE)
    return next((place / code for place in places if _writable(place / code)), None)


def digest(root: Path) -> str:
    """What names the code of all kernels under `root`."""
    found = hashlib.sha256()
    for part in _WITH_KERNELS:
        for path in sorted((root / part).glob("*.py")):
            code = path.read_bytes()
            if b"@kernel" in code or b"@inner" in code:
                found.update(code)
    return found.hexdigest()[:16]


def _writable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
