"""What a planner sets beside the map: owners by name, and who has what lies outside the market."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

OutsideRule = Literal["nearest", "queue", "none"]


@dataclass(frozen=True, slots=True)
class Outside:
    """Who has a place outside the market.

    `nearest` the territory of the nearest cell, up to `nearest_km` away (None: any distance);
    `queue` the queue of that name; `none` nobody.
    """

    rule: OutsideRule = "none"
    nearest_km: float | None = None
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """An account's owner whatever the geography: a territory (and its rep), or a rep.

    In force from `valid_from` until just before `valid_to`, None being for ever. `kind` is `named`
    for a customer that belongs to a rep by agreement, `override` for an exception.
    """

    kind: Literal["named", "override"]
    territory: str = ""
    rep: str = ""
    reason: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at that moment."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_to is None or at < self.valid_to
        )


Overrides = Mapping[str, tuple[Override, ...]]  # by account; of several in force the last wins
