"""How long to search: counts, not seconds, so that the same seed gives the same plan anywhere."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Effort:
    """Counts of a search.

    `lloyd` steps of the diagram; `borders` rounds of annealing, with `proposals` per border unit
    each, and `polish` at the end; `chains` tried per territory and round, for at most `rounds`
    rounds of balancing, which end when `patience` of them in a row brought nothing, and what is
    still far out is reopened slowly up to `rescues` times.
    """

    lloyd: int
    borders: int
    proposals: int
    polish: int
    chains: int
    rounds: int
    patience: int
    rescues: int


Name = Literal["none", "quick", "default"]  # none: as the start has it

EFFORTS: dict[Name, Effort] = {
    "none": Effort(
        lloyd=0, borders=0, proposals=0, polish=0, chains=0, rounds=0, patience=0, rescues=0
    ),
    "quick": Effort(
        lloyd=12, borders=8, proposals=24, polish=30, chains=40, rounds=1, patience=1, rescues=0
    ),
    "default": Effort(
        lloyd=40,
        borders=20,
        proposals=50,
        polish=200,
        chains=150,
        rounds=8,
        patience=2,
        rescues=3,
    ),
}
