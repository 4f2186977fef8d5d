"""A territory model: segments in the order in which they are asked, each with its geography."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sales.request import BalanceGoal

Keep = Literal["together", "segment", "off"]
GEOGRAPHY, LIST = "geography", "list"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column must hold; everything that is given must be true.

    `one_of`, `none_of`: texts, compared without case; `min`, `max` inclusive, `above`, `below`
    exclusive; `blank`: whether there is no value.
    """

    column: str
    one_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    min: float | None = None
    max: float | None = None
    above: float | None = None
    below: float | None = None
    blank: bool | None = None

    @property
    def of_numbers(self) -> bool:
        """Whether it compares sizes."""
        return any(v is not None for v in (self.min, self.max, self.above, self.below))


@dataclass(frozen=True, slots=True)
class Listed:
    """An account named by id, and the rep it is named to, "" for any rep of the segment."""

    account_id: str
    rep: str = ""


@dataclass(frozen=True, slots=True)
class Top:
    """The `count` largest accounts by a column."""

    count: int
    by: str


@dataclass(frozen=True)
class Segment:
    """A part of the market.

    An account belongs if it is `listed`, is among the `top`, or meets all conditions of one of the
    `where` alternatives; `rest` takes every account. `cover` says whether its accounts go by
    geography or are dealt out as a list; `shares` names the segment whose geography it uses.
    """

    id: str
    name: str
    listed: tuple[Listed, ...] = ()
    top: Top | None = None
    where: tuple[tuple[Condition, ...], ...] = ()
    rest: bool = False
    cover: Literal["geography", "list"] = "geography"
    shares: str = ""
    territories: int | None = None
    reps: tuple[str, ...] = ()
    balance: tuple[BalanceGoal, ...] = ()
    resolution: int | None = None
    shape: float = 1.0
    market: Mapping[str, Any] | None = None

    @property
    def geography(self) -> str:
        """The id of its geography, "" for a list."""
        return "" if self.cover == LIST else self.shares or self.id


@dataclass(frozen=True)
class Model:
    """Segments in the order of precedence. `text` is the file, byte for byte, `source` its name."""

    name: str
    segments: tuple[Segment, ...]
    families: Keep
    text: str
    source: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the model asks for, in the order of its segments."""
        asked = [
            column
            for segment in self.segments
            for column in (
                *((segment.top.by,) if segment.top else ()),
                *(condition.column for some in segment.where for condition in some),
            )
        ]
        return tuple(dict.fromkeys(asked))

    def segment(self, id_: str) -> Segment:
        """The segment of that id."""
        return next(segment for segment in self.segments if segment.id == id_)
