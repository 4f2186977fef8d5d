from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import MissingColumnError, NotFoundError, OptionError
from sales.potential.explain import Explanation, explain
from sales.potential.score import combined_sd, score
from sales.potential.written import model_of
from tests.potential.made import facts

MODEL: dict[str, Any] = {
    "deal": {
        "base": 1000,
        "by": [
            {"column": "employees",
             "bands": [{"below": 20, "factor": 0.5}, {"below": 200, "factor": 1}, {"factor": 4}]},
            {"column": "revenue", "power": 0.5, "at": 1e6, "otherwise": 0.8},
        ],
    },
    "propensity": {
        "base": 0.25,
        "by": [{"column": "industry", "values": {"Tech": 2.0}, "otherwise": 0.5}],
    },
    "growth": {"base": 1.1},
    "fit": {
        "low": 0.5, "high": 1.5,
        "criteria": [
            {"column": "Tier", "weight": 3, "values": {"gold": 1.0}},
            {"column": "employees", "weight": 1, "bands": [{"below": 50, "factor": 0},
                                                            {"factor": 1}]},
        ],
    },
    "pipeline": {"column": "pipeline", "win_rate": 0.3, "sd": 0.5},
    "error": {"account": 0.4},
}  # fmt: skip


def test_a_score_computed_by_hand() -> None:
    company = facts(
        {"employees": [100, 10], "revenue": [4e6, 0.0], "industry": ["tech", "Farm"],
         "pipeline": [1000, 0]},
        Tier=["Gold", ""],
    )  # fmt: skip
    found = score(company, model_of(MODEL))
    # 1000·1·√4 · 0.25·2 · 1.1 · (0.5 + 1·1) + 0.3·1000, and 1000·0.5·0.8 · 0.25·0.5 · 1.1 · 0.5
    assert found.potential == pytest.approx([2000 * 0.5 * 1.1 * 1.5 + 300, 400 * 0.125 * 1.1 * 0.5])
    assert found.fit is not None
    assert found.fit.tolist() == [1.0, 0.0]
    assert found.sd[0] == pytest.approx(np.hypot(0.4 * 1950.0, 0.5 * 300.0))
    assert found.chance() == pytest.approx([0.5, 0.125])


def test_errors_of_independent_factors_combine() -> None:
    assert combined_sd([0.3, 0.4]) == pytest.approx(np.sqrt(1.09 * 1.16 - 1.0))


def test_odds_become_a_chance() -> None:
    model = model_of({"deal": {"base": 1}, "propensity": {"base": 3.0, "odds": True}})
    assert score(facts({"employees": [1]}), model).potential.tolist() == [0.75]


def reproduced(reason: Explanation) -> float:
    """The potential again, from nothing but the lines of the explanation."""
    whole = 0.0
    for part in reason.parts:
        product = None
        for term in part.terms:
            if term.rule != "points":
                value, limits = None, [f for f in term.factors if f.label == "limit"]
                for line in term.factors:
                    if line.label != "limit":
                        value = line.factor if value is None else value * line.factor
                assert value is not None
                value = value / (1.0 + value) if term.rule == "odds" else value
                for limit in limits:
                    value *= limit.factor
                assert value == term.value
            product = term.value if product is None else product * term.value
        assert product == part.value
        assert product is not None
        whole += product
    return whole


amounts = st.floats(0.0, 1e9)


@given(
    rows=st.lists(
        st.tuples(amounts, amounts, st.sampled_from(["tech", "farm", ""]), amounts),
        min_size=1, max_size=5,
    ),
    base=st.floats(0.0, 50.0),
    odds=st.booleans(),
    most=st.floats(0.05, 1.0),
)  # fmt: skip
def test_the_factors_reproduce_the_score_to_the_last_bit(
    rows: list[tuple[float, float, str, float]], base: float, odds: bool, most: float
) -> None:
    employees, revenue, industry, pipeline = zip(*rows, strict=True)
    company = facts(
        {"employees": employees, "revenue": revenue, "industry": industry, "pipeline": pipeline},
        Tier=["gold"] * len(rows),
    )
    model = model_of(
        MODEL | {"propensity": MODEL["propensity"] | {"base": base, "odds": odds, "most": most}}
    )
    found = score(company, model)
    for at in range(len(rows)):
        reason = explain(company, found, f"A{at}")
        assert reason.potential == found.potential[at] == reproduced(reason)


@given(st.lists(amounts, min_size=2, max_size=20))
def test_more_revenue_is_never_less_potential(revenue: list[float]) -> None:
    rules = {"deal": {"base": 5, "by": [
        {"column": "revenue", "power": 0.7, "at": 100.0, "least": 1.0, "most": 1e6,
         "otherwise": 0.0},
    ]}}  # fmt: skip
    found = score(facts({"revenue": revenue}), model_of(rules)).potential
    assert (np.diff(found[np.argsort(revenue, kind="stable")]) >= 0.0).all()


def test_columns_that_do_not_fit_are_refused() -> None:
    company = facts({"employees": [1]}, Tier=["gold"])
    with pytest.raises(MissingColumnError, match="“Turnover”"):
        score(company, model_of({"deal": {"base": 1, "by": [{"column": "Turnover", "power": 1}]}}))
    with pytest.raises(OptionError, match="holds text"):
        score(company, model_of({"deal": {"base": 1, "by": [{"column": "Tier", "power": 1}]}}))
    with pytest.raises(OptionError, match="too large"):
        score(
            facts({"employees": [1e200]}),
            model_of({"deal": {"base": 1, "by": [{"column": "employees", "power": 9}]}}),
        )
    with pytest.raises(NotFoundError):
        explain(company, score(company, model_of({"deal": {"base": 1}})), "B7")
