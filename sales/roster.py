"""The reps who will own the territories."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rep:
    """A seller. `capacity` is a positive share weight; `lat`, `lng` the home, None if unknown."""

    rep_id: str
    name: str
    capacity: float
    lat: float | None = None
    lng: float | None = None
