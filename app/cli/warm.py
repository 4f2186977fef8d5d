"""`bailiwick warm`: what would delay the first plan, done now."""

import compileall
import time
from pathlib import Path

from app.cli.console import err, out

_DONE = "all"  # a file in the cache: nothing is missing
_PACKAGES = ("app", "geo", "sales")


def warm() -> None:
    """Compile the solver and keep it, so that the first plan need not wait for that."""
    from geo.design.warm import warm_up
    from geo.jit import cache_directory

    place = cache_directory()
    if place is None:
        err.print("There is no place to keep it: set NUMBA_CACHE_DIR to one.", markup=False)
        return
    if (place / _DONE).exists():
        return
    root = Path(__file__).parents[2]
    for package in _PACKAGES:
        compileall.compile_dir(root / package, quiet=2)
    tell_if_compiling()
    begin = time.perf_counter()
    warm_up()
    (place / _DONE).touch()
    out.print(f"The solver is compiled ({time.perf_counter() - begin:.0f} s).", markup=False)


def tell_if_compiling() -> None:
    """Say so where the solver has still to be compiled, since that takes a while."""
    from geo.jit import compiled

    if not compiled():
        err.print("Compiling the solver, once: about half a minute.", markup=False)
