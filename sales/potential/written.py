"""The scoring model as a user writes it: one short TOML file, or the same as JSON."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sales.potential.model import (
    FORMAT,
    PROBABILITIES,
    TERMS,
    Band,
    Criterion,
    Factor,
    Fit,
    PotentialModel,
    Share,
    SharedError,
    Term,
)
from sales.toml_file import Section, read_toml

_ONE_WAY = "Give one of bands, values and power."


def read_model(path: Path) -> PotentialModel:
    """Read a model; raises OptionError that names the file, the key and the remedy."""
    return _model(read_toml(path))


def model_of(document: Mapping[str, Any], source: str = "model") -> PotentialModel:
    """The same from an object, as the API takes it."""
    return _model(Section(document, source))


def _model(top: Section) -> PotentialModel:
    written = top.text("format", FORMAT)
    if written != FORMAT:
        raise top.wrong("format", f"{written!r} is unknown", f"Write {FORMAT!r}.")
    name = top.text("name", top.source.removesuffix(".toml"))
    terms = tuple(_term(top.table(t), t) for t in TERMS[:-1] if t in top)
    fit = _fit(top.table("fit")) if "fit" in top else None
    pipeline = _share(top.table("pipeline"), "win_rate") if "pipeline" in top else None
    customers = _share(top.table("customers"), "keep_rate") if "customers" in top else None
    error = top.table("error")
    account_sd = error.number("account", 0.0, least=0.0, most=10.0)
    outcome = error.number("outcome", least=0.0, most=5.0) if "outcome" in error else None
    error.known("outcome")
    shared = tuple(_shared(each) for each in error.tables("shared"))
    error.done()
    learned = top.table("learned")
    for key in (*TERMS, "pipeline", "customers"):
        top.known(key)
    top.done()
    if not any(term.name == "deal" for term in terms) and not (pipeline or customers):
        raise top.wrong(
            "deal",
            "is missing",
            "Add [deal] with base, the money that an account may bring a year.",
        )
    if terms and not any(term.name == "deal" for term in terms):
        raise top.wrong("deal", "is missing", "Propensity, growth and fit multiply the deal size.")
    facts = {key: learned.raw(key) for key in learned.keys()}  # noqa: SIM118
    return PotentialModel(name, terms, fit, pipeline, customers, account_sd, outcome, shared, facts)


def _term(section: Section, name: str) -> Term:
    probable = name in PROBABILITIES
    odds = section.flag("odds", False) if probable else False
    top = 1.0 if probable else math.inf
    most = section.number("most", top, least=0.0, most=top)
    term = Term(
        name,
        section.number("base", None if name == "deal" or probable else 1.0, least=0.0),
        tuple(_factor(each, 1.0) for each in section.tables("by")),
        odds,
        section.number("least", 0.0, least=0.0, most=most),
        most,
        section.number("sd", 0.0, least=0.0, most=10.0),
    )
    section.done()
    return term


def _factor(section: Section, otherwise: float) -> Factor:
    """What a column multiplies by; `otherwise` is the default of that key."""
    column = section.text("column")
    ways = [way for way in ("bands", "values", "power") if way in section]
    if len(ways) != 1:
        found = " and ".join(ways) or "none of them"
        raise section.wrong("column", f"“{column}” has {found}", _ONE_WAY)
    bands: tuple[Band, ...] = ()
    values: dict[str, float] = {}
    power: float | None = None
    at, least, most = 1.0, 0.0, math.inf
    if ways == ["bands"]:
        bands = _bands(section)
    elif ways == ["values"]:
        values = {k.strip().casefold(): v for k, v in section.numbers("values").items()}
    else:
        power = section.number("power", least=-10.0, most=10.0)
        at = section.number("at", 1.0, above=0.0)
        least = section.number("least", 0.0, least=0.0)
        most = section.number("most", math.inf, above=least)
    rest = section.number("otherwise", otherwise, least=0.0)
    section.done()
    return Factor(column, bands, values, power, at, least, most, rest)


def _bands(section: Section) -> tuple[Band, ...]:
    rows = section.tables("bands")
    bands: list[Band] = []
    for number, row in enumerate(rows, 1):
        last = number == len(rows)
        below = row.number("below") if "below" in row or not last else math.inf
        if bands and below <= bands[-1].below:
            raise row.wrong("below", "does not rise", "Write the bands from small to large.")
        bands.append(Band(below, row.number("factor", least=0.0)))
        row.done()
    if not bands:
        raise section.wrong("bands", "is empty", "Give at least one { factor = … }.")
    return tuple(bands)


def _fit(section: Section) -> Fit:
    criteria = []
    for each in section.tables("criteria"):
        weight = each.number("weight", 1.0, above=0.0)
        factor = _factor(each, 0.0)
        if factor.power is not None:
            raise each.wrong("power", "gives no points", "Use bands or values, from 0 to 1.")
        points = [band.factor for band in factor.bands] + [*factor.values.values()]
        if any(p > 1.0 for p in (*points, factor.otherwise)):
            raise each.wrong("column", "a criterion has points above 1", "Points go from 0 to 1.")
        criteria.append(Criterion(weight, factor))
    if not criteria:
        raise section.wrong("criteria", "is missing", "Add [[fit.criteria]] with a column.")
    low = section.number("low", 0.5, least=0.0)
    fit = Fit(
        tuple(criteria), low, section.number("high", 1.5, least=low),
        section.number("sd", 0.0, least=0.0, most=10.0),
    )  # fmt: skip
    section.done()
    return fit


def _share(section: Section, key: str) -> Share:
    share = Share(
        section.text("column"),
        section.number(key, least=0.0, most=10.0),
        section.number("sd", 0.0, least=0.0, most=10.0),
    )
    section.done()
    return share


def _shared(section: Section) -> SharedError:
    shared = SharedError(section.text("column"), section.number("sd", least=0.0, most=10.0))
    section.done()
    return shared
