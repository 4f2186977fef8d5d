"""Uploaded files and what was read from them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Header, Query, Response, UploadFile
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.idempotency import O, Once
from app.api.problems import responses
from app.api.schemas import Accounts, DatasetOut, Datasets, Review
from app.errors import (
    IdempotencyKeyReusedError,
    InvalidRequestError,
    PayloadTooLargeError,
    QueueFullError,
)
from app.jobs.uploads import place_for
from app.jobs.work import Upload
from app.store import audit, blobs, datasets, jobs
from app.store.datasets import Reading
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


class ImportStarted(BaseModel):
    """A file that is being imported; the dataset is there once the job is done."""

    dataset: str
    job: str


@router.post(
    "",
    status_code=201,
    response_model=DatasetOut,
    responses=responses(
        EmptyInputError, PayloadTooLargeError, IdempotencyKeyReusedError, QueueFullError
    )
    | {202: {"model": ImportStarted, "description": "A large file: follow the job in `Location`."}},
)
def upload(
    services: S,
    caller: C,
    once: O,
    file: Annotated[UploadFile, File(description="accounts, a cell table, or units")],
    columns: Annotated[
        str, Form(description='JSON: field → header, e.g. {"potential": "ARR 2026"}')
    ] = "",
    unit_id: Annotated[str, Form(description="column of the unit ids, for polygons")] = "",
    prefer: Annotated[
        str, Header(description="`respond-async`: answer 202 and import the file by a job")
    ] = "",
) -> Response:
    """Upload a file. The same bytes with the same columns are the same dataset."""
    overrides: dict[str, Any] = {"columns": named_columns(columns)} | (
        {"unit_id": unit_id} if unit_id else {}
    )
    name = (file.filename or "upload").encode("utf-8", "replace").decode().replace("\0", "")
    with place_for(name) as path:
        sha256, size = _received(file, path)
        if not size:
            raise EmptyInputError(
                "the file has no bytes", hint="Choose a file with a header and rows."
            )
        new = New(datasets.id_of(sha256, overrides), Upload(name, path, overrides), sha256)
        once = once.about(new.id)
        once.check(services.database)
        with services.database.read() as session:
            known = datasets.find(session, new.id) is not None
        if not known and (_asks_later(prefer) or size > services.settings.sync_upload_mb * 1e6):
            return import_later(services, caller, once, new)
        reading = None if known else services.reader.read(new.upload)
        with once.write(services.database) as session:
            if reading is not None:
                keep(session, caller, new, reading)
            body = shown(datasets.get(session, new.id))
            return once.answer(session, 201, body, {"Location": f"/v1/datasets/{new.id}"})


@dataclass(frozen=True)
class New:
    """A dataset to come."""

    id: str
    upload: Upload
    sha256: str


def _received(file: UploadFile, path: Path) -> tuple[str, int]:
    """Write the upload to `path`; its digest and size."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while part := file.file.read(blobs.PART_BYTES):
            digest.update(part)
            size += target.write(part)
    return digest.hexdigest(), size


def _asks_later(prefer: str) -> bool:
    wishes = [wish.partition(";")[0].strip().lower() for wish in prefer.split(",")]
    return "respond-async" in wishes


def keep(session: Session, caller: Caller, new: New, reading: Reading) -> None:
    """Keep what was read of a new upload, unless somebody else was faster."""
    if datasets.find(session, new.id) is not None:
        return
    upload_id = jobs.new_id("up")
    with new.upload.path.open("rb") as file:
        blobs.put(session, upload_id, file)
    kept = datasets.keep(
        session,
        dataset_id=new.id,
        file_name=new.upload.file_name,
        sha256=new.sha256,
        upload_id=upload_id,
        overrides=new.upload.overrides,
        reading=reading,
    )
    if kept:
        about = {
            "file_name": new.upload.file_name, "sha256": new.sha256,
            "accounts": reading.account_count,
        }  # fmt: skip
        audit.record(session, caller.name, "dataset.upload", new.id, about)


def import_later(services: Services, caller: Caller, once: Once, new: New) -> Response:
    """Keep the bytes and queue their import; both are there when the answer is sent."""
    with once.write(services.database) as session:
        job = jobs.importing(session, new.id)
        if job is None:
            upload_id = jobs.new_id("up")
            job = jobs.add(
                session,
                "import",
                caller=caller.name,
                dataset_id=new.id,
                request={
                    "upload_id": upload_id,
                    "file_name": new.upload.file_name,
                    "sha256": new.sha256,
                    "overrides": dict(new.upload.overrides),
                },
                most_queued=services.settings.max_queued_jobs,
            )
            with new.upload.path.open("rb") as file:
                blobs.put(session, upload_id, file)
        headers = {"Location": f"/v1/jobs/{job.id}", "Preference-Applied": "respond-async"}
        return once.answer(session, 202, ImportStarted(dataset=new.id, job=job.id), headers)


def named_columns(text: str) -> dict[str, str]:
    """Field → header, from the JSON of a form; raises InvalidRequestError."""
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
