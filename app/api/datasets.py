"""Uploaded files and what was read from them."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile

from app.api.caller import C
from app.api.context import S, Services
from app.api.problems import responses
from app.api.schemas import Accounts, DatasetOut, Datasets, Review
from app.errors import InvalidRequestError, PayloadTooLargeError
from app.jobs.work import Upload
from app.store import audit, datasets
from app.store.tables import Dataset
from geo.errors import EmptyInputError, NotFoundError

router = APIRouter(prefix="/v1/datasets", tags=["datasets"])
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="rows to leave out")]
Limit = Annotated[int, Query(ge=1, description="rows on the page, up to the setting")]


def shown(dataset: Dataset) -> DatasetOut:
    """A dataset as the API shows it."""
    return DatasetOut.model_validate(
        {
            "id": dataset.id, "file_name": dataset.file_name, "kind": dataset.kind,
            "accounts": dataset.account_count, "review": dataset.review_count,
            "columns": dataset.columns, "measures": dataset.measures,
            "sha256": dataset.sha256, "created_at": dataset.created_at,
        }
    )  # fmt: skip


@router.post("", status_code=201, responses=responses(EmptyInputError, PayloadTooLargeError))
def upload(
    services: S,
    caller: C,
    file: Annotated[UploadFile, File(description="accounts, a cell table, or units")],
    columns: Annotated[
        str, Form(description='JSON: field → header, e.g. {"potential": "ARR 2026"}')
    ] = "",
    unit_id: Annotated[str, Form(description="column of the unit ids, for polygons")] = "",
) -> DatasetOut:
    """Upload a file. The same bytes with the same columns are the same dataset."""
    content = file.file.read()
    if not content:
        raise EmptyInputError("the file has no bytes", hint="Choose a file with a header and rows.")
    overrides: dict[str, Any] = {"columns": _columns(columns)} | (
        {"unit_id": unit_id} if unit_id else {}
    )
    sha256 = hashlib.sha256(content).hexdigest()
    dataset_id = datasets.id_of(sha256, overrides)
    with services.database.read() as session:
        known = datasets.find(session, dataset_id)
    if known is not None:
        return shown(known)
    name = (file.filename or "upload").encode("utf-8", "replace").decode().replace("\0", "")
    reading = services.reader.read(Upload(name, content, overrides))
    with services.database.write() as session:
        datasets.keep(
            session,
            dataset_id=dataset_id,
            file_name=name,
            sha256=sha256,
            content=content,
            overrides=overrides,
            reading=reading,
        )
        audit.record(session, caller.name, "dataset.upload", dataset_id, {
            "file_name": name, "sha256": sha256, "accounts": reading.account_count,
        })  # fmt: skip
        return shown(datasets.get(session, dataset_id))


def _columns(text: str) -> dict[str, str]:
    try:
        columns = json.loads(text or "{}")
    except ValueError:
        columns = None
    if not isinstance(columns, dict) or not all(isinstance(v, str) for v in columns.values()):
        raise InvalidRequestError(
            "`columns` is not a JSON object of field → header",
            hint='Send for example {"potential": "ARR 2026", "postal_code": "PLZ"}.',
        )
    return columns


@router.get("", responses=responses(NotFoundError))
def listing(services: S, limit: Limit = 100, before: str | None = None) -> Datasets:
    """The datasets, newest first; `before` continues after that dataset."""
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        found = datasets.newest(session, limit=limit + 1, before=before)
    more = len(found) > limit
    following = f"/v1/datasets?limit={limit}&before={found[limit - 1].id}" if more else None
    return Datasets(datasets=[shown(dataset) for dataset in found[:limit]], next=following)


@router.get("/{dataset_id}", responses=responses(NotFoundError))
def dataset(services: S, dataset_id: str) -> DatasetOut:
    """One dataset."""
    with services.database.read() as session:
        return shown(datasets.get(session, dataset_id))


@router.get("/{dataset_id}/review", responses=responses(NotFoundError))
def review(services: S, dataset_id: str, offset: Offset = 0, limit: Limit = 1000) -> Review:
    """Every doubt about the file, by row: what is wrong and how to mend it."""
    rows, total, following = _page(services, dataset_id, "review", offset, limit)
    return Review(review=rows, total=total, next=following)


@router.get("/{dataset_id}/accounts", responses=responses(NotFoundError))
def accounts(
    services: S,
    dataset_id: str,
    offset: Offset = 0,
    limit: Limit = 1000,
) -> Accounts:
    """The accounts (or units) as read, in the order of the file, with the position found."""
    rows, total, following = _page(services, dataset_id, "accounts", offset, limit)
    return Accounts(accounts=rows, total=total, next=following)


def _page(
    services: Services,
    dataset_id: str,
    what: str,
    offset: int,
    limit: int,
) -> tuple[list[dict[str, object]], int, str | None]:
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        found = datasets.get(session, dataset_id, load=what)
        parquet: bytes = getattr(found, what)
    rows, total = datasets.page_of(parquet, offset, limit)
    end = offset + len(rows)
    following = (
        f"/v1/datasets/{dataset_id}/{what}?offset={end}&limit={limit}" if end < total else None
    )
    return rows, total, following if rows else None
