"""Kill the API and the workers at random instants over import, design and publish; count the harm.

    python -m benchmarks.chaos DATABASE_URL [--kills 100] [--seed 0]

The database must be new and empty. What is lost, torn, duplicated or damaged must be 0 each.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.chaos.rounds import run


def main() -> None:
    """Read the arguments, run, print one JSON document; exit 1 where harm was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    log = Path(tempfile.mkdtemp(prefix="chaos-")) / "processes.log"
    print(f"what the processes say is in {log}", file=sys.stderr)
    harm = run(asked.database_url, kills=asked.kills, seed=asked.seed, log=log, say=_say)
    print(json.dumps(harm.summary(), indent=1))
    sys.exit(1 if harm.any() else 0)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
