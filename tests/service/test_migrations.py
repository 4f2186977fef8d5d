import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.errors import UnavailableError
from app.settings import Settings
from app.store import migrate
from app.store.database import Database
from app.store.tables import Base


def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest() != ""


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnavailableError, match="9999"):
        migrate.upgrade(database)


def test_two_services_may_start_on_an_empty_database_at_once(settings: Settings) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first, second = Database(settings.url), Database(settings.url)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate.upgrade, (first, second)))
    assert migrate.current(first) == migrate.newest()
    first.close()
    second.close()
