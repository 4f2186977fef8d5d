"""Measure the geocoder against a file of accounts with true coordinates.

    python scripts/measure_geocoder.py FILE [--postcode-file FILE]

The coordinates are hidden from the geocoder, which sees only the addresses; then the distance
between what it found and the truth is told, by precision.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from geo.geocode import default_geocoder
from geo.geocode.types import Precision
from geo.sphere import distance_km
from sales.accounts import read_accounts
from sales.locate import locate


def measure(file: Path, postcode_file: Path | None) -> list[str]:
    """Lines of a table: precision, accounts, median, 95th percentile and largest error in km."""
    table = read_accounts(file)
    hidden = table.frame.assign(latitude=np.nan, longitude=np.nan)
    found = locate(
        dataclasses.replace(table, frame=hidden, issues=()),
        default_geocoder(postcode_file=postcode_file),
    )
    usable = hidden["usable"].to_numpy(dtype=bool)
    km = distance_km(
        table.frame["latitude"].to_numpy(dtype=np.float64),
        table.frame["longitude"].to_numpy(dtype=np.float64),
        found.lat,
        found.lng,
    )
    lines = [
        f"{len(table):,} rows, {usable.sum():,} usable, {found.placed.sum():,} placed",
        f"{'precision':<10} {'rows':>8} {'true known':>10} {'median km':>10} {'p95 km':>8}"
        f" {'max km':>8}",
    ]
    for precision in Precision:
        rows = usable & (found.precision == precision.value)
        known = rows & np.isfinite(km)
        if not rows.any():
            continue
        line = f"{precision.value:<10} {rows.sum():>8,} {known.sum():>10,}"
        if known.any():
            median, p95, most = np.percentile(km[known], [50, 95, 100])
            line += f" {median:>10.2f} {p95:>8.2f} {most:>8.1f}"
        lines.append(line)
    codes, counts = np.unique([i.code for i in found.issues] or ["none"], return_counts=True)
    issues = ", ".join(f"{c} {n:,}" for c, n in zip(codes, counts, strict=True))
    return [*lines, f"issues: {issues}" if found.issues else "issues: none"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--postcode-file", type=Path)
    options = parser.parse_args()
    print("\n".join(measure(options.file, options.postcode_file)))
