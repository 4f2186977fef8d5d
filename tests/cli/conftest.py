"""The command in this process, and the inputs that most tests start from."""

import sys
from pathlib import Path

import pytest

from app.cli import main
from tests.cli.made_up import Ran, Run, some_accounts, write_csv


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `bailiwick` in this process."""

    def command(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["bailiwick", *map(str, words)])
        code = 0
        try:
            main.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return command


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "accounts.csv", some_accounts())


@pytest.fixture
def reps(tmp_path: Path) -> Path:
    """Three reps: the second one works half, each lives on another side of the city."""
    return write_csv(
        tmp_path / "reps.csv",
        [
            {"rep_id": "ann", "name": "Ann", "capacity": 1, "latitude": 48.4, "longitude": 11.6},
            {"rep_id": "bo", "name": "Bo", "capacity": 0.5, "latitude": 48.0, "longitude": 11.2},
            {"rep_id": "cy", "name": "Cy", "capacity": 1, "latitude": 48.0, "longitude": 12.0},
        ],
    )
