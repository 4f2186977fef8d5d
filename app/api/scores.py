"""Scores: a dataset whose potential comes from a model."""

import hashlib

from fastapi import APIRouter, Response

from app.api.caller import C
from app.api.context import S
from app.api.datasets import ImportStarted, New, import_later, keep, shown
from app.api.idempotency import O
from app.api.problems import responses
from app.api.scores_schemas import Scored, ScoreRequest
from app.api.stored_accounts import accounts_of
from app.errors import IdempotencyKeyReusedError, QueueFullError
from app.jobs.uploads import place_for
from app.jobs.work import Upload
from app.store import audit, datasets
from geo.errors import InputError, MissingColumnError, NotFoundError, OptionError

router = APIRouter(prefix="/v1/datasets", tags=["datasets"])


@router.post(
    "/{dataset_id}/scores",
    status_code=201,
    response_model=Scored,
    responses=responses(
        NotFoundError, OptionError, InputError, MissingColumnError, IdempotencyKeyReusedError,
        QueueFullError,
    )
    | {202: {"model": ImportStarted, "description": "A large one: follow the job in `Location`."}},
)  # fmt: skip
def score(services: S, caller: C, once: O, dataset_id: str, asked: ScoreRequest) -> Response:
    """Score all accounts by a model: a new dataset, whose `potential` is the score.

    The same dataset and model give the same new dataset. A large one is imported by a job: 202.
    """
    from sales.potential.explain import explain
    from sales.potential.facts import Facts
    from sales.potential.score import score as score_accounts
    from sales.potential.summary import summary_of
    from sales.potential.table import score_table, scored_csv
    from sales.potential.written import model_of

    once.check(services.database)
    model = model_of(asked.model)
    with accounts_of(services, dataset_id) as (dataset, table):
        facts = Facts(table)
        scores = score_accounts(facts, model)
        explained = [explain(facts, scores, account) for account in asked.explain]
        summary = summary_of(facts, scores, model)
        content = scored_csv(table, score_table(table, scores, model))
        # The headers that were named by hand are those of the new file too, but for the potential.
        named = dataset.overrides.get("columns") or {}
        overrides = {f: h for f, h in named.items() if f != "potential" and h}
        about = {"columns": overrides}
        name = f"{dataset.file_name.rpartition('.')[0] or dataset.file_name} scored.csv"
    sha256 = hashlib.sha256(content).hexdigest()
    with place_for(name) as path:
        path.write_bytes(content)
        new = New(datasets.id_of(sha256, about), Upload(name, path, about), sha256)
        with services.database.read() as session:
            known = datasets.find(session, new.id) is not None
        if not known and len(content) > services.settings.sync_upload_mb * 1e6:
            return import_later(services, caller, once, new)
        reading = None if known else services.reader.read(new.upload)
        with once.write(services.database) as session:
            if reading is not None:
                keep(session, caller, new, reading)
            audit.record(
                session, caller.name, "dataset.score", new.id,
                {"from": dataset_id, "accounts": summary.accounts},
            )  # fmt: skip
            made = shown(datasets.get(session, new.id))
            body = Scored(dataset=made, summary=summary, explained=explained)
            return once.answer(session, 201, body, {"Location": f"/v1/datasets/{new.id}"})
