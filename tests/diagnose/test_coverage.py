"""Coverage, win rates, attainment and the reading of histories."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.diagnosis_worlds import World, make
from geo.errors import InputError, MissingColumnError
from sales.diagnose.attainment import attainment, competition, wilson
from sales.diagnose.coverage import concentration, coverage
from sales.diagnose.panel import Histories, Panel, make_panel
from sales.diagnose.periods import kind_of, period_of, relabelled
from sales.diagnose.tables import ACTIVITIES, ALIGNMENT, BOOKINGS, OPPORTUNITIES, read_history
from sales.diagnose.verdicts import Rules


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_concentration_is_none_where_effort_follows_need_and_grows_as_it_narrows() -> None:
    need = np.array([1.0, 2.0, 3.0, 4.0])
    assert concentration(5 * need, need) == pytest.approx(0.0)
    assert concentration(np.array([0.0, 0.0, 0.0, 8.0]), need) == pytest.approx(0.6)
    assert concentration(np.zeros(4), need) == 0.0


def test_a_rep_who_works_the_easy_accounts_only_is_seen_and_nobody_else() -> None:
    panel, _ = make(World(territories=10, accounts=60), 0)
    rows = panel.rows.copy()
    mine = rows["rep"] == "R000"
    small = rows["potential"] < rows["potential"][mine].median()
    rows.loc[mine & ~small, "hours"] = 0.0
    picked = coverage(Panel(rows, panel.today, panel.names, panel.kind, panel.periods, ()), Rules())
    assert picked is not None
    assert {c.rep for c in picked.reps if c.cherry_picking} == {"R000"}
    one = next(c for c in picked.reps if c.rep == "R000")
    assert one.leaves == "large"
    assert one.concentration > one.usual
    assert one.untouched > 0
    alone = rows["key"].isin(["7", "8", "9"])
    rows.loc[alone, "hours"] = 0.0
    nobody = coverage(Panel(rows, panel.today, panel.names, panel.kind, panel.periods, ()), Rules())
    assert nobody is not None
    assert {u.account_id for u in nobody.untouched} == {"7", "8", "9"}
    worth = [u.potential for u in nobody.untouched]
    assert worth == sorted(worth, reverse=True)
    even = coverage(panel, Rules())
    assert even is not None
    assert not any(c.cherry_picking for c in even.reps)


def test_periods_of_days_and_labels() -> None:
    days = pd.Series(pd.to_datetime(["2024-03-31", "2024-07-01", "2024-12-31"]))
    assert list(period_of(days, "half")) == ["2024-H1", "2024-H2", "2024-H2"]
    assert list(period_of(days, "quarter")) == ["2024-Q1", "2024-Q3", "2024-Q4"]
    assert list(period_of(days, "month")) == ["2024-03", "2024-07", "2024-12"]
    labels = pd.Series(["2024-Q1", "2024-Q3"])
    assert kind_of(labels, pd.Series([2, 3]), "a") == "quarter"
    assert list(relabelled(labels, "half")) == ["2024-H1", "2024-H2"]
    with pytest.raises(InputError, match=r"row 3.*'soon' is no period"):
        kind_of(pd.Series(["2024", "soon"]), pd.Series([2, 3]), "a")


def test_what_cannot_be_read_names_row_and_column(tmp_path: Path) -> None:
    bad = write(
        tmp_path / "b.csv", "account_id,close_date,amount\nA,2024-01-02,5\nB,2024-02-02,x\n"
    )
    with pytest.raises(InputError, match=r"b.csv, row 3, column “amount”: 'x' is no amount"):
        read_history(bad, BOOKINGS)
    bad = write(tmp_path / "b.csv", "account_id,close_date,amount\nA,never,5\n")
    with pytest.raises(InputError, match="'never' is no date"):
        read_history(bad, BOOKINGS)
    with pytest.raises(MissingColumnError, match="period"):
        read_history(write(tmp_path / "a.csv", "account_id,hours\nA,5\n"), ACTIVITIES)
    us = write(tmp_path / "u.csv", "Account ID,Close Date,Amount\nA,1/31/2024,$5\n")
    assert read_history(us, BOOKINGS)["date"][0] == pd.Timestamp(2024, 1, 31)


def histories(tmp_path: Path) -> tuple[pd.DataFrame, Histories]:
    accounts = pd.DataFrame({
        "account_id": ["A", "B", "C", "D"], "usable": True, "potential": [100.0, 200.0, 300.0, 0.0],
    })  # fmt: skip
    bookings = write(
        tmp_path / "b.csv",
        "account_id,close_date,amount,rep_id,territory\n"
        "A,2024-02-01,10,R1,North\nB,2024-08-01,40,R2,North\nC,2024-09-01,30,R3,South\n",
    )
    alignment = write(
        tmp_path / "al.csv",
        "account_id,territory_id,territory,rep_id\nA,T1,North,R2\nB,T1,North,R2\nC,T2,South,R3\n",
    )
    deals = write(
        tmp_path / "o.csv",
        "account_id,close_date,stage,reason\nA,2024-02-01,Closed Won,\nA,2024-03-01,Closed Lost,"
        "Competitor\nB,2024-08-01,Closed Won,\nC,2024-09-01,Closed Lost,price\n"
        "C,2024-09-02,Open,\n",
    )
    return accounts, Histories(
        read_history(bookings, BOOKINGS), read_history(alignment, ALIGNMENT), None,
        read_history(deals, OPPORTUNITIES), None, {}, {}, "half",
    )  # fmt: skip


def test_who_held_a_territory_is_seen_by_who_booked_there(tmp_path: Path) -> None:
    panel = make_panel(*histories(tmp_path))
    rows = panel.rows.set_index(["account_id", "period"])
    assert rows["rep"]["A", "2024-H1"] == "R1"
    assert rows["rep"]["B", "2024-H1"] == "R1"  # nothing booked, but R1 had the territory then
    assert rows["rep"]["B", "2024-H2"] == "R2"
    assert rows["rep"]["C", "2024-H1"] == "R3"
    assert rows["base"]["C", "2024-H1"] == 150.0
    assert panel.periods == ("2024-H1", "2024-H2")


def test_attainment_and_win_rate_by_territory(tmp_path: Path) -> None:
    accounts, given = histories(tmp_path)
    panel = make_panel(accounts, given)
    north, south = attainment(panel, given.opportunities)
    assert (north.territory, north.name, north.rep) == ("T1", "North", "R2")
    assert (north.booked, south.booked) == (50.0, 30.0)
    assert north.share == pytest.approx((50 / 300) / (80 / 600))
    assert north.decided == 3
    assert north.win_rate == pytest.approx(2 / 3)
    assert north.lost_to_competitors == pytest.approx(1 / 3)
    assert (south.decided, south.win_rate) == (1, 0.0)
    assert math.isnan(north.attainment)
    rivals = competition(panel, given.opportunities)
    assert rivals is not None
    assert rivals["T1"] > rivals["T2"]


def test_the_interval_of_a_rate_is_wilsons() -> None:
    from statsmodels.stats.proportion import proportion_confint

    assert wilson(7, 20) == pytest.approx(proportion_confint(7, 20, 0.1, method="wilson"), abs=1e-4)
    assert wilson(0, 10)[0] == 0.0
