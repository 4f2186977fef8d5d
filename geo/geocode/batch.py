"""Many addresses at once."""

from collections.abc import Sequence

from geo.geocode.types import Address, Geocode, Geocoder
from geo.progress import Progress, silent

_REPORT_EVERY = 20_000


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
        if address not in known:
            known[address] = geocoder.geocode(address)
        results.append(known[address])
    progress("geocode", 1.0, f"{total:,} addresses, {len(known):,} distinct")
    return results
