"""`design --segments` and `audit` as their user runs them."""

from pathlib import Path

import pytest

from tests.cli.made_up import Run, write_csv
from tests.segments.made_up import MODEL, rows, write


@pytest.fixture
def company(tmp_path: Path) -> Path:
    (tmp_path / "model.toml").write_text(MODEL, encoding="utf-8")
    return write(tmp_path / "company.csv", rows())


def test_designed_audited_verified_routed(run: Run, company: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    model = tmp_path / "model.toml"
    ran = run("design", company, "--segments", model, "--effort", "quick", "--out", out, "--json")
    assert ran.code == 0, ran.err
    said = ran.document()
    assert said["accounts"] == said["assigned"] == 90
    assert [s["id"] for s in said["segments"]] == ["named", "large", "health", "rest"]
    assert (out / "model.toml").read_text(encoding="utf-8") == MODEL
    audited = run("audit", out)
    assert audited.code == 0
    assert "Every account has a territory." in audited.out
    assert "FALSE" not in audited.out
    assert run("verify", out).code == 0
    assert run("verify", out / "segments" / "large").code == 0
    assert run("diff", out, out).code == 0
    # One account of the large ones is given to the others: found, and named.
    table = (out / "assignments.csv").read_text(encoding="utf-8")
    line = next(text for text in table.splitlines() if ",large," in text)
    (out / "assignments.csv").write_text(
        table.replace(line, line.replace(",large,", ",rest,")), encoding="utf-8"
    )
    again = run("audit", out, "--json")
    assert again.code == 1
    wrong = [f for f in again.document()["findings"] if not f["true"]]
    assert line.split(",")[0] in wrong[0]["detail"]
    assert run("verify", out).code == 1


def test_who_could_not_be_placed_is_listed_with_the_remedy(
    run: Run, company: Path, tmp_path: Path
) -> None:
    some = rows()
    some[1] |= {"Latitude": "", "Longitude": "", "City": "", "Employees": 1}
    write(company, some)
    (tmp_path / "model.toml").write_text(
        '[[segments]]\nid = "large"\nwhere = { employees = { min = 200 } }\n'
        '[[segments]]\nid = "small"\nwhere = { employees = { below = 150 } }\nterritories = 2\n'
        'balance = "potential:0.5"\n',
        encoding="utf-8",
    )
    roster = write_csv(
        tmp_path / "reps.csv",
        [
            {"rep_id": "a", "name": "Ann", "segment": "large", "capacity": 1},
            {"rep_id": "b", "name": "Bo", "segment": "large", "capacity": 1},
            {"rep_id": "c", "name": "Cy", "segment": "", "capacity": 1},
        ],
    )
    model, out = tmp_path / "model.toml", tmp_path / "plan"
    ran = run("design", company, "--segments", model, "--reps", roster, "--effort", "quick",
              "--balance", "potential:0.3", "--out", out)  # fmt: skip
    assert ran.code == 0, ran.err
    audited = run("audit", out, "--json").document()
    assert audited["true"]
    left = {line["account_id"]: line for line in audited["unplaced"]}
    assert left["A001"]["segment"] == "small"
    between = [line for line in left.values() if not line["segment"]]
    assert between
    assert all("employees" in line["hint"] for line in between)
    review = (out / "review.csv").read_text(encoding="utf-8")
    assert "rep_without_segment" in review


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--territories", 3], "--territories"),
        (["--capacity", 3], "--capacity"),
    ],
)
def test_options_of_one_geography_are_refused(
    run: Run, company: Path, tmp_path: Path, options: list[object], said: str
) -> None:
    model = tmp_path / "model.toml"
    ran = run("design", company, "--segments", model, *options, "--out", tmp_path / "plan")
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[segments]]\nid = "x"\nrest = true\n', "neither territories nor reps"),
        ('[[segments]]\nid = "x"\nwhere = { employees = { min = 5000 } }\nterritories = 2\n',
         "no account belongs to it"),
        ('[[segments]]\nid = "x"\nwhere = { Size = "L" }\nterritories = 2\n', "no column 'Size'"),
        ('[[segments]]\nid = "x"\ncover = "list"\naccounts = ["A001"]\nterritories = 2\n',
         "too few"),
    ],
)  # fmt: skip
def test_an_unusable_model_writes_nothing(
    run: Run, company: Path, tmp_path: Path, text: str, said: str
) -> None:
    model = tmp_path / "model.toml"
    model.write_text(text, encoding="utf-8")
    ran = run("design", company, "--segments", model, "--out", tmp_path / "plan")
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "plan").exists()


def test_a_plan_without_segments_is_for_verify(run: Run, accounts: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    assert run("design", accounts, "--territories", 2, "--effort", "quick", "--out", out).code in (
        0,
        3,
    )
    ran = run("audit", out)
    assert ran.code == 2
    assert "no segments" in ran.err
