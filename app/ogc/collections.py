"""The collections that there are, and the layer of a plan behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.ogc.layer import Layer
from geo.errors import NotFoundError
from sales.plan import PlanBundle
from sales.rollup import Group


@dataclass(frozen=True, slots=True)
class Collection:
    """`level` is what territories are rolled up to, "" for what is not rolled up."""

    id: str
    title: str
    description: str
    level: str = ""


COLLECTIONS: Final[Mapping[str, Collection]] = {
    some.id: some
    for some in (
        Collection(
            "territories",
            "Territories",
            "One outline per territory with its rep, target and measures. With level=region or "
            "level=area they are rolled up.",
        ),
        Collection("regions", "Regions", "Territories rolled up to regions, with sums.", "region"),
        Collection("areas", "Areas", "Regions rolled up to areas, with sums.", "area"),
        Collection(
            "cells",
            "Cells",
            "One hexagon per H3 cell with its territory and measures; for a plan of polygon units "
            "one point per unit.",
        ),
        Collection(
            "accounts",
            "Accounts",
            "One point per account with its territory and rep; no geometry where the account "
            "could not be placed.",
        ),
        Collection("reps", "Reps", "One point per rep, the home, with the rep's territory."),
    )
}
LEVELS: Final = ("territory", "region", "area")


def collection(identity: str) -> Collection:
    """The collection of that id; raises NotFoundError."""
    found = COLLECTIONS.get(identity)
    if found is None:
        raise NotFoundError(
            f"there is no collection {identity!r:.80}", hint=f"There are {', '.join(COLLECTIONS)}."
        )
    return found


def make_layer(bundle: PlanBundle, some: Collection, groups: Sequence[Group]) -> Layer:
    """The collection's features; `groups` those of its level."""
    from app.ogc import layers  # with geopandas, which takes a second to load

    if some.level:
        return layers.groups_layer(bundle, groups)
    make = {
        "territories": layers.territories_layer,
        "cells": layers.cells_layer,
        "accounts": layers.accounts_layer,
        "reps": layers.reps_layer,
    }
    return make[some.id](bundle)
