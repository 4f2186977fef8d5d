"""Numba, with types kept: compiled once, cached beside the module, no fast-math: same bytes out."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a loop over arrays to machine code; releases the GIL while it runs."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
