"""The assumptions of a sizing as a user writes them: one short TOML file, or the same as JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from sales.sizing.model import (
    FORMAT,
    CallClass,
    Classes,
    Quota,
    RepYear,
    Response,
    SizingModel,
    Travel,
)
from sales.toml_file import Section, read_toml


def read_sizing(path: Path) -> SizingModel:
    """Read the assumptions; raises OptionError that names the file, the key and the remedy."""
    return _model(read_toml(path))


def sizing_of(document: Mapping[str, Any], source: str = "model") -> SizingModel:
    """The same from an object, as the API takes it."""
    return _model(Section(document, source))


def _model(top: Section) -> SizingModel:
    written = top.text("format", FORMAT)
    if written != FORMAT:
        raise top.wrong("format", f"{written!r} is unknown", f"Write {FORMAT!r}.")
    segment = top.text("segment", "") or None
    model = SizingModel(
        _classes(top), _travel(top.table("travel")), _rep(top.table("rep")),
        _response(top.table("response")), _quota(top.table("quota")), segment,
    )  # fmt: skip
    top.done()
    return model


def _classes(top: Section) -> Classes:
    measure, column = top.text("measure", "potential"), top.text("class_column", "") or None
    rows = top.tables("class")
    made: list[CallClass] = []
    for row in rows:
        least = 0.0
        if column is None:
            least = row.number("least", 0.0, least=0.0)
        made.append(
            CallClass(
                row.text("name"), row.number("calls", least=0.0), row.number("hours", above=0.0),
                least,
            )
        )  # fmt: skip
        row.done()
        if column is None and len(made) > 1 and least >= made[-2].least:
            raise row.wrong("least", "does not fall", "Write the classes from A down.")
        if made[-1].name in [other.name for other in made[:-1]]:
            raise row.wrong("name", "stands twice", "Give each class a name of its own.")
    if not made:
        if column is not None:
            raise top.wrong("class", "is missing", "Add [[class]] with name, calls and hours.")
        return Classes(measure=measure)
    return Classes(tuple(made), measure, column)


def _travel(section: Section) -> Travel:
    default = Travel()
    travel = Travel(
        section.number("speed_kmh", default.speed_kmh, above=0.0),
        section.number("road_factor", default.road_factor, least=1.0, most=5.0),
        section.number("stops", default.stops, least=1.0),
        section.number("least_km", default.least_km, least=0.0),
    )
    section.done()
    return travel


def _rep(section: Section) -> RepYear:
    default = RepYear()
    rep = RepYear(
        section.number("weeks", default.weeks, above=0.0, most=53.0),
        section.number("days", default.days, above=0.0, most=7.0),
        section.number("hours", default.hours, above=0.0, most=24.0),
        section.number("selling_share", default.selling_share, above=0.0, most=1.0),
        section.number("cost", default.cost, least=0.0),
    )
    section.done()
    return rep


def _response(section: Section) -> Response:
    default = Response()
    kind = section.text("kind", default.kind)
    kinds: dict[str, Literal["saturating", "power"]] = {
        "saturating": "saturating",
        "power": "power",
    }
    if kind not in kinds:
        raise section.wrong("kind", f"{kind!r} is unknown", "Write saturating or power.")
    reps = section.number("reps_today", above=0.0) if "reps_today" in section else None
    sales = section.number("sales_today", above=0.0) if "sales_today" in section else None
    for key in ("reps_today", "sales_today"):
        section.known(key)
    response = Response(
        kinds[kind],
        section.number("floor", default.floor, least=0.0, most=0.99),
        section.number("curvature", default.curvature, above=0.0, most=20.0),
        section.number("elasticity", default.elasticity, above=0.0, most=1.0),
        reps,
        sales,
        section.number("margin", default.margin, above=0.0, most=1.0),
    )
    section.done()
    if response.kind == "power" and (reps is None or sales is None):
        raise section.wrong("kind", "“power” starts from today", "Add reps_today and sales_today.")
    return response


def _quota(section: Section) -> Quota:
    default = Quota()
    per_rep = section.number("per_rep", above=0.0) if "per_rep" in section else None
    section.known("per_rep")
    quota = Quota(
        section.number("share", default.share, above=0.0, most=1.0),
        per_rep,
        section.numbers("territories"),
        section.whole("steps", default.steps, least=1),
    )
    section.done()
    return quota
