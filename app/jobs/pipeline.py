"""The seam to the planner's library: an upload becomes a reading, a request becomes plan files.

The library is imported where it is used: the API's own process never needs the solver.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.jobs.work import Upload, Work
from app.store.datasets import Reading, to_parquet
from geo.errors import InputError, OptionError
from geo.geocode.types import Address
from geo.progress import Progress, silent
from sales.accounts.types import AccountTable, RowIssue
from sales.inputs import CellInput, UnitInput
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep
from sales.rules.limits import Limit
from sales.rules.tables import rules_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from sales.roster import Roster
    from sales.rules.alignment import Alignment
    from sales.segments.model import Model

REVIEW_FIELDS = ("row", "account_id", "column", "code", "message", "hint", "severity")

Source = AccountTable | CellInput | UnitInput


def read_upload(upload: Upload, *, progress: Progress = silent) -> Reading:
    """Read an upload and try to locate its accounts; raises InputError or OptionError."""
    from geo.geocode import default_geocoder
    from sales.locate import locate

    source = source_of_upload(upload)
    if isinstance(source, AccountTable):
        located = locate(source, default_geocoder(), progress=progress)
        frame = source.frame.assign(
            lat=located.lat,
            lng=located.lng,
            precision=[str(value) for value in located.precision],
            placed=located.placed,
        )
        return _reading("accounts", frame, located.issues, source.columns, _measures(source.frame))
    if isinstance(source, CellInput):
        table = source.table
        frame = pd.DataFrame(
            {"cell": [format(cell, "x") for cell in table.cell.tolist()]}
            | {"lat": table.lat, "lng": table.lng}
            | {name: table.measure(name) for name in table.measures}
        )
        return _reading("cells", frame, source.issues, {"cell": "cell"}, table.measures)
    frame = pd.DataFrame(
        {"unit_id": list(source.ids), "lat": source.lat, "lng": source.lng}
        | {name: source.activity[:, i] for i, name in enumerate(source.measures)}
    )
    return _reading("units", frame, source.issues, {}, source.measures)


def design_plan(
    work: Work, progress: Progress, should_stop: Callable[[], bool]
) -> dict[str, bytes]:
    """Read, locate and solve; the files of the plan by name. Raises BailiwickError."""
    from geo.geocode import default_geocoder
    from sales.design import design
    from sales.planfiles import plan_files
    from sales.roster import located_reps

    progress("reading", 0.0, work.upload.file_name)
    source = source_of_upload(work.upload)
    geocoder = default_geocoder()
    roster = roster_of(work.request.get("reps"))
    reps = located_reps(roster, geocoder)[0] if roster is not None else ()
    if work.request.get("segments"):
        from sales.segments.design import design_segments
        from sales.segments.staff import Staff

        staff = Staff(reps, roster.segments, roster.issues) if roster is not None else Staff()
        return plan_files(
            design_segments(
                source,
                model_in(work.request),
                design_request(work.request, ()),
                staff,
                geocoder=geocoder,
                progress=progress,
                should_stop=should_stop,
            )
        )
    bundle = design(
        source,
        design_request(work.request, reps, work.incumbent),
        geocoder=geocoder,
        progress=progress,
        should_stop=should_stop,
    )
    return plan_files(bundle)


def model_in(request: Mapping[str, Any]) -> "Model":
    """The territory model of a request, TOML text or the same as an object; raises InputError."""
    from sales.segments.read import model_of
    from sales.segments.toml_keys import toml_of

    given = request["segments"]
    text = given if isinstance(given, str) else toml_of(given)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError("segments: it holds half a surrogate pair", hint="Send proper text.")
    return model_of(text, "segments")


def geometry_of(upload: Upload, ids: Sequence[str]) -> "tuple[BaseGeometry, ...] | None":
    """The polygons of an upload in the order of `ids`; None where it has places only."""
    source = source_of_upload(upload)
    if not isinstance(source, UnitInput) or source.geometry is None:
        return None
    shape = dict(zip(source.ids, source.geometry, strict=True))
    return tuple(shape[unit] for unit in ids)


def design_request(
    request: Mapping[str, Any],
    reps: tuple[Rep, ...],
    incumbent: Mapping[str, bytes] | None = None,
) -> DesignRequest:
    """What the library calls a request, from the API's JSON (already checked).

    `incumbent` are the files of the plan that the request names.
    """
    territories = request.get("territories")
    return DesignRequest(
        territories=None if territories == "auto" else territories,
        reps=reps,
        balance=tuple(BalanceGoal(**goal) for goal in request.get("balance", ())),
        resolution=request.get("resolution"),
        seed=request.get("seed", 0),
        market=request.get("market"),
        time_limit=request.get("time_limit"),
        effort=request.get("effort", "default"),
        shape=request.get("shape", 1.0),
        exact=request.get("exact"),
        incumbent=_alignment(request, incumbent),
        max_disruption=request.get("max_disruption"),
        capacity=request.get("capacity"),
        locks=rules_of("locks", request.get("locks", ())),
        together=rules_of("together", request.get("together", ())),
        apart=rules_of("apart", request.get("apart", ())),
        limits=tuple(_limit(limit) for limit in request.get("limits", ())),
        barriers=request.get("barriers"),
        homes=request.get("homes", "soft"),
        options={k: v for k, v in request.items() if k not in ("dataset", "name", "segments")},
    )


def _alignment(request: Mapping[str, Any], files: Mapping[str, bytes] | None) -> "Alignment | None":
    if files is None:
        return None
    from sales.planfiles import read_bundle
    from sales.rules.alignment import alignment_of

    return alignment_of(read_bundle(files), str(request["incumbent"]))


def _limit(limit: Mapping[str, Any]) -> Limit:
    low, high = (limit.get(end) for end in ("min", "max"))
    return Limit(
        limit["measure"], math.nan if low is None else low, math.nan if high is None else high
    )


def roster_of(reps: str | list[Mapping[str, Any]] | None) -> "Roster | None":
    """The reps of a request: a list of objects, or the text of a roster file; None where none.

    Raises InputError on an unusable roster file and OptionError on a rep named twice.
    """
    if not reps:
        return None
    from sales.roster import Roster, read_roster

    if isinstance(reps, str):
        with TemporaryDirectory() as directory:
            path = Path(directory) / "reps.csv"
            path.write_text(reps, encoding="utf-8")
            return read_roster(path)
    found = [
        Rep(
            rep_id=rep.get("id") or rep["name"],
            name=rep["name"],
            capacity=rep.get("capacity", 1.0),
            lat=rep.get("lat"),
            lng=rep.get("lng"),
        )
        for rep in reps
    ]
    ids = [rep.rep_id for rep in found]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise OptionError(
            f"the reps have ids that occur twice: {', '.join(twice)}",
            hint="Give every rep an id of its own.",
        )
    addresses = tuple(address_of(rep) for rep in reps)
    segments = tuple(rep.get("segment") or "" for rep in reps)
    own = segments if any(segments) else ()
    return Roster(reps=tuple(found), addresses=addresses, issues=(), segments=own)


def address_of(parts: Mapping[str, Any]) -> Address:
    """The address in a mapping of its fields; what is missing is empty."""
    return Address(
        street=parts.get("street") or "",
        city=parts.get("city") or "",
        state=parts.get("state") or "",
        postal_code=parts.get("postal_code") or "",
        country=parts.get("country") or "",
    )


def source_of_upload(upload: Upload) -> Source:
    """Whatever the upload holds; raises InputError or OptionError."""
    from sales.inputs import read_input

    return read_input(
        upload.path,
        columns=upload.overrides.get("columns") or None,
        unit_id=upload.overrides.get("unit_id"),
    )


def _measures(frame: pd.DataFrame) -> tuple[str, ...]:
    position = ("row", "usable", "latitude", "longitude")
    numeric = frame.select_dtypes("number").columns
    return tuple(str(name) for name in numeric if name not in position)


def _reading(
    kind: str,
    frame: pd.DataFrame,
    issues: tuple[RowIssue, ...],
    columns: Mapping[str, str],
    measures: tuple[str, ...],
) -> Reading:
    rows = [asdict(issue) | {"severity": str(issue.severity)} for issue in issues]
    review = pd.DataFrame(rows, columns=list(REVIEW_FIELDS))
    return Reading(
        kind=kind,
        columns=dict(columns),
        measures=measures,
        account_count=len(frame),
        review_count=len(review),
        accounts=to_parquet(frame),
        review=to_parquet(review.sort_values("row", kind="stable")),
    )
