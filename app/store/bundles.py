"""A stored plan version, parsed, with what its files do not hold."""

from dataclasses import replace
from typing import TYPE_CHECKING

from app.store import datasets
from app.store.database import Database

if TYPE_CHECKING:
    from sales.plan import PlanBundle


def named(database: Database, bundle: "PlanBundle", dataset_id: str) -> "PlanBundle":
    """The bundle with the names of the accounts from its dataset."""
    with database.read() as session:
        dataset = datasets.get(session, dataset_id, load="accounts")
    names = datasets.names_of(dataset.accounts)
    if len(names) != len(bundle.assignments):
        return bundle  # the dataset is of cells or units, which have no names
    return replace(bundle, names=names)
