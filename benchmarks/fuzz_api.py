"""Schemathesis, all phases, over the whole API of a running service: `make fuzz`.

Prints the report, the number of cases and of failures; status 1 where there are failures. Without
`--url` it serves a new SQLite database of its own.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from app.store import migrate
from app.store.database import Database
from tests.service.fuzz import fuzz
from tests.service.keyed import new_key
from tests.service.made_up import keep_plan
from tests.service.test_served import free_port, served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="per operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default="", help="another than a new SQLite file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = asked.database_url or f"sqlite:///{Path(directory) / 'fuzz.db'}"
        database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
        migrate.upgrade(database)
        keep_plan(database)
        key = new_key(database, "admin")
        database.close()
        with served(url, free_port()) as (_, address):
            outcome = fuzz(address, examples=asked.examples, seed=asked.seed, key=key)
    print(outcome.report)
    print(f"{outcome.cases:,} cases, {outcome.failures:,} failures")
    sys.exit(1 if outcome.failures else 0)


if __name__ == "__main__":
    main()
