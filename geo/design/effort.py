"""How long to search: counts, not seconds, so that the same seed gives the same plan anywhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """`lloyd` steps of the diagram; `borders` rounds of annealing, with `proposals` per border

    unit each; `chains` tried per territory and round, for at most `rounds` rounds of balancing.
    """

    lloyd: int
    borders: int
    proposals: int
    chains: int
    rounds: int


QUICK = Effort(lloyd=8, borders=4, proposals=15, chains=60, rounds=2)
DEFAULT = Effort(lloyd=20, borders=10, proposals=50, chains=200, rounds=24)
