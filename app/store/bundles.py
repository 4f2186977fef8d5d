"""A stored plan version, parsed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from app.store import datasets, plans
from app.store.database import Database

if TYPE_CHECKING:
    from sales.plan import PlanBundle


def bundle_of(database: Database, plan_id: str, version: int, dataset_id: str) -> "PlanBundle":
    """All files of a plan version, with the names of the accounts from its dataset."""
    from sales.planfiles import read_bundle

    with database.read() as session:
        files = plans.files(session, plan_id, version)
        dataset = datasets.get(session, dataset_id, load="accounts")
    bundle = read_bundle(files)
    names = datasets.names_of(dataset.accounts)
    if len(names) != len(bundle.assignments):
        return bundle  # the dataset is of cells or units, which have no names
    return replace(bundle, names=names)
