"""Many addresses at once."""

from collections.abc import Sequence

from geo.geocode.types import Address, Geocode, Geocoder
from geo.progress import Progress, silent

_REPORT_EVERY = 20_000


class _NotAsked:
    """Tells an address not yet asked for from one that was asked for and not found."""


_NOT_ASKED = _NotAsked()


def geocode_all(
    addresses: Sequence[Address], geocoder: Geocoder, *, progress: Progress = silent
) -> list[Geocode | None]:
    """One result per address, in the same order; each distinct address is asked for once."""
    known: dict[Address, Geocode | None] = {}
    results: list[Geocode | None] = []
    total = len(addresses)
    for done, address in enumerate(addresses):
        if done % _REPORT_EVERY == 0:
            progress("geocode", done / total, f"{done:,} of {total:,} addresses")
        result = known.get(address, _NOT_ASKED)
        if isinstance(result, _NotAsked):
            result = known[address] = geocoder.geocode(address)
        results.append(result)
    progress("geocode", 1.0, f"{total:,} addresses, {len(known):,} distinct")
    return results
