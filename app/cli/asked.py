"""From the words of the command line to an input and a request; `design` and `front` share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.cli.options import (
    checked_shape,
    parse_columns,
    parse_effort,
    parse_homes,
    parse_resolution,
    read_geojson,
)
from geo.errors import OptionError

if TYPE_CHECKING:
    from geo.geocode.types import Geocoder
    from sales.prepare import Source
    from sales.request import DesignRequest
    from sales.rules.alignment import Alignment
    from sales.segments.model import Model
    from sales.segments.staff import Staff

_OF_RULES = ("territory", "group", "unit_id")  # fields of --column that accounts do not have


@dataclass(frozen=True)
class Asked:
    """The options as typed; `None` and empty where left out."""

    input: Path
    territories: str | None = None
    reps: Path | None = None
    balance: tuple[str, ...] = ()
    column: tuple[str, ...] = ()
    resolution: str = "auto"
    seed: int = 0
    time_limit: float | None = None
    market: Path | None = None
    postcodes: Path | None = None
    unit_id: str | None = None
    edges: Path | None = None
    incumbent: Path | None = None
    max_disruption: float | None = None
    capacity: float | None = None
    lock: Path | None = None
    barriers: Path | None = None
    together: Path | None = None
    apart: Path | None = None
    limit: tuple[str, ...] = ()
    homes: str = "soft"
    effort: str = "default"
    shape: float = 1.0
    exact: "Literal['inertia', 'cut_edges'] | None" = None
    segments: Path | None = None

    def options(self) -> dict[str, Any]:
        """For the provenance; what belongs to rules only where it is asked for."""
        always = {
            "territories": self._number, "reps": _name(self.reps), "balance": list(self.balance),
            "column": list(self.column), "resolution": self.resolution,
            "time_limit": self.time_limit, "market": _name(self.market),
            "postcodes": _name(self.postcodes), "unit_id": self.unit_id, "edges": _name(self.edges),
        }  # fmt: skip
        rules = {
            "incumbent": _name(self.incumbent), "max_disruption": self.max_disruption,
            "capacity": self.capacity, "lock": _name(self.lock), "barriers": _name(self.barriers),
            "together": _name(self.together), "apart": _name(self.apart),
            "limit": list(self.limit) or None, "exact": self.exact,
            "effort": None if self.effort == "default" else self.effort,
            "shape": None if self.shape == 1.0 else self.shape,
            "homes": None if self.homes == "soft" else self.homes,
            "segments": _name(self.segments),
        }  # fmt: skip
        return always | {name: value for name, value in rules.items() if value is not None}

    @property
    def _number(self) -> int | str | None:
        number = self.territories
        return int(number) if number is not None and number.lstrip("-").isdigit() else number

    def read(self) -> "tuple[Source, DesignRequest, Geocoder]":
        """Read every file that is named. Raises InputError and OptionError."""
        from geo.geocode import default_geocoder
        from sales.accounts.types import AccountTable
        from sales.goals import parse_goal
        from sales.inputs import read_input
        from sales.request import DesignRequest
        from sales.roster import located_reps, read_roster
        from sales.rules.groups import read_groups, read_pairs
        from sales.rules.limits import parse_limit
        from sales.rules.locks import read_locks

        territories = self._territories()
        columns = parse_columns(list(self.column))
        own = {field: header for field, header in columns.items() if field not in _OF_RULES}
        geocoder = default_geocoder(postcode_file=self.postcodes)
        roster = read_roster(self.reps) if self.reps and self.segments is None else None
        reps, doubts = located_reps(roster, geocoder) if roster else ((), ())
        source = read_input(self.input, columns=own, unit_id=self.unit_id, edges=self.edges)
        request = DesignRequest(
            territories=territories,
            reps=reps,
            roster_issues=(*(roster.issues if roster else ()), *doubts),
            balance=tuple(parse_goal(text) for text in self.balance),
            resolution=parse_resolution(self.resolution),
            seed=self.seed,
            market=read_geojson(self.market, "--market", "polygons") if self.market else None,
            time_limit=self.time_limit,
            incumbent=self._alignment(columns, not isinstance(source, AccountTable)),
            max_disruption=self.max_disruption,
            capacity=self.capacity,
            locks=read_locks(self.lock, columns) if self.lock else None,
            together=read_groups(self.together, columns) if self.together else None,
            apart=read_pairs(self.apart, columns) if self.apart else None,
            limits=tuple(parse_limit(text) for text in self.limit),
            barriers=read_geojson(self.barriers, "--barriers", "lines") if self.barriers else None,
            homes=parse_homes(self.homes),
            exact=self.exact,
            effort=parse_effort(self.effort),
            shape=checked_shape(self.shape),
            options=self.options(),
        )
        return source, request, geocoder

    def read_segments(self, geocoder: "Geocoder") -> "tuple[Model, Staff]":
        """The territory model, and the reps with their segments. Raises InputError."""
        from sales.roster import located_reps, read_roster
        from sales.segments.read import read_model
        from sales.segments.staff import Staff

        assert self.segments is not None
        model = read_model(self.segments)
        if self.reps is None:
            return model, Staff()
        roster = read_roster(self.reps)
        reps, doubts = located_reps(roster, geocoder)
        return model, Staff(reps, roster.segments, (*roster.issues, *doubts))

    def _alignment(self, columns: Mapping[str, str], of_units: bool) -> "Alignment | None":
        from sales.rules.alignment import read_alignment

        if self.incumbent is None:
            return None
        return read_alignment(
            self.incumbent, columns=columns, unit_id=self.unit_id, of_units=of_units,
            by_rep=self.reps is not None,
        )  # fmt: skip

    def _territories(self) -> int | None:
        if self.max_disruption is not None and not 0 <= self.max_disruption <= 1:
            raise OptionError(
                f"--max-disruption {self.max_disruption:g} is no fraction from 0 to 1",
                hint="Write 0.1 for 10 %.",
            )
        if self.capacity is not None and not self.capacity > 0:
            raise OptionError(
                f"--capacity {self.capacity:g} is not above zero",
                hint="Give what one territory can hold of the first measure.",
            )
        if self.territories is None:
            return None
        if self.territories == "auto":
            if self.capacity is None:
                raise OptionError(
                    "--territories auto needs to know what one territory can hold",
                    hint="Give --capacity, in the unit of the first measure.",
                )
            return None
        try:
            return int(self.territories)
        except ValueError:
            raise OptionError(
                f"--territories {self.territories!r} is neither a number nor auto",
                hint="Write for example --territories 8, or --territories auto --capacity 500000.",
            ) from None


def _name(path: Path | None) -> str | None:
    return path.name if path else None
