"""All that the description of the API allows, and much that it does not, on both databases."""

import re

from tests.service.fuzz import fuzz
from tests.service.keyed import new_key
from tests.service.made_up import keep_plan
from tests.service.test_served import free_port, served

from app.store.database import Database  # isort: skip


def test_schemathesis_finds_nothing(database: Database) -> None:
    keep_plan(database)
    key = new_key(database, "admin")
    url = database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with served(url, free_port()) as (_, address):
        outcome = fuzz(address, examples=3, seed=1, key=key, seconds=30)
    assert outcome.failures == 0, outcome.report
    # How many cases there are depends on the machine; that each operation was asked does not.
    tested = re.search(r"Selected: (\d+)/\1\s+Tested: (\d+)", outcome.report)
    assert tested is not None, outcome.report
    assert tested.group(1) == tested.group(2), outcome.report
