"""The assumptions of a sizing. All of them are written in a file, and printed with the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

FORMAT: Final = "bailiwick-sizing/1"


@dataclass(frozen=True, slots=True)
class CallClass:
    """Accounts of a class get `calls` visits a year of `hours` each.

    By potential: those from `least` on, up to the class before. Given: those whose class is `name`.
    """

    name: str
    calls: float
    hours: float
    least: float = 0.0


@dataclass(frozen=True)
class Classes:
    """A/B/C by bands of `measure`, or, with `column`, as the file gives them."""

    classes: tuple[CallClass, ...] = (
        CallClass("A", 12.0, 1.5, 100_000.0),
        CallClass("B", 4.0, 1.0, 25_000.0),
        CallClass("C", 1.0, 0.75, 0.0),
    )
    measure: str = "potential"
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Travel:
    """Tours of `stops` visits at `speed_kmh`; roads are `road_factor` times the straight line.

    At least `least_km` lie between two visits.
    """

    speed_kmh: float = 60.0
    road_factor: float = 1.3
    stops: float = 4.0
    least_km: float = 1.0


@dataclass(frozen=True, slots=True)
class RepYear:
    """A full-time rep's year. The hours of selling and travelling are `weeks` × `days` × `hours` ×
    `selling_share`, the rest goes to the office, training and meetings."""

    weeks: float = 44.0
    days: float = 5.0
    hours: float = 8.0
    selling_share: float = 0.65
    cost: float = 150_000.0

    @property
    def selling_hours(self) -> float:
        """Hours a year with customers and on the way to them."""
        return self.weeks * self.days * self.hours * self.selling_share


@dataclass(frozen=True, slots=True)
class Response:
    """How sales follow from coverage c, the hours that there are ÷ the hours needed.

    `saturating`: share of what is attainable = floor + (1 − floor)(1 − e^(−kc)) / (1 − e^(−k)),
    which is 1 where c = 1; `floor` sells itself, `curvature` k > 0.
    `power`: sales = today's × (reps / today's reps) ^ `elasticity`; 0.31 is the mean of 506
    estimates corrected for bias (Albers, Mantrala & Sridhar 2010).
    """

    kind: Literal["saturating", "power"] = "saturating"
    floor: float = 0.3
    curvature: float = 2.0
    elasticity: float = 0.31
    reps_today: float | None = None
    sales_today: float | None = None
    margin: float = 0.4


@dataclass(frozen=True)
class Quota:
    """`share`: of the potential that we can win at full coverage. `per_rep`: what a full-time rep
    has to bring; `of`: territory → quota, where they differ. `steps`: reps more and fewer shown."""

    share: float = 1.0
    per_rep: float | None = None
    of: Mapping[str, float] = field(default_factory=dict)
    steps: int = 3


@dataclass(frozen=True)
class SizingModel:
    """Everything that is assumed. `segment`: the column that splits the addressable market."""

    classes: Classes = Classes()
    travel: Travel = Travel()
    rep: RepYear = RepYear()
    response: Response = Response()
    quota: Quota = Quota()
    segment: str | None = None
