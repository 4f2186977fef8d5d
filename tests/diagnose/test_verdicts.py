"""Planted effects are found, noise accuses nobody, and what cannot be told is not told."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks.diagnosis_worlds import World, make
from geo.errors import InputError
from sales.diagnose.blame import Blame, blame
from sales.diagnose.panel import Panel
from sales.diagnose.verdicts import Rules, discoveries


def judged(world: World, seed: int, rules: Rules | None = None) -> Blame:
    return blame(make(world, seed)[0], rules or Rules())


def test_noise_accuses_nobody_at_the_stated_rate() -> None:
    """All reps and territories equal: anybody named in at most 5 % of diagnoses."""
    runs = 20
    world = World(territories=8, accounts=30)
    alarms = sum(any(e.named for e in judged(world, seed).effects) for seed in range(runs))
    # refuse if so many alarms are less likely than 1 in 1,000 at a rate of 5 %
    assert stats.binom.sf(alarms - 1, runs, 0.05) > 0.001
    assert alarms <= 4


@pytest.mark.parametrize(("size", "least"), [(-0.8, 4), (0.8, 4)])
def test_a_rep_who_stands_apart_among_equals_is_named_and_nobody_else(
    size: float, least: int
) -> None:
    world = World(territories=12, accounts=50, culprit=size)
    found = [judged(world, seed) for seed in range(5)]
    hits = [e for b in found for e in b.effects if e.named]
    assert sum(e.id == "R000" for e in hits) >= least
    assert sum(e.id != "R000" for e in hits) <= 2
    assert all(math.log(e.factor) * size > 0 for e in hits if e.id == "R000")


def test_planted_effects_are_recovered_with_intervals_that_hold_them() -> None:
    world = World(territories=20, accounts=80, rep=0.3, territory=0.25)
    inside, pairs = [], []
    for seed in range(3):
        panel, truth = make(world, seed)
        for effect in blame(panel, Rules()).effects:
            planted = (truth.rep if effect.kind == "rep" else truth.territory)[effect.id]
            inside.append(effect.low <= math.exp(planted) <= effect.high)
            pairs.append((planted, math.log(effect.factor)))
            if effect.named:
                assert planted * math.log(effect.factor) > 0
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.75
    assert 0.8 < np.mean(inside) < 0.99  # of 120 intervals of 90 %, correlated within a world


def test_where_nothing_changed_hands_nobody_is_named_however_large_the_effects() -> None:
    found = judged(World(territories=16, accounts=60, rep=0.8, territory=0.8, rotated=0), 1)
    assert {j.verdict for j in found.judged} == {"cannot tell yet"}
    assert not any(e.named for e in found.effects)
    assert all("no territory that another" in e.why for e in found.effects if e.kind == "rep")
    # though what both bring together is known
    assert any(j.high < 0.8 for j in found.judged)


def test_only_those_who_changed_hands_can_be_named() -> None:
    world = World(territories=20, accounts=80, rep=0.6, territory=0.6, rotated=0.5)
    found = judged(world, 4)
    swapped = {f"R{i:03d}" for i in range(10)} | {f"T{i:03d}" for i in range(10)}
    assert {e.id for e in found.effects if e.told > 0} == swapped
    named = {e.id for e in found.effects if e.named}
    assert named
    assert named <= swapped


def test_more_looks_ask_for_more() -> None:
    world = World(territories=16, accounts=60, rep=0.6, territory=0.6)
    panel, _ = make(world, 8)
    once, often = (
        {e.id for e in blame(panel, Rules(looks=n)).effects if e.named} for n in (1, 1_000_000)
    )
    assert often < once


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 1000))
def test_order_and_names_of_accounts_change_nothing(seed: int) -> None:
    panel, _ = make(World(territories=8, accounts=30, rep=0.3, territory=0.3), 1)
    rng = np.random.default_rng(seed)
    rows = panel.rows.sample(frac=1.0, random_state=rng).reset_index(drop=True)
    rows["key"] = "x" + rows["key"]
    today = panel.today.sample(frac=1.0, random_state=rng)
    other = blame(Panel(rows, today, panel.names, panel.kind, panel.periods, panel.notes), Rules())
    own = blame(panel, Rules())
    assert [e.id for e in other.effects] == [e.id for e in own.effects]
    assert [e.factor for e in other.effects] == pytest.approx([e.factor for e in own.effects])
    assert [j.verdict for j in other.judged] == [j.verdict for j in own.judged]


def test_the_step_up_is_benjamini_and_hochbergs() -> None:
    p = np.array([0.001, 0.045, 0.012, 0.9, 0.0001])
    every = np.ones(5, dtype=bool)
    assert discoveries(p, every, 0.05).tolist() == [True, False, True, False, True]
    assert not discoveries(p, ~every, 0.05).any()
    some = np.array([False, True, False, False, False])
    assert discoveries(p, some, 0.05).tolist() == some.tolist()


def test_too_few_deals_are_said() -> None:
    panel, _ = make(World(territories=4, accounts=5), 0)
    with pytest.raises(InputError, match="deals in a territory"):
        blame(panel, Rules(least_deals=50))
    few = panel.rows.copy()
    few.loc[few["territory"] == "T000", ["booked", "deals"]] = 0.0
    found = blame(
        Panel(few, panel.today, panel.names, panel.kind, panel.periods, ()), Rules(least_deals=3)
    )
    assert "T000" in found.notes[0]
    assert "T000" not in {j.territory for j in found.judged}
    assert isinstance(few, pd.DataFrame)
