"""Drift: silence on unchanged data, an alert with figures for each thing that moved."""

from datetime import date
from pathlib import Path

import pytest

from geo.errors import InputError
from geo.geocode import default_geocoder
from sales.accounts import read_accounts
from sales.accounts.types import AccountTable
from sales.design import design
from sales.drift.alerts import Where
from sales.drift.review import Now, Review, review
from sales.drift.thresholds import Thresholds, read_thresholds
from sales.inputs import read_input
from sales.plan import PlanBundle
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep

SINCE, SOON = date(2026, 1, 15), date(2026, 3, 1)
REPS = tuple(Rep(f"R{i}", f"Rep {i}", 1.0) for i in range(5))
LIMITS = Thresholds(least_accounts=10)


def rows(count: int = 80) -> list[list[str]]:
    made = []
    for i in range(count):
        lat, lng = 53.3 + (i % 9) * 0.06, 9.6 + (i // 9) * 0.09
        kind = ("Retail", "Energy")[i % 2]
        made.append([f"A{i:02d}", kind, f"{lat:.4f}", f"{lng:.4f}", str(20 + i * 7 % 60)])
    return made


def table(path: Path, made: list[list[str]]) -> AccountTable:
    lines = ["account_id,industry,latitude,longitude,potential", *[",".join(r) for r in made]]
    path.write_text("\n".join(lines) + "\n")
    return read_accounts(path)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[PlanBundle, AccountTable]:
    path = tmp_path_factory.mktemp("plan") / "accounts.csv"
    before = table(path, rows())
    wish = DesignRequest(
        reps=REPS, balance=(BalanceGoal("potential", 0.1),), resolution=6, seed=0, effort="quick"
    )
    return design(read_input(path), wish, geocoder=default_geocoder()), before


def look(
    planned: tuple[PlanBundle, AccountTable], accounts: AccountTable | None = None,
    reps: tuple[Rep, ...] = REPS, today: date = SOON, limits: Thresholds = LIMITS,
) -> Review:  # fmt: skip
    bundle, before = planned
    return review(
        bundle, Now(today, SINCE, accounts or before, before, reps), limits,
        Where("plan", "new.csv", "reps.csv"), default_geocoder(),
    )  # fmt: skip


def test_unchanged_data_gives_no_alert(planned: tuple[PlanBundle, AccountTable]) -> None:
    found = look(planned)
    assert found.alerts == ()
    assert found.accounts["new"] == found.accounts["gone"] == 0
    assert found.looked == (
        "age", "headcount", "balance", "density and value by segment, industry",
    )  # fmt: skip
    assert found.not_looked == ()


def test_row_order_changes_nothing(
    planned: tuple[PlanBundle, AccountTable], tmp_path: Path
) -> None:
    made = rows()
    made[3][4] = "900"
    one = look(planned, table(tmp_path / "a.csv", made))
    other = look(planned, table(tmp_path / "b.csv", made[::-1]))
    assert one.alerts == other.alerts
    assert one.alerts


@pytest.mark.parametrize(
    ("today", "level", "months"),
    [
        (date(2026, 4, 14), None, 0), (date(2026, 4, 15), "watch", 3),
        (date(2027, 1, 14), "watch", 11), (date(2027, 1, 15), "act", 12),
    ],
)  # fmt: skip
def test_a_quarter_and_a_year(
    planned: tuple[PlanBundle, AccountTable], today: date, level: str | None, months: int
) -> None:
    found = look(planned, today=today).alerts
    assert [(a.level, a.now) for a in found] == ([(level, months)] if level else [])


def test_headcount_and_territories_without_a_rep(planned: tuple[PlanBundle, AccountTable]) -> None:
    found = look(planned, reps=REPS[:4]).alerts
    head = next(a for a in found if a.kind == "headcount")
    assert (head.level, head.then, head.now, head.threshold) == ("act", 5, 4, 0.2)
    assert head.change == pytest.approx(-0.2)
    assert "--reps reps.csv" in head.command
    assert [a.kind for a in found].count("vacancy") == 1
    loose = Thresholds(headcount_watch=0.15, headcount_act=0.5)
    watch = [a for a in look(planned, reps=REPS[:4], limits=loose).alerts if a.kind == "headcount"]
    assert [(a.level, a.threshold) for a in watch] == [("watch", 0.15)]
    more = (*REPS, Rep("R9", "New", 1.0))
    assert [a.kind for a in look(planned, reps=more).alerts] == ["headcount"]


def test_balance_that_left_tolerance_says_then_and_now(
    planned: tuple[PlanBundle, AccountTable], tmp_path: Path
) -> None:
    made = rows()
    made[3][4] = "900"
    found = [
        a for a in look(planned, table(tmp_path / "a.csv", made)).alerts if a.kind == "balance"
    ]
    bundle = planned[0]
    own = bundle.assignments.set_index("account_id")["territory_id"]["A03"]
    worst = found[0]
    assert worst.about == own
    assert worst.now > worst.threshold == 0.1
    assert worst.then is not None
    assert abs(worst.then) <= 0.1
    assert "--incumbent plan" in worst.command


def test_segments_that_grew_or_lost_value(
    planned: tuple[PlanBundle, AccountTable], tmp_path: Path
) -> None:
    made = rows()
    fresh = [[f"N{i}", "Energy", *made[i][2:]] for i in range(12)]
    found = look(planned, table(tmp_path / "a.csv", made + fresh))
    density = [a for a in found.alerts if a.kind == "density"]
    assert [(a.about, a.then, a.now) for a in density] == [("industry Energy", 40, 52)]
    assert density[0].change == pytest.approx(0.3)
    assert found.accounts["new"] == 12
    assert found.accounts["without_territory"] == 0  # new ones fall to the territory of their place
    poor = [[*r[:4], str(float(r[4]) / 2)] if r[1] == "Retail" else r for r in made]
    value = [a for a in look(planned, table(tmp_path / "b.csv", poor)).alerts if a.kind == "value"]
    assert [a.about for a in value if a.about.startswith("industry")] == ["industry Retail"]
    assert value[0].change < 0


def test_thresholds_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('headcount_watch = 0.1\nsegments = ["industry", "Type"]\n')
    assert read_thresholds(path) == Thresholds(headcount_watch=0.1, segments=("industry", "Type"))
    for text, told in (
        ("headcount = 0.1\n", "no key 'headcount'"), ("density = -1\n", "key 'density'"),
        ("quarter_months = 1.5\n", "a whole number"), ("density = true\n", "a fraction"),
        ("headcount_watch = 0.5\n", "above headcount_act"), ("a = [\n", "TOML"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(InputError, match=told):
            read_thresholds(path)
