from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app.errors import PlanNotReadyError, PreconditionFailedError
from app.store import datasets, jobs, plans, publications
from app.store.database import Database
from app.store.tables import Assignment, Publication
from geo.errors import ConflictError
from tests.service.made_up import ACCOUNTS, keep_dataset, keep_job, keep_plan, plan_files


def test_the_same_upload_kept_twice_is_one_dataset(database: Database) -> None:
    assert keep_dataset(database) == keep_dataset(database)
    with database.read() as session:
        (dataset,) = datasets.newest(session, limit=10)
    assert dataset.account_count == 4


def test_an_id_depends_on_bytes_and_columns_and_nothing_else() -> None:
    same = datasets.id_of("ab", {"columns": {"x": "1", "y": "2"}})
    assert same == datasets.id_of("ab", {"columns": {"y": "2", "x": "1"}})
    assert same != datasets.id_of("ac", {"columns": {"x": "1", "y": "2"}})
    assert same != datasets.id_of("ab", {"columns": {"x": "1"}})


def test_pages_of_a_table_join_to_the_whole_across_row_groups() -> None:
    import pandas as pd

    n = datasets.ROWS_PER_GROUP * 2 + 7
    parquet = datasets.to_parquet(pd.DataFrame({"i": range(n)}))
    seen: list[int] = []
    while True:
        rows, total = datasets.page_of(parquet, len(seen), 3_333)
        assert total == n
        if not rows:
            break
        seen += [row["i"] for row in rows]
    assert seen == list(range(n))


def test_assignments_keep_the_text_and_the_order_of_the_file(database: Database) -> None:
    plan_id = keep_plan(database)
    with database.read() as session:
        rows = plans.assignments(session, plan_id, 1, after=-1, limit=10)
    assert [row.account_id for row in rows] == list(ACCOUNTS)
    assert rows[-1].territory_id == ""
    assert rows[-1].lat is None


def test_a_plan_that_cannot_be_kept_whole_is_not_kept_at_all(database: Database) -> None:
    dataset_id = keep_dataset(database)
    files = plan_files() | {"assignments.csv": b"account_id\nbroken\n"}
    with pytest.raises(KeyError), database.write() as session:
        plans.add(session, plan_id="pl_x", dataset_id=dataset_id, name="x", request={}, files=files)
    with database.read() as session:
        assert plans.newest(session, limit=10) == []
        assert plans.files(session, "pl_x", 1) == {}
        assert session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 0


def test_publishing_archives_the_former_plan_and_leaves_a_trail(database: Database) -> None:
    old, new = keep_plan(database, name="old"), keep_plan(database, name="new")
    for plan_id in (old, new):
        with database.write() as session:
            publications.publish(session, plan_id, '"1-draft"', actor="test")
    with database.read() as session:
        assert plans.get(session, old).state == "archived"
        in_force = plans.in_force(session)
        trail = session.scalars(sa.select(Publication).order_by(Publication.id)).all()
    assert in_force is not None
    assert in_force.id == new
    assert [(t.plan_id, t.former_plan_id) for t in trail] == [(old, None), (new, old)]


def test_a_stale_entity_tag_changes_nothing(database: Database) -> None:
    plan_id = keep_plan(database)
    with pytest.raises(PreconditionFailedError), database.write() as session:
        publications.publish(session, plan_id, '"2-draft"', actor="test")
    with database.read() as session:
        assert plans.get(session, plan_id).state == "draft"


def test_of_plans_published_at_once_exactly_one_is_in_force(database: Database) -> None:
    ids = [keep_plan(database, name=str(i)) for i in range(6)]

    def publish(plan_id: str) -> bool:
        try:
            with database.write() as session:
                publications.publish(session, plan_id, "*", actor="test")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(publish, ids))
    with database.read() as session:
        states = sorted(plan.state for plan in plans.newest(session, limit=10))
    assert any(outcomes)
    assert states.count("published") == 1
    assert states.count("archived") == sum(outcomes) - 1


def test_without_a_published_plan_the_newest_answers(database: Database) -> None:
    with database.read() as session:
        assert plans.in_force(session) is None
    keep_plan(database, name="first")
    second = keep_plan(database, name="second")
    with database.read() as session:
        plan = plans.in_force(session)
    assert plan is not None
    assert plan.id == second


def test_a_plan_being_made_is_not_ready_rather_than_unknown(database: Database) -> None:
    job_id, plan_id = keep_job(database)
    with database.read() as session, pytest.raises(PlanNotReadyError) as caught:
        plans.get(session, plan_id)
    assert job_id in caught.value.hint


def test_each_waiting_job_goes_to_one_worker(database: Database) -> None:
    wanted = {keep_job(database)[0] for _ in range(8)}

    def claim(worker: int) -> str | None:
        with database.write() as session:
            job = jobs.claim(session, f"w{worker}", lease_s=30, attempts=3)
        return job.id if job else None

    with ThreadPoolExecutor(8) as pool:
        taken = [job for job in pool.map(claim, range(12)) if job]
    assert len(taken) == len(set(taken))
    rest = iter(lambda: claim(99), None)
    assert {*taken, *rest} == wanted


def test_many_writers_at_once_all_get_through(database: Database) -> None:
    job_id, _ = keep_job(database)
    with database.write() as session:
        jobs.claim(session, "w", lease_s=30, attempts=3)

    def beat(i: int) -> bool | None:
        with database.write() as session:
            return jobs.beat(session, job_id, "w", progress={"fraction": i / 200})

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(beat, range(200))) == [False] * 200


def test_a_reader_sees_one_moment(database: Database) -> None:
    keep_plan(database)
    with database.read() as session:
        assert len(plans.newest(session, limit=10)) == 1
        keep_plan(database)
        assert len(plans.newest(session, limit=10)) == 1
    with database.read() as session:
        assert len(plans.newest(session, limit=10)) == 2
