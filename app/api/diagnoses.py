"""Is it the rep or the territory, and has the market moved away from the plan?"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile

from app.api.context import S, Services
from app.api.datasets import named_columns
from app.api.diagnoses_schemas import DiagnosisOut, DriftOut
from app.api.problems import responses
from app.api.schemas import Day
from app.errors import BadParameterError, InvalidRequestError, PlanNotReadyError
from app.jobs.uploads import fetched, place_for
from app.store import datasets, plans, publications
from app.store.tables import Dataset, now
from geo.errors import EmptyInputError, MissingColumnError, NotFoundError

router = APIRouter(prefix="/v1", tags=["diagnoses"])
_MOST_ROWS = 2_000_000  # a diagnosis is answered at once


@router.post("/diagnoses", responses=responses(NotFoundError, EmptyInputError, MissingColumnError))
def diagnose(
    services: S,
    dataset: Annotated[str, Form(description="the accounts, with their potential")],
    bookings: Annotated[UploadFile, File(description="deals won")],
    alignment: Annotated[UploadFile, File(description="who has what today")],
    *,
    activities: Annotated[UploadFile | None, File(description="hours by account")] = None,
    opportunities: Annotated[UploadFile | None, File(description="deals decided")] = None,
    reps: Annotated[UploadFile | None, File(description="roster, for names and travel")] = None,
    quotas: Annotated[UploadFile | None, File(description="quotas")] = None,
    columns: Annotated[str, Form(description="JSON: field → header of the histories")] = "",
    period: Annotated[
        str,
        Form(description="month, quarter, half or year", pattern="^(month|quarter|half|year)?$"),
    ] = "",
    alpha: Annotated[float, Form(gt=0, lt=1, allow_inf_nan=False)] = 0.05,
    looks: Annotated[int, Form(ge=1, le=1000)] = 1,
    matters: Annotated[float, Form(gt=0, lt=1, allow_inf_nan=False)] = 0.25,
    least_deals: Annotated[int, Form(ge=1, le=1000)] = 8,
) -> DiagnosisOut:
    """Attainment, coverage and win rates by territory; rep or territory, with intervals.

    Nothing is kept.
    """
    from sales.diagnose.diagnosis import document
    from sales.diagnose.read import Files, diagnose_files
    from sales.diagnose.verdicts import Rules

    rules = Rules(alpha=alpha, looks=looks, matters=matters, least_deals=least_deals)
    chosen = named_columns(columns)
    with ExitStack() as stack:
        accounts = stack.enter_context(_accounts(services, dataset))
        chosen = accounts[1] | chosen
        paths = [
            stack.enter_context(_received(file)) if file is not None else None
            for file in (bookings, alignment, activities, opportunities, reps, quotas)
        ]
        assert paths[0] is not None
        assert paths[1] is not None
        files = Files(accounts[0], paths[0], paths[1], *paths[2:])
        geocoder = services.geocoder if reps is not None else None
        found = diagnose_files(files, geocoder, rules, columns=chosen, period=period or None)
    return DiagnosisOut.model_validate(document(found))


@router.get("/plans/{plan_id}/drift", responses=responses(NotFoundError, PlanNotReadyError))
def drift(
    services: S,
    plan_id: str,
    *,
    dataset: Annotated[str | None, Query(description="the accounts of today")] = None,
    rep: Annotated[
        list[str], Query(description="id of a rep of today; one for each", max_length=5000)
    ] = [],  # noqa: B006 the framework copies it
    today: Annotated[Day | None, Query(description="default: today")] = None,
    since: Annotated[
        Day | None, Query(description="default: when the plan was put in force, or made")
    ] = None,
    tolerance: Annotated[float | None, Query(gt=0, le=10, description="of balance")] = None,
    headcount_watch: Annotated[float, Query(gt=0, le=10)] = 0.15,
    headcount_act: Annotated[float, Query(gt=0, le=10)] = 0.20,
    quarter_months: Annotated[int, Query(ge=0, le=1200)] = 3,
    year_months: Annotated[int, Query(ge=0, le=1200)] = 12,
    density: Annotated[float, Query(gt=0, le=10)] = 0.20,
    value: Annotated[float, Query(gt=0, le=10)] = 0.20,
    mix: Annotated[float, Query(gt=0, le=10)] = 0.05,
    least_accounts: Annotated[int, Query(ge=0, le=1200)] = 20,
    segment: Annotated[
        list[str] | None, Query(description="columns whose values are segments", max_length=20)
    ] = None,
) -> DriftOut:
    """Alerts where balance, headcount, segments or the calendar moved on from the plan."""
    from sales.accounts import read_accounts
    from sales.drift.alerts import Where
    from sales.drift.review import Now, document_of, review
    from sales.drift.thresholds import thresholds_of
    from sales.roster import Rep

    limits = thresholds_of(
        {
            "headcount_watch": headcount_watch, "headcount_act": headcount_act,
            "quarter_months": quarter_months, "year_months": year_months, "density": density,
            "value": value, "mix": mix, "least_accounts": least_accounts,
            **({"tolerance": tolerance} if tolerance is not None else {}),
            **({"segments": segment} if segment else {}),
        },
        "the request",
    )  # fmt: skip
    with services.database.read() as session:
        plan = plans.get(session, plan_id)
        version = plans.version_in_force(plan)
        last = publications.newest_done(session)
        made = last.effective_at if last and last.plan_id == plan.id else plan.created_at
    at = today or now().date()
    start = since or min(made.date(), at)
    if start > at:
        raise BadParameterError(f"since {start} is after today {at}", hint="Exchange them.")
    accounts = before = None
    if dataset is not None:
        with _accounts(services, dataset) as (path, columns):
            accounts = read_accounts(path, columns=columns)
        with _accounts(services, plan.dataset_id) as (path, columns):
            before = read_accounts(path, columns=columns)
    reps = tuple(Rep(name, name, 1.0) for name in rep) if rep else None
    geocoder = services.geocoder if dataset is not None else None
    found = review(
        services.bundle(plan, version=version), Now(at, start, accounts, before, reps), limits,
        Where(plan.id), geocoder,
    )  # fmt: skip
    return DriftOut.model_validate(document_of(found) | {"plan": plan.id})


@contextmanager
def _accounts(services: Services, dataset_id: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """The file of a dataset, and the columns that were chosen when it was uploaded."""
    with services.database.read() as session:
        dataset: Dataset = datasets.get(session, dataset_id)
    if dataset.kind != "accounts" or dataset.account_count > _MOST_ROWS:
        raise InvalidRequestError(
            f"dataset {dataset_id!r} holds {dataset.kind}, or too many of them",
            hint="Name a dataset of accounts, or use the command line for very large ones.",
        )
    with fetched(
        services.database, dataset.upload_id, dataset.file_name, dataset.overrides
    ) as upload:
        yield upload.path, dict(dataset.overrides.get("columns") or {})


@contextmanager
def _received(file: UploadFile) -> Iterator[Path]:
    name = (file.filename or "upload").encode("utf-8", "replace").decode().replace("\0", "")
    with place_for(name) as path:
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        if not path.stat().st_size:
            raise EmptyInputError(f"{name} has no bytes", hint="Send a table with a header.")
        yield path
