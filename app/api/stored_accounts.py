"""The accounts of a dataset as the library reads them, from the bytes that were uploaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.api.context import Services
from app.jobs.uploads import fetched
from app.store import datasets
from app.store.tables import Dataset
from geo.errors import InputError

if TYPE_CHECKING:
    from geo.arrays import Float
    from sales.accounts.types import AccountTable


@contextmanager
def accounts_of(services: Services, dataset_id: str) -> "Iterator[tuple[Dataset, AccountTable]]":
    """The dataset and its accounts. Raises NotFoundError, and InputError for cells and units."""
    from sales.accounts import read_accounts

    with services.database.read() as session:
        dataset = datasets.get(session, dataset_id)
    if dataset.kind != "accounts":
        raise InputError(
            f"dataset {dataset_id!r} holds {dataset.kind}, not accounts",
            hint="Upload a file of accounts.",
        )
    with fetched(
        services.database, dataset.upload_id, dataset.file_name, dataset.overrides
    ) as upload:
        yield dataset, read_accounts(upload.path, columns=upload.overrides.get("columns"))


def positions_of(services: Services, dataset_id: str) -> "tuple[Float, Float]":
    """Latitude and longitude of every row, as found when the file was uploaded."""
    import numpy as np

    with services.database.read() as session:
        dataset = datasets.get(session, dataset_id, load="accounts")
    frame = datasets.frame_of(dataset.accounts)
    return frame["lat"].to_numpy(dtype=np.float64), frame["lng"].to_numpy(dtype=np.float64)
