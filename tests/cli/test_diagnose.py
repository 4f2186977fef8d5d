"""`bailiwick diagnose` and `review`: what they print, and with which status they end."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from geo.errors import InputError, OptionError
from tests.service.real_plan import accounts_csv, real_files
from tests.service.test_diagnoses_api import histories

RUN = CliRunner()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    given = histories() | {"accounts": accounts_csv()}
    for name, data in given.items():
        (tmp_path / f"{name}.csv").write_bytes(data)
    rest = [[f"--{n}", str(tmp_path / f"{n}.csv")] for n in ("bookings", "alignment")]
    return ["diagnose", str(tmp_path / "accounts.csv"), *rest[0], *rest[1], "--period", "half"]


def test_diagnose_prints_verdicts_and_draws_effects(files: list[str], tmp_path: Path) -> None:
    picture = tmp_path / "effects.svg"
    found = RUN.invoke(cli, [*files, "--plot", str(picture)], catch_exceptions=False)
    assert found.exit_code == 0
    assert "booked in 2025-H1 to 2025-H2 by 2 reps in 2 territories" in found.stdout
    assert "at most 5% of cases" in found.stdout
    assert "<svg" in picture.read_text()
    whole = json.loads(RUN.invoke(cli, [*files, "--json"]).stdout)
    assert {t["territory"] for t in whole["territories"]} == {"T0", "T1"}


def test_unusable_options_are_told(files: list[str]) -> None:
    for extra in (["--alpha", "5"], ["--period", "week"], ["--plot", "x.gif"]):
        with pytest.raises(OptionError):
            RUN.invoke(cli, [*files, *extra], catch_exceptions=False)


def test_review_is_silent_or_ends_with_3(tmp_path: Path) -> None:
    for name, content in real_files().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "reps.csv").write_text("rep_id,name,capacity\nAnn,Ann,1\n")
    (tmp_path / "t.toml").write_text("headcont = 1\n")
    base = ["review", str(tmp_path), "--since", "2026-01-01", "--today"]
    calm = RUN.invoke(cli, [*base, "2026-02-01"], catch_exceptions=False)
    assert calm.exit_code == 0
    assert "No alerts on 2026-02-01; looked at age" in calm.stdout
    late = RUN.invoke(cli, [*base, "2027-02-01", "--json"], catch_exceptions=False)
    assert late.exit_code == 3
    assert [a["kind"] for a in json.loads(late.stdout)["alerts"]] == ["time"]
    with pytest.raises(OptionError, match="is after"):
        RUN.invoke(cli, [*base, "2025-02-01"], catch_exceptions=False)
    with pytest.raises(InputError, match="no key 'headcont'"):
        RUN.invoke(
            cli, [*base, "2026-02-01", "--thresholds", str(tmp_path / "t.toml")],
            catch_exceptions=False,
        )  # fmt: skip
