"""Schemathesis over the whole API of a service that runs: all phases, seeded."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Outcome:
    """How many cases were sent, how many distinct failures they found, and the whole report."""

    cases: int
    failures: int
    report: str


def fuzz(url: str, *, examples: int, seed: int, key: str, seconds: int | None = None) -> Outcome:
    """Ask the service everything that its description allows, and much that it does not.

    With an admin's `key`, since some of what is asked makes keys.
    """
    limit = [] if seconds is None else ["--max-time", str(seconds)]
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run",
        f"{url}/openapi.json", "--phases", "examples,coverage,fuzzing,stateful",
        "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure",
        "--no-color", "-H", f"Authorization: Bearer {key}", *limit,
    ]  # fmt: skip
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True,
        env=os.environ | {"COLUMNS": "120", "SCHEMATHESIS_HOOKS": "tests.service.fuzz_hooks",
                          "PYTHONPATH": str(ROOT), "FUZZ_KEY": key},
    )  # fmt: skip
    report = ended.stdout + ended.stderr
    cases = re.search(r"([\d,]+) generated", report)
    failures = re.search(r"([\d,]+) unique failures?", report)
    assert cases is not None, report
    assert "returned only 401" not in report, report  # it would have found nothing
    found = _number(failures.group(1)) if failures else 0
    assert (ended.returncode == 0) == (found == 0), report
    return Outcome(_number(cases.group(1)), found, report)


def _number(text: str) -> int:
    return int(text.replace(",", ""))
